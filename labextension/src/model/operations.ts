import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { HealthAPI } from '../api/api';
import type { Operation } from '../api/generated/api';
import type { CheckoutEvent } from '../api/generated/events';
import { HealthError } from '../api/request';

/** How often a checkout that is under way is asked for, in ms. */
const POLL_INTERVAL = 1000;

/** The checkouts, restores and removals that are under way or just ended. */
export class OperationStore implements IDisposable {
  constructor(api: HealthAPI) {
    this._api = api;
    this._poll = new Poll({
      auto: false,
      name: 'rsp-health:operations',
      factory: () => this._refresh(),
      frequency: { interval: POLL_INTERVAL, backoff: false },
      standby: () => this.active.length === 0
    });
  }

  /** Emitted with the operation that moved on. */
  get changed(): ISignal<this, Operation> {
    return this._changed;
  }

  /** Emitted with an operation that has just ended, well or not. */
  get finished(): ISignal<this, Operation> {
    return this._finished;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Those that are under way. */
  get active(): Operation[] {
    return [...this._operations.values()].filter(
      operation => operation.state === 'running'
    );
  }

  /** The newest operation on a repository, if one is known. */
  get(repository: string): Operation | undefined {
    return this._operations.get(repository);
  }

  /** Take an event, which may leave out what is not to be told. */
  handleEvent(event: CheckoutEvent): void {
    this.take({
      phase: '',
      percent: null,
      directory: '',
      backup: null,
      commit: null,
      path: null,
      up_to_date: false,
      ...event,
      warning: event.warning ? { hint: '', ...event.warning } : null,
      error: event.error ? { hint: '', ...event.error } : null
    });
  }

  /** Take what the server says about an operation. */
  take(operation: Operation): void {
    if (this._isDisposed) {
      return;
    }
    if (this._ended.has(operation.id)) {
      return; // A late event about one that has ended.
    }
    const before = this._operations.get(operation.repository);
    if (before?.state === 'running' && before.id !== operation.id) {
      this.take(lost(before)); // There is one at a time.
    }
    if (operation.state !== 'running') {
      this._ended.add(operation.id);
    }
    this._operations.set(operation.repository, operation);
    this._changed.emit(operation);
    if (operation.state === 'running') {
      void this._poll.start();
    } else {
      this._finished.emit(operation);
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._poll.dispose();
    Signal.clearData(this);
  }

  private async _refresh(): Promise<void> {
    await Promise.all(
      this.active.map(async operation => {
        try {
          this.take(await this._api.operation(operation.repository));
        } catch (error) {
          if (error instanceof HealthError && error.code === 'no_operation') {
            this.take(lost(operation)); // The server has been restarted.
          }
        }
      })
    );
    if (this.active.length === 0) {
      void this._poll.stop();
    }
  }

  private readonly _api: HealthAPI;
  private readonly _operations = new Map<string, Operation>();
  private readonly _ended = new Set<string>();
  private readonly _poll: Poll;
  private readonly _changed = new Signal<this, Operation>(this);
  private readonly _finished = new Signal<this, Operation>(this);
  private _isDisposed = false;
}

/** An operation that is over, though nobody heard how it ended. */
function lost(operation: Operation): Operation {
  const error = { error: 'lost', message: '', hint: '' };
  return { ...operation, state: 'failed', percent: null, error };
}
