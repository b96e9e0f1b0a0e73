import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { folderIcon } from '@jupyterlab/ui-components';

import type { IChoice } from '../checkout/flow';
import { OperationWatch } from '../checkout/watch';
import { ARGS, CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { measureWhenShown } from '../jupyterlab/filebrowser';
import { loadWhenIdle } from '../jupyterlab/idle';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';

/** Adds the commands that change checkouts, and shows how they go. */
export const checkoutPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:checkout',
  description: 'Checks out system tests, and restores what was there.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [
    ITranslator,
    IDocumentManager,
    ISettingRegistry,
    IFileBrowserFactory
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    documents: IDocumentManager | null,
    settingRegistry: ISettingRegistry | null,
    browsers: IFileBrowserFactory | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const outputFilter = remembered(settingRegistry);
    const options = { shell, documents, model, trans, outputFilter };
    new OperationWatch({ ...options, commands });
    measureWhenShown(browsers);
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
      execute: withErrorNotification(trans, async args => {
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
      execute: withErrorNotification(trans, async args => {
        const flow = await import('../checkout/flow');
        const { chooseRef } = await import('../checkout/actions');
        const id = args.repository as string | undefined;
        const repository = await flow.chooseRepository(id, options);
        const ref = repository && (await chooseRef(repository, options));
        return ref && (await flow.checkout(repository, options, ref));
      })
    });
    commands.addCommand(CommandIDs.lookForUpdates, {
      label: trans.__('Look for updates'),
      caption: trans.__('Ask upstream now'),
      describedBy: { args: ARGS.repository },
      execute: withErrorNotification(trans, async args => {
        const flow = await import('../checkout/flow');
        const { lookForUpdates } = await import('../checkout/actions');
        const id = args.repository as string | undefined;
        const repository = await flow.chooseRepository(id, options);
        if (repository) {
          await lookForUpdates(repository, options);
        }
      })
    });
    void app.restored.then(() => {
      loadWhenIdle(
        () => import('../checkout/flow'),
        () => import('../checkout/actions'),
        () => import('../checkout/progress')
      );
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

/** The user's last choice, kept in the settings; on if there are none. */
function remembered(registry: ISettingRegistry | null): IChoice {
  let value = true;
  let store: ISettingRegistry.ISettings | null = null;
  void registry
    ?.load(checkoutPlugin.id)
    .then(settings => {
      store = settings;
      const apply = (): void => {
        value = settings.get('outputFilter').composite as boolean;
      };
      settings.changed.connect(apply);
      apply();
    })
    // Lab tells of a schema that it cannot read.
    .catch(() => undefined);
  return {
    get: () => value,
    set: async chosen => {
      if (chosen !== value) {
        value = chosen;
        await store?.set('outputFilter', chosen);
      }
    }
  };
}
