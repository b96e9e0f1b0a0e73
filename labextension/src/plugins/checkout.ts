import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { folderIcon } from '@jupyterlab/ui-components';

import { OperationWatch } from '../checkout/watch';
import { ARGS, CommandIDs, DOMAIN } from '../commands';
import { reporting } from '../reporting';
import { IHealthModel } from '../tokens';

/** Adds the commands that change checkouts, and shows how they go. */
export const checkoutPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:checkout',
  description: 'Checks out system tests, and restores what was there.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator, IDocumentManager],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    documents: IDocumentManager | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const options = { shell, documents, model, trans };
    new OperationWatch({ ...options, commands });
    const titleOf = (id: unknown): string | undefined =>
      model.repositories.data?.repositories.find(one => one.id === id)?.title;
    commands.addCommand(CommandIDs.checkout, {
      label: args => {
        const title = titleOf(args.repository);
        return title
          ? trans.__('%1…', title)
          : trans.__('Check out notebooks…');
      },
      caption: trans.__('Get a fresh copy; what is there is backed up'),
      describedBy: { args: ARGS.repository },
      execute: reporting(trans, async args => {
        const flow = await import('../checkout/flow');
        const id = args.repository as string | undefined;
        const repository = await flow.chooseRepository(id, options);
        return repository && (await flow.checkout(repository, options));
      })
    });
    commands.addCommand(CommandIDs.checkoutRef, {
      label: trans.__('Check out another version…'),
      caption: trans.__('Choose a branch or tag'),
      describedBy: { args: ARGS.repository },
      execute: reporting(trans, async args => {
        const flow = await import('../checkout/flow');
        const { chooseRef } = await import('../checkout/actions');
        const id = args.repository as string | undefined;
        const repository = await flow.chooseRepository(id, options);
        const ref = repository && (await chooseRef(repository, options));
        return ref && (await flow.checkout(repository, options, ref));
      })
    });
    commands.addCommand(CommandIDs.openFolder, {
      label: trans.__('Open the folder'),
      icon: folderIcon,
      describedBy: { args: ARGS.folder },
      execute: args =>
        commands.execute('filebrowser:go-to-path', { path: args.path })
    });
  }
};
