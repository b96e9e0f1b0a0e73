import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { undoIcon } from '@jupyterlab/ui-components';

import { ARGS, CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { leaveFolder, selectedOfCheckout } from '../jupyterlab/filebrowser';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';

/** Adds the commands that move things to backups, and back. */
export const backupsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:backups',
  description: 'Restores, removes and resets what was checked out.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator, IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    browsers: IFileBrowserFactory | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const options = { shell, documents: null, model, trans };
    const choose = async (id: unknown, title: string) => {
      const { chooseRepository } = await import('../checkout/flow');
      return chooseRepository(id as string | undefined, options, title);
    };
    const actions = () => import('../checkout/actions');
    commands.addCommand(CommandIDs.restore, {
      label: trans.__('Restore a backup…'),
      caption: trans.__('Put back what a checkout moved aside'),
      describedBy: { args: ARGS.restore },
      execute: withErrorNotification(trans, async args => {
        const repository = await choose(
          args.repository,
          trans.__('Restore a backup')
        );
        const backup = args.backup as string | undefined;
        const { restore } = await actions();
        return repository && (await restore(repository, backup, options));
      })
    });
    commands.addCommand(CommandIDs.removeCheckout, {
      label: args =>
        args.repository
          ? trans.__('Remove this checkout…')
          : trans.__('Remove a checkout…'),
      caption: trans.__('Move all of it to a backup'),
      describedBy: { args: ARGS.repository },
      execute: withErrorNotification(trans, async args => {
        const repository = await choose(
          args.repository,
          trans.__('Remove a checkout')
        );
        const { remove } = await actions();
        const leave = () => leaveFolder(browsers, repository?.directory ?? '');
        return repository && (await remove(repository, options, leave));
      })
    });
    commands.addCommand(CommandIDs.removeBackup, {
      label: trans.__('Delete a backup…'),
      describedBy: { args: ARGS.restore },
      execute: withErrorNotification(trans, async args => {
        const repository = await choose(
          args.repository,
          trans.__('Delete a backup')
        );
        const { removeBackup } = await actions();
        const backup = args.backup as string;
        return repository && (await removeBackup(repository, backup, options));
      })
    });
    commands.addCommand(CommandIDs.pruneBackups, {
      label: trans.__('Delete expired backups…'),
      caption: trans.__('Those over 30 days old, but for the last three'),
      describedBy: { args: ARGS.repository },
      execute: withErrorNotification(trans, async args => {
        const repository = await choose(
          args.repository,
          trans.__('Delete expired backups')
        );
        const { pruneBackups } = await actions();
        return repository && (await pruneBackups(repository, options));
      })
    });
    commands.addCommand(CommandIDs.resetSelected, {
      label: trans.__('Reset to upstream…'),
      caption: trans.__('Undo your changes to it; they move to a backup'),
      icon: undoIcon,
      isVisible: () => selectedOfCheckout(browsers, model) !== null,
      describedBy: { args: ARGS.none },
      execute: withErrorNotification(trans, async () => {
        const selected = selectedOfCheckout(browsers, model);
        const { reset } = await actions();
        return (
          selected && (await reset(selected.repository, selected.path, options))
        );
      })
    });
  }
};
