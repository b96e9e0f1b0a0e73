import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { cleaningIcon } from '@jupyterlab/ui-components';
import { PromiseDelegate } from '@lumino/coreutils';

import { HealthError } from '../api/request';
import { StripOnSaveBadge } from '../cleaning/badge';
import type { StripOnSaveFolders } from '../cleaning/onsave';
import { ARGS, CommandIDs, DOMAIN } from '../jupyterlab/commands';
import type { ITarget } from '../jupyterlab/filebrowser';
import { selectedTargets } from '../jupyterlab/filebrowser';
import { loadWhenIdle } from '../jupyterlab/idle';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';

/** Adds the commands that strip outputs. */
export const cleaningPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:cleaning',
  description: 'Strips the outputs of notebooks, open or closed.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [
    ITranslator,
    INotebookTracker,
    IFileBrowserFactory,
    ISettingRegistry,
    IToolbarWidgetRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    tracker: INotebookTracker | null,
    browsers: IFileBrowserFactory | null,
    settingRegistry: ISettingRegistry | null,
    toolbars: IToolbarWidgetRegistry | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    let skipPreview = false;
    const strip = async (targets: ITarget[]): Promise<void> => {
      const cleaning = await import('../cleaning/strip');
      await cleaning.strip(targets, {
        model,
        tracker,
        contents: app.serviceManager.contents,
        trans,
        skipPreview
      });
    };
    void app.restored.then(() => {
      loadWhenIdle(() => import('../cleaning/strip'));
    });
    const current = (): string | undefined =>
      tracker?.currentWidget?.context.path;
    commands.addCommand(CommandIDs.stripOutputs, {
      label: trans.__('Strip outputs…'),
      // Lab names a toolbar button by its caption.
      caption: args =>
        args.toolbar
          ? trans.__('Strip outputs')
          : trans.__('Remove outputs, counts and run-time metadata'),
      icon: args => (args.toolbar ? cleaningIcon : undefined),
      isEnabled: args =>
        args.isPalette === true || typeof args.path === 'string' || !!current(),
      describedBy: { args: ARGS.path },
      execute: withErrorNotification(trans, async args => {
        const path = (args.path as string | undefined) ?? current();
        if (path === undefined) {
          throw new HealthError(
            'no_notebook',
            trans.__('No notebook is open in front.'),
            trans.__(
              'Open one, or choose notebooks and folders in the file browser.'
            )
          );
        }
        await strip([{ path, isFolder: false }]);
      })
    });
    commands.addCommand(CommandIDs.stripSelected, {
      label: trans.__('Strip outputs…'),
      caption: trans.__('Remove outputs, counts and run-time metadata'),
      icon: cleaningIcon,
      isVisible: () => selectedTargets(browsers).length > 0,
      describedBy: { args: ARGS.none },
      execute: withErrorNotification(trans, () =>
        strip(selectedTargets(browsers))
      )
    });
    let onSave: StripOnSaveFolders | null = null;
    const chosen = new PromiseDelegate<StripOnSaveFolders>();
    toolbars?.addFactory<NotebookPanel>(
      'Notebook',
      'rsp-health-strip-on-save',
      panel => new StripOnSaveBadge(panel, chosen.promise, trans)
    );
    const folder = (): string | null => {
      const [first, ...others] = selectedTargets(browsers);
      return first?.isFolder && !others.length ? first.path : null;
    };
    commands.addCommand(CommandIDs.stripOnSave, {
      label: trans.__('Strip outputs on save'),
      caption: trans.__(
        'Save the notebooks in this folder without outputs; open ones keep theirs'
      ),
      isToggleable: true,
      isToggled: () => onSave?.has(folder() ?? '') ?? false,
      isVisible: () => onSave !== null && folder() !== null,
      describedBy: { args: ARGS.none },
      execute: withErrorNotification(trans, async () => {
        await onSave?.toggle(folder() ?? '');
      })
    });
    tracker?.currentChanged.connect(() => {
      commands.notifyCommandChanged(CommandIDs.stripOutputs);
    }, model);
    void settingRegistry
      ?.load(cleaningPlugin.id)
      .then(async settings => {
        const apply = (): void => {
          skipPreview = !(settings.get('preview').composite as boolean);
        };
        settings.changed.connect(apply, model);
        apply();
        const folders = await import('../cleaning/onsave');
        onSave = new folders.StripOnSaveFolders(settings, model, trans);
        chosen.resolve(onSave);
      })
      // Lab tells of a schema that it cannot read.
      .catch(() => undefined);
  }
};
