import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/**
 * The last answer of one GET, with what became of the last attempt.
 *
 * A failed attempt keeps the older data: the panel goes on showing it, marked
 * with its age, next to the error.
 */
export class Resource<T> implements IDisposable {
  /**
   * @param fetch - Asks the server.
   */
  constructor(fetch: () => Promise<T>) {
    this._fetch = fetch;
  }

  /** Emitted after data, error or loading changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The newest answer; null before the first. */
  get data(): T | null {
    return this._data;
  }

  /** What the last attempt failed with; null after a success. */
  get error(): Error | null {
    return this._error;
  }

  /** Whether an attempt is under way. */
  get loading(): boolean {
    return this._flight !== null;
  }

  /**
   * Seconds since `data` arrived.
   *
   * While a computer sleeps, `performance.now()` stands still in most browsers;
   * the clock on the wall may be set. The longer span is the safe one.
   */
  get age(): number {
    const { ticks, wall } = this._received;
    return Math.max(performance.now() - ticks, Date.now() - wall, 0) / 1000;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Ask the server.
   *
   * Calls while an attempt is under way share one attempt that follows it:
   * the answer then is newer than the call.
   *
   * @returns When the attempt ended, well or not; see `error`.
   */
  async load(): Promise<void> {
    if (this._flight) {
      this._next ??= this._flight.then(() => {
        this._next = null;
        return this._start(this._fetch);
      });
      return this._next;
    }
    return this._start(this._fetch);
  }

  /**
   * Take the answer of another request for the same thing.
   *
   * @param source - For example the POST that forces a refresh.
   */
  async loadFrom(source: () => Promise<T>): Promise<void> {
    await this._flight;
    return this._start(source);
  }

  /** Put in data that came by another way. */
  set(data: T): void {
    if (this._isDisposed) {
      return;
    }
    this._data = data;
    this._error = null;
    this._received = { ticks: performance.now(), wall: Date.now() };
    this._changed.emit();
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private async _start(source: () => Promise<T>): Promise<void> {
    const flight = this._attempt(source);
    this._flight = flight;
    this._changed.emit();
    await flight;
  }

  private async _attempt(source: () => Promise<T>): Promise<void> {
    try {
      // In a later microtask, so that `_start` has noted this flight first.
      const data = await Promise.resolve().then(source);
      this._flight = null;
      this.set(data);
    } catch (error) {
      this._flight = null;
      this._error = error instanceof Error ? error : new Error(String(error));
      if (!this._isDisposed) {
        this._changed.emit();
      }
    }
  }

  private readonly _fetch: () => Promise<T>;
  private readonly _changed = new Signal<this, void>(this);
  private _data: T | null = null;
  private _error: Error | null = null;
  private _flight: Promise<void> | null = null;
  private _next: Promise<void> | null = null;
  private _received = { ticks: 0, wall: 0 };
  private _isDisposed = false;
}
