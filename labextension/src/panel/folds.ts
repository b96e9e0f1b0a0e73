import type { IStateDB } from '@jupyterlab/statedb';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

const KEY = 'rsp-health:panel';

/** What the user has opened and closed; remembered from visit to visit. */
export class Folds {
  /**
   * @param stateDB - Where it is remembered; null: only on this page.
   */
  constructor(stateDB: IStateDB | null) {
    this._stateDB = stateDB;
    void this._restore();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Whether something is open.
   *
   * @param name - What.
   * @param initially - Whether it is, until the user says otherwise.
   */
  isOpen(name: string, initially: boolean): boolean {
    return this._open.get(name) ?? initially;
  }

  toggle(name: string, initially: boolean): void {
    this.set(name, !this.isOpen(name, initially));
  }

  set(name: string, open: boolean): void {
    this._open.set(name, open);
    this._changed.emit();
    void this._stateDB?.save(KEY, Object.fromEntries(this._open));
  }

  private async _restore(): Promise<void> {
    const saved = await this._stateDB?.fetch(KEY);
    if (typeof saved !== 'object' || saved === null) {
      return;
    }
    for (const [name, open] of Object.entries(saved)) {
      if (typeof open === 'boolean' && !this._open.has(name)) {
        this._open.set(name, open);
      }
    }
    this._changed.emit();
  }

  private readonly _stateDB: IStateDB | null;
  private readonly _open = new Map<string, boolean>();
  private readonly _changed = new Signal<this, void>(this);
}
