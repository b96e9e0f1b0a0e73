import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from './commands';
import { formatDuration } from './format';
import type { RunDocument } from './generated/api';
import type { RunState } from './states';
import { isProblem, runLook, runRank, serviceLook } from './states';
import type { IHealthModel, IServiceChange } from './tokens';

/** How long good news is shown before it moves to the list, in ms. */
const SHOWN = 8000;

/** Tell that a run has ended, and how. */
export function notifyRun(
  run: RunDocument,
  commands: CommandRegistry,
  trans: TranslationBundle
): void {
  const counts = new Map<RunState, number>();
  for (const { state } of run.notebooks) {
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const message = trans.__(
    'Checks ended after %1: %2.',
    formatDuration(run.duration_s, trans),
    [...counts]
      .sort(([a], [b]) => runRank(a) - runRank(b))
      .map(([state, count]) => `${count} ${runLook(state, trans).word}`)
      .join(', ')
  );
  const bad = isProblem(run.state);
  const good = run.state === 'passed';
  Notification.emit(message, bad ? 'warning' : good ? 'success' : 'info', {
    autoClose: bad ? false : SHOWN,
    actions: [showAction(commands, trans)]
  });
}

/** Tell that a service went down or blocked, or came back from there. */
export function notifyService(
  change: IServiceChange,
  model: IHealthModel,
  commands: CommandRegistry,
  trans: TranslationBundle
): void {
  const isBad = (state: string | null): boolean =>
    state === 'down' || state === 'blocked';
  if (isBad(change.state) === isBad(change.previous)) {
    return;
  }
  const title =
    model.status.data?.services.find(service => service.id === change.id)
      ?.title ?? change.id;
  const { word } = serviceLook(change.state, trans);
  Notification.emit(
    trans.__('%1 is %2.', title, word),
    isBad(change.state) ? 'warning' : 'info',
    { autoClose: SHOWN, actions: [showAction(commands, trans)] }
  );
}

function showAction(
  commands: CommandRegistry,
  trans: TranslationBundle
): Notification.IAction {
  return {
    label: trans.__('Show'),
    caption: trans.__('Open the RSP Health panel'),
    callback: () => void commands.execute(CommandIDs.openPanel)
  };
}
