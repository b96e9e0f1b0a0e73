import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { ServiceStatus } from '../api/generated/api';
import { isActive } from '../model/runs';
import type { IHealthModel } from '../model/tokens';
import { stateIcons } from '../states/icons';
import type { IStateLook } from '../states/states';
import {
  isUnasked,
  serviceLook,
  serviceRank,
  verdictLook,
  worstFirst
} from '../states/states';
import { formatAge } from '../text/format';
import { isMutedVerdict, OUTDATED_AFTER, shownVerdict } from './verdict';

/** How often the age is looked at, in ms. */
const TICK = 30_000;

/** The verdict in a few words, and how far running checks are. */
export class StatusItem extends ReactWidget {
  constructor(options: StatusItem.IOptions) {
    super();
    this._options = options;
    this.addClass('jp-RSPHealth-statusItem');
    options.model.status.changed.connect(this._onStatus, this);
    options.model.mutes.changed.connect(this._onStatus, this);
    options.model.runs.changed.connect(this._onStatus, this);
    this._timer = window.setInterval(() => {
      this.update();
    }, TICK);
  }

  /** Emitted when the item has something to show for the first time. */
  get activeChanged(): ISignal<this, void> {
    return this._activeChanged;
  }

  override dispose(): void {
    window.clearInterval(this._timer);
    Signal.clearData(this);
    super.dispose();
  }

  protected override render(): React.ReactElement {
    const { model, trans, onClick } = this._options;
    const { text, title, icon, tone } = describe(model, trans);
    return (
      <div role="status">
        <button
          type="button"
          className={`jp-RSPHealth-statusButton jp-mod-${tone}`}
          title={title}
          onClick={onClick}
        >
          <icon.react tag="span" className="jp-RSPHealth-icon" />
          <span>{text}</span>
        </button>
      </div>
    );
  }

  private _onStatus(): void {
    this.update();
    this._activeChanged.emit();
  }

  private readonly _options: StatusItem.IOptions;
  private readonly _timer: number;
  private readonly _activeChanged = new Signal<this, void>(this);
}

/** Options of the status-bar item. */
export namespace StatusItem {
  export interface IOptions {
    model: IHealthModel;
    trans: TranslationBundle;
    onClick: () => void;
  }
}

function describe(model: IHealthModel, trans: TranslationBundle) {
  const { age } = model.status;
  const all = model.status.data?.services ?? [];
  const services = all.filter(({ id }) => !model.mutes.has(id));
  const muted = all.length - services.length;
  const verdict = model.status.data?.verdict;
  const shown = shownVerdict(model, trans);
  const caption = [
    shown?.sentence,
    shown?.next,
    muted
      ? trans._n('%1 service is muted.', '%1 services are muted.', muted)
      : '',
    trans.__('Click to open the RSP Health panel.')
  ]
    .filter(Boolean)
    .join('\n');
  if (model.status.error !== null || age > OUTDATED_AFTER) {
    return {
      text: trans.__('RSP: last seen %1', formatAge(age, trans)),
      title: caption,
      icon: stateIcons.unknown,
      tone: 'muted'
    };
  }
  const doing = progress(model, trans);
  const said =
    verdict && !isMutedVerdict(verdict, id => model.mutes.has(id))
      ? { ...verdictLook(verdict.state, trans), word: verdict.word }
      : besideMuted(services, trans);
  if (doing !== null && said.tone === 'good') {
    return {
      text: trans.__('RSP: %1', doing),
      title: `${doing}\n${caption}`,
      icon: stateIcons.running,
      tone: 'busy'
    };
  }
  const parts = [trans.__('RSP: %1', said.word)];
  const kept = all.filter(
    service => model.mutes.has(service.id) && isTrouble(service)
  ).length;
  if (kept && said.tone !== 'bad' && said.tone !== 'warn') {
    parts.push(trans.__('%1 muted', kept));
  }
  if (doing !== null) {
    parts.push(doing);
  }
  const { icon, tone } = said;
  return { text: parts.join(', '), title: caption, icon, tone };
}

/** How far the checks are that are under way; null if none is. */
function progress(
  model: IHealthModel,
  trans: TranslationBundle
): string | null {
  const results = model.runs.active.flatMap(
    ({ run_id: id }) => model.runs.document(id)?.notebooks ?? []
  );
  const wanted = results.filter(({ state }) => state !== 'skipped');
  const ended = wanted.filter(({ state }) => !isActive(state)).length;
  if (!model.runs.active.length) {
    return null;
  }
  return wanted.length
    ? trans.__('%1 of %2 checks', ended, wanted.length)
    : trans.__('checks are starting');
}

/** What there is to say of services when others are muted. */
function besideMuted(
  services: readonly ServiceStatus[],
  trans: TranslationBundle
): IStateLook {
  const troubled = worstFirst(services.filter(isTrouble));
  const worst = troubled[0];
  if (worst) {
    const look = serviceLook(worst.state, trans);
    const { title } = worst;
    const more = troubled.length - 1;
    return {
      ...look,
      word: more
        ? trans.__('%1 %2, %3 more', title, look.word, more)
        : trans.__('%1 %2', title, look.word)
    };
  }
  const up = services.filter(service => service.state === 'up').length;
  const unknown = services.filter(
    service => service.state === 'unknown' && !isUnasked(service)
  ).length;
  const word = unknown
    ? trans.__('%1 up, %2 unknown', up, unknown)
    : trans.__('%1 up', up);
  // What is not known is never green.
  return up > 0 && unknown === 0
    ? { word, icon: stateIcons.good, tone: 'good' }
    : { word, icon: stateIcons.unknown, tone: 'muted' };
}

/** Whether a service belongs in the status bar. */
function isTrouble(service: ServiceStatus): boolean {
  return serviceRank(service.state) < serviceRank('unknown');
}
