import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs, DOMAIN, PANEL_ID } from '../jupyterlab/commands';
import { notifyError } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';
import { PanelFrame } from '../panel/panelframe';
import { healthIcon } from '../states/icons';

/** Above Lab's own side panels, in the range for extensions (501 to 899). */
const RANK = 650;

/** Adds the side panel; its content is loaded when it is first shown. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:panel',
  description: 'Adds the RSP Health side panel.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator, ILayoutRestorer, IStateDB, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    stateDB: IStateDB | null,
    launcher: ILauncher | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const frame = new PanelFrame({
      create: async () => {
        const { HealthPanel } = await import('../panel');
        return new HealthPanel({ model, commands, trans, stateDB });
      },
      onError: error => {
        notifyError(error, trans);
      },
      model
    });
    frame.id = PANEL_ID;
    frame.title.icon = healthIcon;
    frame.title.caption = trans.__('RSP Health');
    frame.node.setAttribute('role', 'region');
    frame.node.setAttribute('aria-label', trans.__('RSP Health'));
    shell.add(frame, 'left', { rank: RANK, type: 'RSP Health' });
    restorer?.add(frame, PANEL_ID);
    commands.addCommand(CommandIDs.openPanel, {
      label: args =>
        args.isLauncher
          ? trans.__('RSP Health')
          : trans.__('Open the RSP Health panel'),
      caption: trans.__('Show the state of the platform and of your notebooks'),
      icon: healthIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            isLauncher: {
              type: 'boolean',
              description: 'On a card of the launcher: the label is short.'
            }
          }
        }
      },
      execute: () => {
        shell.activateById(PANEL_ID);
      }
    });
    launcher?.add({
      command: CommandIDs.openPanel,
      category: trans.__('Other'),
      args: { isLauncher: true }
    });
  }
};
