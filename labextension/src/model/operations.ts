import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { HealthAPI } from '../api/api';
import type { Operation } from '../api/generated/api';

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

  /** Take what the server says about an operation. */
  take(operation: Operation): void {
    if (this._isDisposed) {
      return;
    }
    const before = this._operations.get(operation.repository);
    if (before?.id === operation.id && before.state !== 'running') {
      return; // A late event about one that has ended.
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
    const answers = await Promise.allSettled(
      this.active.map(operation => this._api.operation(operation.repository))
    );
    for (const answer of answers) {
      if (answer.status === 'fulfilled') {
        this.take(answer.value);
      }
    }
    if (this.active.length === 0) {
      void this._poll.stop();
    }
  }

  private readonly _api: HealthAPI;
  private readonly _operations = new Map<string, Operation>();
  private readonly _poll: Poll;
  private readonly _changed = new Signal<this, Operation>(this);
  private readonly _finished = new Signal<this, Operation>(this);
  private _isDisposed = false;
}
