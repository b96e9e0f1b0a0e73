import type { Event, ServerConnection } from '@jupyterlab/services';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer, Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { HealthAPI } from '../api/api';
import type {
  NotebookList,
  Repository,
  RunDocument
} from '../api/generated/api';
import type {
  CheckoutEvent,
  CleaningEvent,
  KernelEvent,
  RunEvent,
  ServiceEvent
} from '../api/generated/events';
import { EVENTS } from '../api/generated/events';
import { Mutes } from './mutes';
import { OperationStore } from './operations';
import { Resource } from './resource';
import { RunStore } from './runs';
import type { IHealthModel } from './tokens';

/** How often a visible panel asks for the services again, in ms. */
const DEFAULT_INTERVAL = 60_000;

/** How often runs under way are read again, events or not, in ms. */
const RUN_INTERVAL = 5_000;

/** Events come in flocks; one GET answers those of this many ms. */
const EVENT_DELAY = 300;

/**
 * The state of RSP Health in this browser tab.
 *
 * Events from the server are hints. What they are about is read again, as it
 * is at the first show, when the tab or the network comes back, and by a slow
 * poll while a panel is in view.
 */
export class HealthModel implements IHealthModel, IDisposable {
  constructor(options: HealthModel.IOptions) {
    const api = new HealthAPI(options.serverSettings);
    this.api = api;
    this.status = new Resource(() => api.services());
    this.quota = new Resource(() => api.quota());
    this.broadcasts = new Resource(() => api.broadcasts());
    this.repositories = new Resource(() => api.repositories());
    this.runs = new RunStore(api);
    this.operations = new OperationStore(api);
    this._events = options.events ?? null;
    this._events?.stream.connect(this._onEvent, this);
    this.repositories.changed.connect(this._onRepositories, this);
    this.runs.list.changed.connect(this._onRuns, this);
    this.runs.finished.connect(this._readServices, this);
    this.runs.finished.connect(this._onRunFinished, this);
    this.operations.finished.connect(this._onOperationFinished, this);
    this._services = new Debouncer(() => this.status.load(), EVENT_DELAY);
    // Nobody looks: that must not keep the server probing.
    this._hiddenServices = new Debouncer(
      () => this.status.loadFrom(() => api.services(false)),
      EVENT_DELAY
    );
    this._poll = new Poll({
      auto: false,
      name: 'rsp-health:services',
      factory: () => this._tick(),
      frequency: { interval: DEFAULT_INTERVAL, backoff: true, max: 300_000 },
      standby: () => (this._visible ? 'when-hidden' : true)
    });
    this._runPoll = new Poll({
      auto: false,
      name: 'rsp-health:runs',
      factory: () => this.runs.refreshActive(),
      frequency: { interval: RUN_INTERVAL, backoff: true, max: 60_000 },
      standby: () => (this.runs.active.length ? 'when-hidden' : true)
    });
    document.addEventListener('visibilitychange', this._onReturn);
    window.addEventListener('online', this._onReturn);
  }

  readonly api: HealthAPI;
  readonly status: IHealthModel['status'];
  readonly quota: IHealthModel['quota'];
  readonly broadcasts: IHealthModel['broadcasts'];
  readonly repositories: IHealthModel['repositories'];
  readonly runs: RunStore;
  readonly operations: OperationStore;
  readonly mutes = new Mutes();

  get serviceChanged(): ISignal<this, ServiceEvent> {
    return this._serviceChanged;
  }

  get savedWithOutputs(): ISignal<this, CleaningEvent> {
    return this._savedWithOutputs;
  }

  get kernelDied(): ISignal<this, KernelEvent> {
    return this._kernelDied;
  }

