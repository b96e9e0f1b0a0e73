import type * as nbformat from '@jupyterlab/nbformat';
import type { PartialJSONObject } from '@lumino/coreutils';

import type { CleanPolicy } from '../api/generated/api';
import type {
  ICellChange,
  IChanges,
  IRun,
  IUndone,
  OutputForm,
  PutBackForm,
  SharedCell,
  SharedCodeCell,
  SharedNotebook,
  Value
} from './changes';
import {
  HIDDEN,
  apply,
  isCode,
  metadataPlace,
  readRun,
  runPlace,
  takeBack
} from './changes';

/** What goes from an open notebook, and what its tags keep. */
export interface IStripCounts {
  outputs: number;
  executionCounts: number;
  metadata: number;
  /** The size of what goes, as JSON. */
  bytes: number;
  /** Outputs that stay because of their cell's tag. */
  keptOutputs: number;
  /** Cells whose tag would keep their outputs, were they smaller. */
  oversized: number;
}

/** What goes from an open notebook, and how many of what that is. */
export interface IStripPlan {
  counts: IStripCounts;
  changes: IChanges;
  /** Whether a cell is being run now. */
  isRunning: boolean;
}

/** What was stripped from an open notebook, and how to put it back. */
export interface IStripResult extends IStripCounts {
  /**
   * Put it back, where the notebook has not got something newer.
   *
   * @param notebook - The document, if its file was opened again since.
   * @param form - The form of the outputs that are put back.
   */
  undo: (notebook?: SharedNotebook, form?: PutBackForm) => IUndone;
}

/**
 * Metadata that Lab keeps in a document, but never writes to its file.
 *
 * Without `trusted`, the outputs that a tag keeps would no longer be shown.
 */
const TRANSIENT: readonly string[] = ['trusted'];

/** Metadata that tells of the run that made the outputs. */
const TIMING: readonly string[] = [
  'execution',
  'ExecuteTime',
  'executionInfo',
  'papermill',
  'outputId'
];

/**
 * Say what goes from an open notebook, and change nothing.
 *
 * @param notebook - The document.
 * @param policy - What goes and what stays, as the server says.
 * @param whole - Gives an output that the document only has the address of.
 */
export function planStrip(
  notebook: SharedNotebook,
  policy: CleanPolicy,
  whole: OutputForm = output => output
): IStripPlan {
  return new Plan(notebook, policy, whole);
}

/**
 * Strip an open notebook as the server would strip its file.
 *
 * All changes are one transaction, so that Lab's own undo reverts them too.
 *
 * @param notebook - The document.
 * @param plan - What goes, as found in the document as it is now.
 */
export function stripNotebook(
  notebook: SharedNotebook,
  { counts, changes }: Pick<IStripPlan, 'counts' | 'changes'>
): IStripResult {
  apply(notebook, changes);
  return {
    ...counts,
    undo: (now = notebook, form) => takeBack(now, changes, form)
  };
}

/**
 * One look at a notebook: what goes, and what is left.
 *
 * The rules are those of `CleanPolicy` in rsp_health/cleaning/models.py.
 */
class Plan implements IStripPlan {
  constructor(
    notebook: SharedNotebook,
    private readonly _policy: CleanPolicy,
    private readonly _whole: OutputForm
  ) {
    for (const cell of notebook.cells) {
      const timing = isCode(cell)
        ? TIMING.filter(key => _policy.drop_cell_metadata.includes(key))
        : [];
      if (isCode(cell)) {
        this._run(cell, timing);
      }
      this._cellMetadata(cell, timing);
    }
    this._notebookMetadata(notebook);
  }

  readonly counts: IStripCounts = {
    outputs: 0,
    executionCounts: 0,
    metadata: 0,
    bytes: 0,
    keptOutputs: 0,
    oversized: 0
  };
  readonly changes: IChanges = { cells: [], notebook: [] };
  isRunning = false;

