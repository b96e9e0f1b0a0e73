import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { PartialJSONObject, PartialJSONValue } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';

/** The shared model of an open notebook. */
export type SharedNotebook = INotebookModel['sharedModel'];

/** The shared model of one of its cells. */
export type SharedCell = SharedNotebook['cells'][number];

/** The shared model of a code cell. */
export type SharedCodeCell = Extract<SharedCell, { cell_type: 'code' }>;

/** What stands at a place; undefined if nothing does. */
export type Value = PartialJSONValue | undefined;

/** A place in a cell or in a notebook that is stripped as one. */
interface IPlace<T> {
  /** Of which kind it is, and where. */
  name: string;
  read: (on: T) => Value;
  write: (on: T, value: Value) => void;
}

/** Turns an output into another form of it. */
export type OutputForm = (output: nbformat.IOutput) => nbformat.IOutput;

/** The form in which a document gets an output back; null if nobody has it. */
export type PutBackForm = (output: nbformat.IOutput) => nbformat.IOutput | null;

/** One thing that goes: from where, what it was, and what is left. */
interface IChangeOf<T> {
  place: IPlace<T>;
  before: Value;
  after: Value;
}

/** One thing that goes from the notebook itself. */
export type NotebookChange = IChangeOf<SharedNotebook>;

/** One thing that goes from a cell. */
export interface ICellChange extends IChangeOf<SharedCell> {
  /** The cell as it was found. */
  cell: SharedCell;
  id: string;
}

/** All that goes from a notebook. */
export interface IChanges {
  cells: ICellChange[];
  notebook: NotebookChange[];
}

/** What became of the changes that were to be taken back. */
export interface IUndone {
  /** What stands there again as it was. */
  restored: number;
  /** Cells that were run again, or are being run; they keep what is newer. */
  rerun: number;
  /** Cells that are not there any more. */
  gone: number;
  /** Metadata and emptied outputs that were changed; they stay so. */
  changed: number;
  /** Outputs of which there is only an address that leads nowhere. */
  lost: number;
}

/** The name of the place of what a run leaves. */
const RUN = 'run';

/**
 * The place of what a run leaves in a code cell.
 *
 * Outputs, count and timing are one: what of them is put back must all be of
 * the same run.
 *
 * @param timing - Metadata that says when the cell was run.
 */
export function runPlace(timing: readonly string[]): IPlace<SharedCell> {
  return {
    name: RUN,
    read: cell => (isCode(cell) ? { ...readRun(cell, timing) } : undefined),
    write: (cell, value) => {
      if (isCode(cell) && value !== undefined) {
        writeRun(cell, value as unknown as IRun, timing);
      }
    }
  };
}

/** What a run leaves in a cell. */
export interface IRun {
  outputs: nbformat.IOutput[];
  count: nbformat.ExecutionCount;
  isRunning: boolean;
  timing: PartialJSONObject;
}

/** Read what the last run left in a cell. */
export function readRun(cell: SharedCodeCell, timing: readonly string[]): IRun {
  const fields: PartialJSONObject = {};
  for (const key of timing) {
    const value = cell.getMetadata(key);
    if (value !== undefined) {
      fields[key] = value;
    }
  }
  return {
    outputs: cell.getOutputs(),
    count: cell.execution_count,
    isRunning: cell.executionState === 'running',
    timing: fields
  };
}

function writeRun(
  cell: SharedCodeCell,
  run: IRun,
  timing: readonly string[]
): void {
  if (!JSONExt.deepEqual(cell.getOutputs(), run.outputs)) {
    cell.setOutputs(run.outputs);
  }
  cell.execution_count = run.count;
  for (const key of timing) {
    writeMetadata(cell, key, run.timing[key]);
  }
}

/** The place of a field of the metadata, of a cell or of the notebook. */
export function metadataPlace(
  key: string
): IPlace<SharedCell | SharedNotebook> {
  return {
    name: `metadata ${key}`,
    read: on => on.getMetadata(key),
    write: (on, value) => {
      writeMetadata(on, key, value);
    }
  };
}

/** The place of `jupyter.outputs_hidden`, the other name of `collapsed`. */
export const HIDDEN: IPlace<SharedCell> = {
  name: 'metadata jupyter.outputs_hidden',
  read: cell => jupyterOf(cell)?.outputs_hidden,
  write: (cell, value) => {
    const fields = { ...jupyterOf(cell), outputs_hidden: value };
    if (value === undefined) {
      delete fields.outputs_hidden;
    }
    const isEmpty = !Object.keys(fields).length;
    writeMetadata(cell, 'jupyter', isEmpty ? undefined : fields);
  }
};

function jupyterOf(cell: SharedCell): PartialJSONObject | undefined {
  return cell.getMetadata('jupyter') as PartialJSONObject | undefined;
}

