import { Notification } from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { StripOnSave } from '../api/generated/api';
import { FAILURE_SHOWN } from '../jupyterlab/durations';
import { replaceNotice } from '../jupyterlab/toasts';
import type { CleaningEvent } from '../api/generated/events';
import type { IHealthModel } from '../model/tokens';
import { errorSentence } from '../text/errors';
import { visible } from '../text/format';

/** The id of no notice: without one, all would be dismissed. */
const NONE = 'rsp-health:none';

/** The setting's name. */
const SETTING = 'stripOnSave';

/**
 * The folders whose notebooks are saved without outputs.
 *
 * They stand in the user's settings, and the server, which does it, is told:
 * when the lab is opened, and whenever they change.
 */
export class StripOnSaveFolders {
  constructor(
    private readonly _settings: ISettingRegistry.ISettings,
    private readonly _model: IHealthModel,
    private readonly _trans: TranslationBundle
  ) {
    _settings.changed.connect(this._onSettings, this);
    _model.savedWithOutputs.connect(this._onSaved, this);
    this._tellServer();
  }

  /** Whether a folder is chosen itself; not, whether one above it is. */
  has(folder: string): boolean {
    return this._folders.some(chosen => normal(chosen) === normal(folder));
  }

  /** Emitted after the choice may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Whether a notebook is saved without outputs: a folder above is chosen. */
  covers(path: string): boolean {
    const own = normal(path);
    return this._folders.some(folder => {
      const above = normal(folder);
      return above === '' || own.startsWith(`${above}/`);
    });
  }

  /** Choose a folder, or no longer. */
  async toggle(folder: string): Promise<void> {
    const others = this._folders.filter(
      chosen => normal(chosen) !== normal(folder)
    );
    await this._settings.set(
      SETTING,
      this.has(folder) ? others : [...others, folder]
    );
  }

  private get _folders(): string[] {
    const folders = this._settings.get(SETTING).composite as string[];
    // The settings' form adds an empty line first.
    return folders.filter(folder => folder.trim());
  }

  private _onSettings(): void {
    this._tellServer();
    this._changed.emit();
  }

  private _tellServer(): void {
    const folders = this._folders;
    const told = JSON.stringify(folders);
    if (told === this._told) {
      return;
    }
    this._told = told;
    this._model.api
      .stripOnSave({ folders })
      .then(answer => {
        this._warn(this._problem(answer));
      })
      .catch((error: unknown) => {
        this._told = '';
        // Who has chosen nothing misses nothing.
        this._warn(
          folders.length
            ? this._trans.__(
                'Strip on save does not work: %1',
                errorSentence(error, this._trans)
              )
            : null
        );
      });
  }

  private _problem({
    folders,
    missing,
    supported
  }: StripOnSave): string | null {
    if (folders.length && !supported) {
      return this._trans.__(
        'Strip on save does nothing here: this server does not store notebooks as files.'
      );
    }
    return missing.length
      ? this._trans.__(
          'Strip on save: there is no folder %1.',
          missing.map(visible).join(', ')
        )
      : null;
  }

  /** Show what is wrong with the choice now, in place of what was before. */
  private _warn(message: string | null): void {
    Notification.dismiss(this._warning);
    this._warning =
      message === null
        ? NONE
        : Notification.warning(message, { autoClose: FAILURE_SHOWN });
  }

  private _onSaved(_: IHealthModel, saved: CleaningEvent): void {
    const { path, message } = saved;
    const text = this._trans.__(
      '%1 was saved with its outputs: %2',
      visible(path),
      message
    );
    const id = this._notices.get(path) ?? null;
    const shown = Notification.manager.notifications.find(
      notice => notice.id === id
    );
    // Lab saves by itself now and then: one notice is enough.
    if (shown?.message !== text) {
      this._notices.set(
        path,
        replaceNotice(id, text, 'warning', { autoClose: FAILURE_SHOWN })
      );
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _told = '';
  private _warning = NONE;
  private readonly _notices = new Map<string, string>();
}

/** A folder's path without slashes around it. */
function normal(folder: string): string {
  return folder.replace(/^\/+|\/+$/g, '');
}
