import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { RunDocument } from '../api/generated/api';
import { CommandIDs } from '../jupyterlab/commands';
import type { IHealthModel, IServiceChange } from '../model/tokens';
import type { RunState } from '../states/states';
import { isProblem, runLook, runRank, serviceLook } from '../states/states';
import { formatDuration } from '../text/format';

/** How long good news is shown before it moves to the list, in ms. */
const SHOWN = 8000;

/** How many services one notice names. */
const NAMED = 4;

/** Tell that a run has ended, and how. */
export function notifyRun(
  run: RunDocument,
  commands: CommandRegistry,
  trans: TranslationBundle
): void {
  if (run.state === 'skipped') {
    // What was not looked at is not well.
    const skipped = run.notebooks.length;
    const message = skipped
      ? trans._n(
          'Nothing was run: %1 notebook was skipped.',
          'Nothing was run: %1 notebooks were skipped.',
          skipped
        )
      : trans.__('Nothing was run: there is no notebook.');
    Notification.emit(message, 'warning', {
      autoClose: SHOWN,
      actions: [showAction(commands, trans)]
    });
    return;
  }
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

/**
 * Tell which services went down or blocked, or came back from there.
 *
 * @param changes - What happened lately, in order. An outage takes many
 *   services at once; that is one notice, not one for each.
 * @param model - Knows their titles.
 * @param commands - For the button.
 * @param trans - The translations.
 */
export function notifyServices(
  changes: readonly IServiceChange[],
  model: IHealthModel,
  commands: CommandRegistry,
  trans: TranslationBundle
): void {
  const net = new Map<string, IServiceChange>();
  for (const change of changes) {
    const { previous } = net.get(change.id) ?? change;
    net.set(change.id, { ...change, previous });
  }
  const turned = [...net.values()].filter(
    ({ state, previous }) => isBad(state) !== isBad(previous)
  );
  for (const bad of [true, false]) {
    const group = turned.filter(({ state }) => isBad(state) === bad);
    if (group.length) {
      Notification.emit(
        sentence(group, bad, model, trans),
        bad ? 'warning' : 'info',
        { autoClose: SHOWN, actions: [showAction(commands, trans)] }
      );
    }
  }
}

function isBad(state: string | null): boolean {
  return state === 'down' || state === 'blocked';
}

function sentence(
  group: readonly IServiceChange[],
  bad: boolean,
  model: IHealthModel,
  trans: TranslationBundle
): string {
  const titles = group.map(
    ({ id }) =>
      model.status.data?.services.find(service => service.id === id)?.title ??
      id
  );
  const [first] = group;
  if (first && group.length === 1) {
    const { word } = serviceLook(first.state, trans);
    return trans.__('%1 is %2.', titles[0], word);
  }
  const named = titles.slice(0, NAMED).join(', ');
  const rest = titles.length - NAMED;
  const list = rest > 0 ? trans.__('%1 and %2 more', named, rest) : named;
  return bad
    ? trans.__('%1 services do not work: %2.', titles.length, list)
    : trans.__('%1 services are no longer down: %2.', titles.length, list);
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
