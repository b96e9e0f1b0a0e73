import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { copyIcon, refreshIcon, settingsIcon } from '@jupyterlab/ui-components';

import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { ARGS, CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';

const DOCUMENTATION = 'https://github.com/lsst-sqre/rsp-health#readme';

/** What the command palette lists. */
const PALETTE: readonly string[] = [
  CommandIDs.openPanel,
  CommandIDs.checkout,
  CommandIDs.checkoutRef,
  CommandIDs.lookForUpdates,
  CommandIDs.restore,
  CommandIDs.removeCheckout,
  CommandIDs.pruneBackups,
  CommandIDs.runChecks,
  CommandIDs.runFailed,
  CommandIDs.stopRuns,
  CommandIDs.openRuns,
  CommandIDs.stripOutputs,
  CommandIDs.refresh,
  CommandIDs.copySummary,
  CommandIDs.openSettings,
  CommandIDs.openDocumentation
];

/** Adds the general commands, and all of them to the palette. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:commands',
  description: 'Adds the commands of the panel to menu and palette.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Probe the services now'),
      icon: refreshIcon,
      describedBy: { args: ARGS.none },
      // Panel and status bar tell whether it went well.
      execute: () => model.probe()
    });
    commands.addCommand(CommandIDs.toggleMute, {
      label: trans.__('Mute the service'),
      caption: trans.__('No notifications of it, and not in the status bar'),
      describedBy: { args: ARGS.service },
      isToggleable: true,
      isToggled: args => model.mutes.has(serviceOf(args)),
      execute: withErrorNotification(trans, args =>
        model.mutes.toggle(serviceOf(args))
      )
    });
    commands.addCommand(CommandIDs.copySummary, {
      label: trans.__('Copy a summary'),
      caption: trans.__('Copy what the panel says as text'),
      icon: copyIcon,
      describedBy: { args: ARGS.none },
      execute: async () => {
        const { summarise } = await import('../status/summary');
        Clipboard.copyToSystem(summarise(model, trans));
      }
    });
    commands.addCommand(CommandIDs.openSettings, {
      label: trans.__('RSP Health settings'),
      icon: settingsIcon,
      describedBy: { args: ARGS.none },
      execute: () =>
        commands.execute('settingeditor:open', { query: 'RSP Health' })
    });
    commands.addCommand(CommandIDs.openDocumentation, {
      label: trans.__('RSP Health documentation'),
      describedBy: { args: ARGS.none },
      execute: () => {
        window.open(DOCUMENTATION, '_blank', 'noopener');
      }
    });
    const category = trans.__('RSP Health');
    // There they can be found also when there is nothing to do, and say why.
    const args = { isPalette: true };
    PALETTE.forEach(command => palette?.addItem({ command, category, args }));
  }
};

function serviceOf(args: ReadonlyPartialJSONObject): string {
  return typeof args.service === 'string' ? args.service : '';
}
