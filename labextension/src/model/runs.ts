import type { IDisposable } from '@lumino/disposable';
import { Throttler } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { HealthAPI } from '../api/api';
import type {
  CellResult,
  NotebookResult,
  RunDocument,
  RunList,
  RunRequest,
  RunSummary
} from '../api/generated/api';
import type { RunEvent } from '../api/generated/events';
import { Resource } from './resource';

/** How often a run that is under way is read again, in ms. */
const RELOAD_INTERVAL = 1000;

/** How many of a folder's past runs are looked through for results. */
const LOOK_BACK = 8;

/** The newest result of one notebook, and the run it comes from. */
export interface INotebookOutcome {
  run: RunDocument;
  result: NotebookResult;
}

/** What the user has asked to run, until the server has answered. */
export interface IAskedRun {
  /** Id of the repository; null: what was asked for is not of one. */
  repository: string | null;
  /**
   * Notebooks, relative to its checkout; null: those that apply. None where
   * it is not known yet.
   */
  paths: readonly string[] | null;
}

/** Whether a notebook is among what was asked for. */
export function isAmong(
  asked: IAskedRun,
  path: string,
  applies: boolean
): boolean {
  return asked.paths?.includes(path) ?? applies;
}

/** What a notebook is that its run ended without. */
const NOT_BEGUN = new Set(['skipped', 'stopped', 'interrupted']);

/** Whether a run has looked at a notebook, or still will. */
export function hasBegun(result: NotebookResult): boolean {
  return !NOT_BEGUN.has(result.state) || result.started_at !== null;
}

/** Whether a run, notebook or cell in this state will still change. */
export function isActive(state: string): boolean {
  return state === 'running' || state === 'queued';
}

/**
 * What is known about runs: the history and the documents read so far.
 *
 * Events move the shown states at once; the documents, read again behind them,
 * are the truth.
 */
export class RunStore implements IDisposable {
  constructor(api: HealthAPI) {
    this._api = api;
    this.list = new Resource<RunList>(() => api.runs());
    this.list.changed.connect(this._onList, this);
    this._reload = new Throttler(() => this._loadStale(), RELOAD_INTERVAL);
  }

  /** The history, newest first. */
  readonly list: Resource<RunList>;

