import { Notification } from '@jupyterlab/apputils';

/**
 * What Lab draws of its notices, with the one thing that its own tests leave
 * out: drawing takes time, and an update of a notice that is not drawn yet is
 * lost. (Lab then makes the toast a second time, and react-toastify drops
 * what has an id that it knows.)
 */
export class LabToasts {
  constructor() {
    Notification.manager.changed.connect(this._onChanged, this);
  }

  /** What the user sees, as type and message. */
  get seen(): string[] {
    return [...this._drawn.values()];
  }

  /** Draw what has come so far. */
  draw(): void {
    for (const [id, text] of this._waiting) {
      this._drawn.set(id, text);
      // Each toast has the id of its notice.
      document.body.appendChild(document.createElement('div')).id = id;
    }
    this._waiting.clear();
  }

  dispose(): void {
    Notification.manager.changed.disconnect(this._onChanged, this);
  }

  private _onChanged(_: unknown, change: Notification.IChange): void {
    const { id, type, message } = change.notification;
    const text = `${type}: ${message}`;
    if (change.type === 'added') {
      this._waiting.set(id, text);
    } else if (change.type === 'removed') {
      this._waiting.delete(id);
      this._drawn.delete(id);
      document.getElementById(id)?.remove();
    } else if (this._drawn.has(id)) {
      this._drawn.set(id, text);
    }
  }

  private readonly _waiting = new Map<string, string>();
  private readonly _drawn = new Map<string, string>();
}
