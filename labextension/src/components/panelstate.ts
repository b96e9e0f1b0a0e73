import type { IStateDB } from '@jupyterlab/statedb';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

const KEY = 'rsp-health:panel';

/** What the user has opened, closed and chosen; remembered between visits. */
export class PanelState {
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
    const known = this._known.get(name);
    return typeof known === 'boolean' ? known : initially;
  }

  toggle(name: string, initially: boolean): void {
    this.set([name], !this.isOpen(name, initially));
  }

  /** Open or close several things at once. */
  set(names: readonly string[], open: boolean): void {
    names.forEach(name => this._known.set(name, open));
    this._save();
  }

  /**
   * Which of several things the user wants.
   *
   * @param name - What is chosen.
   * @param options - What there is; the first holds until the user chooses.
   */
  chosen<T extends string>(name: string, options: readonly [T, ...T[]]): T {
    const known = this._known.get(name);
    return options.find(option => option === known) ?? options[0];
  }

  choose(name: string, option: string): void {
    this._known.set(name, option);
    this._save();
  }

  private _save(): void {
    this._changed.emit();
    void this._stateDB?.save(KEY, Object.fromEntries(this._known));
  }

  private async _restore(): Promise<void> {
    const saved = await this._stateDB?.fetch(KEY);
    if (typeof saved !== 'object' || saved === null) {
      return;
    }
    for (const [name, value] of Object.entries(saved)) {
      const isOurs = typeof value === 'boolean' || typeof value === 'string';
      if (isOurs && !this._known.has(name)) {
        this._known.set(name, value);
      }
    }
    this._changed.emit();
  }

  private readonly _stateDB: IStateDB | null;
  private readonly _known = new Map<string, boolean | string>();
  private readonly _changed = new Signal<this, void>(this);
}