  /** Emitted after any document or the history changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when a run that was under way here has ended. */
  get finished(): ISignal<this, RunDocument> {
    return this._finished;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The runs that are under way. */
  get active(): RunSummary[] {
    return (this.list.data?.runs ?? []).filter(run => isActive(run.state));
  }

  /** What was asked for, and is not known to have started. */
  get starting(): readonly IAskedRun[] {
    return [...this._starting];
  }

  /** Whether the user has asked a run to stop that has not ended yet. */
  isStopping(runId: string): boolean {
    const document = this._documents.get(runId);
    return (
      this._stopping.has(runId) && !(document && !isActive(document.state))
    );
  }

  /** The document of a run, if it was read. */
  document(runId: string): RunDocument | undefined {
    return this._documents.get(runId);
  }

  /** Read a run's document; a finished one is read once only. */
  async load(runId: string): Promise<RunDocument> {
    const known = this._documents.get(runId);
    if (known && !isActive(known.state)) {
      return known;
    }
    const document = await this._api.run(runId);
    this._take(document);
    return document;
  }

  /** Read what is needed to know the newest results of a folder. */
  async loadFolder(folder: string): Promise<void> {
    const runs = (this.list.data?.runs ?? [])
      .filter(run => run.folder === folder)
      .slice(0, LOOK_BACK);
    await Promise.allSettled(runs.map(run => this.load(run.run_id)));
  }

  /**
   * The newest result of each notebook of a folder, by path.
   *
   * What a run was not to run tells nothing of a notebook: an older result
   * stays.
   *
   * @param folder - Absolute, as the runs note it.
   */
  outcomes(folder: string): Map<string, INotebookOutcome> {
    const outcomes = new Map<string, INotebookOutcome>();
    const documents = [...this._documents.values()]
      .filter(run => run.folder === folder)
      .sort((a, b) => b.started_at.localeCompare(a.started_at));
    for (const run of documents) {
      for (const result of run.notebooks) {
        if (hasBegun(result) && !outcomes.has(result.path)) {
          outcomes.set(result.path, { run, result });
        }
      }
    }
    return outcomes;
  }

  /**
   * Show at once that a run was asked for, while all is done that starts it.
   *
   * @param asked - What was asked for.
   * @param work - Starts it.
   */
  async whileStarting<T>(asked: IAskedRun, work: () => Promise<T>): Promise<T> {
    this._starting.add(asked);
    this._changed.emit();
    try {
      return await work();
    } finally {
      this._starting.delete(asked);
      if (!this._isDisposed) {
        this._changed.emit();
      }
    }
  }

  async start(request: RunRequest): Promise<RunSummary> {
    const summary = await this._api.startRun(request);
    this._watched.add(summary.run_id);
    await Promise.allSettled([this.list.load(), this.load(summary.run_id)]);
    return summary;
  }

  async stop(runId: string): Promise<void> {
    this._stopping.add(runId);
    this._changed.emit();
    try {
      this._take(await this._api.stopRun(runId));
    } catch (error) {
      this._stopping.delete(runId);
      this._changed.emit();
      throw error;
    }
    await this.list.load();
  }

  /** Take an event: show what it says, then read the truth. */
  handleEvent(event: RunEvent): void {
    const document = this._documents.get(event.run_id);
    if (document && isActive(document.state)) {
      this._documents.set(event.run_id, applyEvent(document, event));
      this._changed.emit();
    }
    if (event.kind === 'run_started' || event.kind === 'run_finished') {
      void this.list.load();
    }
    this._stale.add(event.run_id);
    void this._reload.invoke();
  }

  /** Read all runs that are under way, in case an event was missed. */
  async refreshActive(): Promise<void> {
    this.active.forEach(run => this._stale.add(run.run_id));
    await this._loadStale();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._reload.dispose();
    this.list.dispose();
    Signal.clearData(this);
  }

  private async _loadStale(): Promise<void> {
    const runIds = [...this._stale];
    this._stale.clear();
    await Promise.allSettled(runIds.map(runId => this.load(runId)));
  }

  private _take(document: RunDocument): void {
    if (this._isDisposed) {
      return;
    }
    const runId = document.run_id;
    const known = this._documents.get(runId);
    if (known && !isActive(known.state) && isActive(document.state)) {
      return; // An answer that was overtaken by a newer one.
    }
    this._documents.set(runId, document);
    this._changed.emit();
    if (isActive(document.state)) {
      this._watched.add(runId);
    } else if (this._watched.delete(runId)) {
      void this.list.load();
      this._finished.emit(document);
    }
  }

  private _onList(): void {
    for (const run of this.active) {
      if (!this._documents.has(run.run_id)) {
        this._stale.add(run.run_id);
      }
    }
    if (this._stale.size) {
      void this._reload.invoke();
    }
    this._changed.emit();
  }

  private readonly _api: HealthAPI;
  private readonly _documents = new Map<string, RunDocument>();
  private readonly _stale = new Set<string>();
  private readonly _watched = new Set<string>();
  private readonly _starting = new Set<IAskedRun>();
  private readonly _stopping = new Set<string>();
  private readonly _reload: Throttler;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _finished = new Signal<this, RunDocument>(this);
  private _isDisposed = false;
}

/**
 * The document as it is after an event; the document itself stays as it is.
 *
 * Only cell and notebook progress is taken: how a run ended is read, not
 * guessed.
 */
export function applyEvent(
  document: RunDocument,
  event: RunEvent
): RunDocument {
  const notebooks = document.notebooks.map(notebook =>
    notebook.path === event.notebook
      ? applyToNotebook(notebook, event)
      : notebook
  );
  return { ...document, notebooks };
}

function applyToNotebook(
  notebook: NotebookResult,
  event: RunEvent
): NotebookResult {
  if (event.kind === 'notebook_started') {
    const attempts = event.attempt ?? 1;
    const isNew = attempts > notebook.attempts || notebook.state === 'queued';
    return isNew
      ? {
          ...notebook,
          state: 'running',
          attempts,
          cells: notebook.cells.map(asQueued)
        }
      : notebook;
  }
  // An event that comes after the document told the end is of the past.
  if (
    !isActive(notebook.state) ||
    !/^cell_(?:started|finished)$/.test(event.kind)
  ) {
    return notebook;
  }
  return {
    ...notebook,
    state: 'running',
    cells: notebook.cells.map(cell =>
      cell.index === event.cell_index && isActive(cell.state)
        ? applyToCell(cell, event)
        : cell
    )
  };
}

/** A cell at the start of an attempt. */
function asQueued(cell: CellResult): CellResult {
  return {
    ...cell,
    state: 'queued',
    started_at: null,
    duration_s: null,
    peak_memory_bytes: null,
    output_bytes: 0,
    output_truncated: false,
    output_tail: null,
    error: null
  };
}

function applyToCell(cell: CellResult, event: RunEvent): CellResult {
  if (event.kind === 'cell_started') {
    return {
      ...asQueued(cell),
      state: 'running',
      started_at: event.at ?? cell.started_at
    };
  }
  return {
    ...cell,
    state: (event.state ?? cell.state) as CellResult['state'],
    duration_s: event.duration_s ?? cell.duration_s,
    // What a cell that was cut off has said last may be read just now.
    output_tail: event.state === 'passed' ? null : cell.output_tail
  };
}
