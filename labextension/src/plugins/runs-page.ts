import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import {
  IThemeManager,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { lazyWidget } from '../jupyterlab/lazywidget';
import { IHealthModel } from '../model/tokens';
import type { RunsPage } from '../panel/runspage';
import { RUN_ARGS } from '../runs/runargs';
import { healthIcon } from '../states/icons';

const ID = 'rsp-health-runs-page';

/** Adds the page that shows runs over time; its code comes with it. */
export const runsPagePlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:runs-page',
  description: 'Shows runs over time, and two of them side by side.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator, IRenderMimeRegistry, IThemeManager, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    rendermime: IRenderMimeRegistry | null,
    themes: IThemeManager | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const tracker = new WidgetTracker<MainAreaWidget<RunsPage>>({
      namespace: ID
    });
    const getPage = lazyWidget(async () => {
      const { RunsPage } = await import('../panel/runspage');
      const charts = { rendermime, themes };
      const content = new RunsPage({ model, commands, trans, charts });
      const page = new MainAreaWidget({ content });
      page.id = ID;
      page.title.label = trans.__('Runs over time');
      page.title.icon = healthIcon;
      return page;
    });
    commands.addCommand(CommandIDs.openRuns, {
      label: args =>
        args.run === undefined
          ? trans.__('Runs over time')
          : trans.__('Compare with the run before'),
      caption: trans.__(
        'Show notebooks and cells over the last runs, and two runs side by side'
      ),
      icon: args => (args.run === undefined ? healthIcon : undefined),
      describedBy: { args: RUN_ARGS.page },
      execute: withErrorNotification(trans, async args => {
        const page = await getPage();
        if (typeof args.run === 'string') {
          page.content.turnTo({
            part: 'compare',
            before: null,
            after: args.run
          });
        } else if (typeof args.notebook === 'string') {
          page.content.turnTo({ part: 'cells', notebook: args.notebook });
        }
        if (!page.isAttached) {
          shell.add(page, 'main', { type: 'RSP Health' });
          await tracker.add(page);
        }
        shell.activateById(ID);
      })
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openRuns,
      name: () => 'page'
    });
  }
};
