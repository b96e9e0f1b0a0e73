import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { IHealthModel } from '../model/tokens';
import { StatusItem } from '../status/statusitem';

/** The RSP's own extension has 80. */
const RANK = 81;

/** Adds the status-bar item. */
export const statusItemPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:status-item',
  description: 'Adds the worst state of the platform to the status bar.',
  autoStart: true,
  requires: [IHealthModel, IStatusBar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    statusBar: IStatusBar,
    translator: ITranslator | null
  ): void => {
    const item = new StatusItem({
      model,
      trans: (translator ?? nullTranslator).load(DOMAIN),
      onClick: () => void app.commands.execute(CommandIDs.openPanel)
    });
    statusBar.registerStatusItem(statusItemPlugin.id, {
      item,
      align: 'left',
      rank: RANK,
      isActive: () => model.status.data !== null,
      activeStateChanged: item.activeChanged
    });
    // One look at the start; from then on the panel and the events tell.
    void app.restored.then(() => model.status.load());
  }
};