function writeMetadata(
  on: SharedCell | SharedNotebook,
  key: string,
  value: Value
): void {
  if (value === undefined) {
    on.deleteMetadata(key);
  } else {
    on.setMetadata(key, value);
  }
}

/** Whether two looks at a notebook found that the very same goes. */
export function sameChanges(one: IChanges, other: IChanges): boolean {
  return JSONExt.deepEqual(asJSON(one), asJSON(other));
}

function asJSON({ cells, notebook }: IChanges): PartialJSONValue {
  return [
    cells.map(({ id, place, before }) => [id, place.name, before ?? null]),
    notebook.map(({ place, before }) => [place.name, before ?? null])
  ];
}

/** Carry changes out, as one transaction. */
export function apply(notebook: SharedNotebook, changes: IChanges): void {
  notebook.transact(() => {
    for (const { place, cell, after } of changes.cells) {
      place.write(cell, after);
    }
    for (const { place, after } of changes.notebook) {
      place.write(notebook, after);
    }
  });
}

/**
 * Take changes back, as one transaction.
 *
 * A value is put back only where there is exactly what the change left;
 * whatever is newer stays.
 *
 * @param notebook - The document; that of the changes, or one that was made
 * from the same file since.
 * @param changes - The changes as they were carried out.
 * @param form - The form of the outputs that are put back.
 */
export function takeBack(
  notebook: SharedNotebook,
  changes: IChanges,
  form: PutBackForm = output => output
): IUndone {
  const undone: IUndone = {
    restored: 0,
    rerun: 0,
    gone: 0,
    changed: 0,
    lost: 0
  };
  const gone = new Set<SharedCell>();
  const find = finder(notebook);
  notebook.transact(() => {
    for (const change of changes.cells) {
      const cell = find(change);
      const { value, lost } = formed(change, form);
      const there = cell && putBack(change, cell, value);
      if (!cell) {
        gone.add(change.cell);
      } else if (there) {
        undone.restored += 1;
        undone.lost += there === 'written' ? lost : 0;
      } else if (change.place.name === RUN && wasRun(cell)) {
        undone.rerun += 1;
      } else {
        undone.changed += 1;
      }
    }
    for (const change of changes.notebook) {
      undone[putBack(change, notebook) ? 'restored' : 'changed'] += 1;
    }
  });
  undone.gone = gone.size;
  return undone;
}

/** What was there before, as it is put back, and how many outputs it lacks. */
function formed(
  { place, before }: ICellChange,
  form: PutBackForm
): { value: Value; lost: number } {
  if (place.name !== RUN) {
    return { value: before, lost: 0 };
  }
  const run = before as unknown as IRun;
  const outputs = run.outputs.flatMap(output => form(output) ?? []);
  const value = { ...run, outputs };
  return { value, lost: run.outputs.length - outputs.length };
}

/**
 * Put a value back, where there is what the change left.
 *
 * @returns Whether what was there before is there now: because it was written,
 * or already, because Lab's own undo was faster.
 */
function putBack<T>(
  { place, before, after }: IChangeOf<T>,
  on: T,
  value = before
): 'written' | 'found' | null {
  const now = place.read(on);
  if (equal(now, after)) {
    place.write(on, value);
    return 'written';
  }
  return equal(now, before) ? 'found' : null;
}

function equal(one: Value, other: Value): boolean {
  return one === undefined || other === undefined
    ? one === other
    : JSONExt.deepEqual(one, other);
}

/** Whether there is anything in a cell that a run leaves. */
function wasRun(cell: SharedCell): boolean {
  if (!isCode(cell)) {
    return false;
  }
  const { outputs, count, isRunning } = readRun(cell, []);
  return outputs.length > 0 || count !== null || isRunning;
}

/**
 * Find the cells of changes in a notebook as it is now.
 *
 * A cell that is still there is the one. One that was moved, or read from the
 * file again, is another object with the same id. Cells whose file gives them
 * no ids have such as hold for this document only, so they are found until
 * the file is read again.
 */
function finder(
  notebook: SharedNotebook
): (change: ICellChange) => SharedCell | undefined {
  const present = new Set<SharedCell>(notebook.cells);
  const byId = new Map<string, SharedCell[]>();
  for (const cell of notebook.cells) {
    const id = cell.getId();
    byId.set(id, [...(byId.get(id) ?? []), cell]);
  }
  return ({ cell, id }) => {
    if (present.has(cell)) {
      return cell;
    }
    const [only, ...others] = byId.get(id) ?? [];
    return others.length ? undefined : only;
  };
}

/** Whether a cell is a code cell. */
export function isCode(cell: SharedCell): cell is SharedCodeCell {
  return cell.cell_type === 'code';
}
