import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/**
 * The services that the user does not want to hear of.
 *
 * They stay in the panel. They are not notified of, and do not count in the
 * status bar. The list is a setting, so that it is kept, and can be edited.
 */
export class Mutes {
  /** Emitted after the list changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether a service is muted, by its id. */
  has(service: string): boolean {
    return this._ids.has(service);
  }

  /** Mute a service, or listen to it again. */
  async toggle(service: string): Promise<void> {
    const ids = new Set(this._ids);
    if (!ids.delete(service)) {
      ids.add(service);
    }
    this._set(ids);
    await this._settings?.set('muted', [...ids].sort());
  }

  /**
   * Take the list from the settings, now and whenever they change.
   *
   * @param settings - Those with the property `muted`.
   */
  follow(settings: ISettingRegistry.ISettings): void {
    this._settings = settings;
    const apply = (): void => {
      const muted = settings.get('muted').composite;
      const ids = Array.isArray(muted) ? muted : [];
      this._set(new Set(ids.filter(id => typeof id === 'string')));
    };
    settings.changed.connect(apply, this);
    apply();
  }

  private _set(ids: ReadonlySet<string>): void {
    const known = this._ids;
    if (ids.size === known.size && [...ids].every(id => known.has(id))) {
      return;
    }
    this._ids = ids;
    this._changed.emit();
  }

  private _ids: ReadonlySet<string> = new Set();
  private _settings: ISettingRegistry.ISettings | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
