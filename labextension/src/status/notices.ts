import type { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import type { RunDocument } from '../api/generated/api';
import { CommandIDs } from '../jupyterlab/commands';
import { FAILURE_SHOWN } from '../jupyterlab/durations';
import { tellTopic } from '../jupyterlab/toasts';
import type { ServiceEvent } from '../api/generated/events';
import type { IHealthModel } from '../model/tokens';
import type { RunState } from '../states/states';
import { isProblem, runLook, runRank, serviceLook } from '../states/states';
import { formatCount, formatDuration } from '../text/format';

/** How long good news is shown before it moves to the list, in ms. */
const SHOWN = 8000;

/** There is one notice of runs, and one of services. */
const RUN_TOPIC = 'run';
const SERVICE_TOPIC = 'services';

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
    tellTopic(RUN_TOPIC, message, 'warning', {
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
      .map(([state, count]) =>
        formatCount(count, runLook(state, trans).word, trans)
      )
      .join(', ')
  );
  const bad = isProblem(run.state);
  const good = run.state === 'passed';
  tellTopic(RUN_TOPIC, message, bad ? 'warning' : good ? 'success' : 'info', {
    autoClose: bad ? FAILURE_SHOWN : SHOWN,
    actions: [showAction(commands, trans)]
  });
}

/**
 * Tells which services went down or blocked, or came back from there: one
 * notice, that is made anew when what it says is no longer true.
 */
export class ServiceNotices {
  /**
   * @param model - Knows the titles of services.
   * @param commands - For the button.
   * @param trans - The translations.
   */
  constructor(
    model: IHealthModel,
    commands: CommandRegistry,
    trans: TranslationBundle
  ) {
    this._model = model;
    this._commands = commands;
    this._trans = trans;
  }

  /**
   * Tell what happened lately.
   *
   * @param changes - In order. An outage takes many services at once; that is
   *   one sentence, not one for each.
   */
  tell(changes: readonly ServiceEvent[]): void {
    const known = new Map(this._bad);
    const well = new Map<string, ServiceEvent>();
    for (const change of changes) {
      const { id } = change;
      well.delete(id);
      if (isBad(change.state)) {
        this._bad.set(id, change);
      } else if (
        this._bad.delete(id) ? known.has(id) : isBad(change.previous ?? null)
      ) {
        well.set(id, change);
      }
    }
    const isSame = [...this._bad].every(
      ([id, { state }]) => known.get(id)?.state === state
    );
    if (isSame && !well.size) {
      return;
    }
    const bad = [...this._bad.values()];
    const message = [
      bad.length ? this._sentence(bad, true) : '',
      well.size ? this._sentence([...well.values()], false) : ''
    ];
    tellTopic(
      SERVICE_TOPIC,
      message.filter(Boolean).join(' '),
      bad.length ? 'warning' : 'info',
      { autoClose: SHOWN, actions: [showAction(this._commands, this._trans)] }
    );
  }

  private _sentence(group: readonly ServiceEvent[], bad: boolean): string {
    const trans = this._trans;
    const services = this._model.status.data?.services ?? [];
    const titles = group.map(
      ({ id }) => services.find(service => service.id === id)?.title ?? id
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

  private readonly _model: IHealthModel;
  private readonly _commands: CommandRegistry;
  private readonly _trans: TranslationBundle;
  /** Those that do not work, as was told. */
  private readonly _bad = new Map<string, ServiceEvent>();
}

function isBad(state: string | null): boolean {
  return state === 'down' || state === 'blocked';
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