  get selectionChanged(): ISignal<this, void> {
    return this._selectionChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get selected(): Repository | null {
    const all = this.repositories.data?.repositories ?? [];
    return (
      all.find(repository => repository.id === this._selectedId) ??
      all.find(repository => repository.state === 'present') ??
      all[0] ??
      null
    );
  }

  select(repository: string): void {
    if (repository === this._selectedId) {
      return;
    }
    this._selectedId = repository;
    this._selectionChanged.emit();
  }

  notebooks(repository: string): Resource<NotebookList> {
    let resource = this._notebooks.get(repository);
    if (!resource) {
      resource = new Resource(() => this.api.notebooks(repository));
      this._notebooks.set(repository, resource);
    }
    return resource;
  }

  folder(repository: Repository): string | null {
    const root = this.repositories.data?.root;
    return root === undefined ? null : joinAbsolute(root, repository.directory);
  }

  labPath(absolute: string): string | null {
    const root = this.repositories.data?.root;
    if (root === undefined) {
      return null;
    }
    const prefix = root.endsWith('/') ? root : `${root}/`;
    return absolute.startsWith(prefix) ? absolute.slice(prefix.length) : null;
  }

  setVisible(visible: boolean): void {
    if (visible === this._visible) {
      return;
    }
    this._visible = visible;
    if (visible) {
      void this._poll.refresh();
    }
  }

  /** Set how often a visible panel asks for the services, in seconds. */
  setInterval(seconds: number): void {
    this._poll.frequency = {
      ...this._poll.frequency,
      interval: seconds * 1000
    };
  }

  async refresh(): Promise<void> {
    await Promise.all([this.status.load(), this._refreshRest()]);
  }

  async probe(services?: string[]): Promise<void> {
    await Promise.all([
      this.status.loadFrom(() => this.api.refreshServices(services)),
      // What spends nothing comes along.
      this.quota.loadFrom(() => this.api.quota(true)),
      this.broadcasts.loadFrom(() => this.api.broadcasts(true)),
      this.repositories.load(),
      this.runs.list.load()
    ]);
  }

  async query(service: string): Promise<void> {
    // It may take half a minute: the poll goes on beside it.
    this.status.set(await this.api.query(service));
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    document.removeEventListener('visibilitychange', this._onReturn);
    window.removeEventListener('online', this._onReturn);
    this._poll.dispose();
    this._runPoll.dispose();
    this._services.dispose();
    this._hiddenServices.dispose();
    this.runs.dispose();
    this.operations.dispose();
    for (const resource of [
      this.status,
      this.quota,
      this.broadcasts,
      this.repositories,
      ...this._notebooks.values()
    ]) {
      resource.dispose();
    }
    Signal.clearData(this);
  }

  private async _refreshRest(): Promise<void> {
    await Promise.all([
      this.broadcasts.load(),
      this.quota.load(),
      this.repositories.load(),
      this.runs.list.load()
    ]);
  }

  private async _tick(): Promise<void> {
    await this.refresh();
    if (this.status.error) {
      throw this.status.error; // Lets the poll back off.
    }
  }

  private _onEvent(_: Event.IManager, emission: Event.Emission): void {
    const payload: ReadonlyJSONObject = emission;
    switch (emission.schema_id) {
      case EVENTS.run:
        this.runs.handleEvent(payload as unknown as RunEvent);
        break;
      case EVENTS.service:
        this._onService(payload as unknown as ServiceEvent);
        break;
      case EVENTS.checkout:
        this.operations.handleEvent(payload as unknown as CheckoutEvent);
        break;
      case EVENTS.cleaning:
        this._savedWithOutputs.emit(payload as unknown as CleaningEvent);
        break;
      case EVENTS.kernel:
        this._kernelDied.emit(payload as unknown as KernelEvent);
        break;
    }
  }

  private _onService(change: ServiceEvent): void {
    this._readServices();
    this._serviceChanged.emit(change);
  }

  /** Read the rows and the verdict again: a check belongs to both. */
  private _readServices(): void {
    if (this._visible && document.visibilityState !== 'hidden') {
      void this._services.invoke();
    } else {
      void this._hiddenServices.invoke();
    }
  }

  private _onRepositories(): void {
    if (this.repositories.loading) {
      return;
    }
    for (const repository of this.repositories.data?.repositories ?? []) {
      if (repository.operation?.state === 'running') {
        this.operations.take(repository.operation);
      }
      if (repository.state !== 'absent' && this._visible) {
        void this.notebooks(repository.id).load();
      }
    }
    this._onRuns();
  }

  private _onRuns(): void {
    if (this.runs.active.length) {
      void this._runPoll.start();
    }
    for (const repository of this.repositories.data?.repositories ?? []) {
      const folder = this.folder(repository);
      if (folder !== null && this._visible) {
        void this.runs.loadFolder(folder);
      }
    }
  }

  /** Its notebooks may be newer than what was read of them before. */
  private _onRunFinished(_: unknown, run: RunDocument): void {
    for (const repository of this.repositories.data?.repositories ?? []) {
      const list = this._notebooks.get(repository.id);
      if (list?.data && this.folder(repository) === run.folder) {
        void list.load();
      }
    }
  }

  private _onOperationFinished(): void {
    void this.repositories.load();
  }

  /** The tab or the network is back: what was missed is read. */
  private readonly _onReturn = (): void => {
    if (document.visibilityState === 'hidden') {
      return;
    }
    if (this._visible) {
      void this.refresh();
    }
    if (this.runs.active.length) {
      void this.runs.refreshActive();
    }
  };

  private readonly _events: Event.IManager | null;
  private readonly _notebooks = new Map<string, Resource<NotebookList>>();
  private readonly _poll: Poll;
  private readonly _runPoll: Poll;
  private readonly _services: Debouncer;
  private readonly _hiddenServices: Debouncer;
  private readonly _serviceChanged = new Signal<this, ServiceEvent>(this);
  private readonly _savedWithOutputs = new Signal<this, CleaningEvent>(this);
  private readonly _kernelDied = new Signal<this, KernelEvent>(this);
  private readonly _selectionChanged = new Signal<this, void>(this);
  private _selectedId: string | null = null;
  private _visible = false;
  private _isDisposed = false;
}

/** Join a path to an absolute one; Lab's own `PathExt` drops the first slash. */
function joinAbsolute(folder: string, path: string): string {
  return `${folder.replace(/\/$/, '')}/${path}`;
}

/** Options of the model. */
export namespace HealthModel {
  export interface IOptions {
    /** The lab's server settings. */
    serverSettings: ServerConnection.ISettings;
    /** Jupyter's event bus, if the lab has one. */
    events?: Event.IManager | null;
  }
}
