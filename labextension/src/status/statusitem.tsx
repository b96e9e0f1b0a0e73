import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { ServiceStatus } from '../api/generated/api';
import type { IHealthModel } from '../model/tokens';
import { stateIcons } from '../states/icons';
import {
  isUnasked,
  serviceLook,
  serviceRank,
  verdictLook,
  worstFirst
} from '../states/states';
import { formatAge } from '../text/format';
import { isRootCause, OUTDATED_AFTER, shownVerdict } from './verdict';

/** How often the age is looked at, in ms. */
const TICK = 30_000;

/** The worst state of the platform in two or three words. */
export class StatusItem extends ReactWidget {
  constructor(options: StatusItem.IOptions) {
    super();
    this._options = options;
    this.addClass('jp-RSPHealth-statusItem');
    options.model.status.changed.connect(this._onStatus, this);
    options.model.mutes.changed.connect(this._onStatus, this);
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
  if (verdict && isRootCause(verdict, id => model.mutes.has(id))) {
    const { icon, tone } = verdictLook(verdict.state, trans);
    return {
      text: trans.__('RSP: %1', verdict.word),
      title: caption,
      icon,
      tone
    };
  }
  const troubled = worstFirst(services.filter(isTrouble));
  const worst = troubled[0];
  if (!worst) {
    const up = services.filter(service => service.state === 'up').length;
    const unknown = services.filter(
      service => service.state === 'unknown' && !isUnasked(service)
    ).length;
    const parts = [trans.__('RSP: %1 up', up)];
    if (unknown) {
      parts.push(trans.__('%1 unknown', unknown));
    }
    if (muted) {
      parts.push(trans.__('%1 muted', muted));
    }
    // What is not known is never green.
    const isGood = up > 0 && unknown === 0;
    return {
      text: parts.join(', '),
      title: caption,
      icon: isGood ? stateIcons.good : stateIcons.unknown,
      tone: isGood ? 'good' : 'muted'
    };
  }
  const { word, icon, tone } = serviceLook(worst.state, trans);
  const text =
    troubled.length === 1
      ? trans.__('RSP: %1 %2', worst.title, word)
      : trans.__('RSP: %1 %2, %3 more', worst.title, word, troubled.length - 1);
  return { text, title: caption, icon, tone };
}

/** Whether a service belongs in the status bar. */
function isTrouble(service: ServiceStatus): boolean {
  return serviceRank(service.state) < serviceRank('unknown');
}