  private _run(cell: SharedCodeCell, timing: readonly string[]): void {
    const { counts } = this;
    const before = readRun(cell, timing);
    const outputs = this._outputsThatStay(cell, before.outputs);
    const after: IRun = { ...before, outputs, count: null, timing: {} };
    const fields = Object.values(before.timing);
    fields.forEach(value => {
      this._note(value);
    });
    counts.executionCounts += before.count === null ? 0 : 1;
    this.isRunning ||= before.isRunning;
    if (outputs !== before.outputs || before.count !== null || fields.length) {
      this._change(cell, runPlace(timing), { ...before }, { ...after });
    }
  }

  /** The outputs that stay; the same list if nothing of them goes. */
  private _outputsThatStay(
    cell: SharedCodeCell,
    outputs: nbformat.IOutput[]
  ): nbformat.IOutput[] {
    const { counts } = this;
    if (!outputs.length) {
      return outputs;
    }
    const whole = outputs.map(this._whole);
    if (!this._keepsOutputs(cell, whole)) {
      counts.outputs += outputs.length;
      counts.bytes += sizeOf(whole);
      return [];
    }
    counts.keptOutputs += outputs.length;
    // Outputs that stay do not say when they were made.
    const isCounted = (output: nbformat.IOutput): boolean =>
      (output.execution_count ?? null) !== null;
    const counted = whole.filter(isCounted).length;
    counts.executionCounts += counted;
    return counted
      ? whole.map((output, at) =>
          isCounted(output)
            ? { ...output, execution_count: null }
            : (outputs[at] ?? output)
        )
      : outputs;
  }

  private _cellMetadata(cell: SharedCell, timing: readonly string[]): void {
    for (const key of this._policy.drop_cell_metadata) {
      const value = cell.getMetadata(key);
      if (
        value !== undefined &&
        !TRANSIENT.includes(key) &&
        !timing.includes(key)
      ) {
        this._note(value);
        this._change(cell, metadataPlace(key), value, undefined);
      }
    }
    if (
      this._policy.drop_cell_metadata.includes('collapsed') &&
      // A document keeps both names alike, and deletes both, once either was
      // set in it. One that came from a server or a collaborator may hold
      // the one alone.
      cell.getMetadata('collapsed') === undefined
    ) {
      const hidden = HIDDEN.read(cell);
      if (hidden !== undefined) {
        this._note(hidden);
        this._change(cell, HIDDEN, hidden, undefined);
      }
    }
  }

  private _notebookMetadata(notebook: SharedNotebook): void {
    for (const key of this._policy.drop_notebook_metadata) {
      const before = notebook.getMetadata(key);
      if (before !== undefined) {
        this._note(before);
        const place = metadataPlace(key);
        this.changes.notebook.push({ place, before, after: undefined });
      }
    }
    const before = notebook.getMetadata('language_info') as
      PartialJSONObject | undefined;
    if (this._policy.strip_language_version && before?.version !== undefined) {
      const { version, ...after } = before;
      this._note(version);
      // As a whole: the version of one language is none of another.
      const place = metadataPlace('language_info');
      this.changes.notebook.push({ place, before, after });
    }
  }

  private _keepsOutputs(
    cell: SharedCodeCell,
    outputs: nbformat.IOutput[]
  ): boolean {
    const tags = cell.getMetadata('tags');
    const tagged =
      Array.isArray(tags) &&
      this._policy.keep_output_tags.some(tag => tags.includes(tag));
    if (!tagged) {
      return false;
    }
    const fits = sizeOf(outputs) <= this._policy.keep_output_max_bytes;
    this.counts.oversized += fits ? 0 : 1;
    return fits;
  }

  private _change(
    cell: SharedCell,
    place: ICellChange['place'],
    before: Value,
    after: Value
  ): void {
    const id = cell.getId();
    this.changes.cells.push({ cell, id, place, before, after });
  }

  private _note(value: unknown): void {
    this.counts.metadata += 1;
    this.counts.bytes += sizeOf(value);
  }
}

/** Bytes of the compact JSON in UTF-8, with texts in lists of lines joined. */
export function sizeOf(value: unknown): number {
  const json = JSON.stringify(value, (_, part: unknown) =>
    isLines(part) ? part.join('') : part
  );
  return new TextEncoder().encode(json).length;
}

function isLines(part: unknown): part is string[] {
  return (
    Array.isArray(part) &&
    part.length > 0 &&
    part.every(line => typeof line === 'string')
  );
}
