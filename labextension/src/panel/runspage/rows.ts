import type { NotebookTrend, RecentResult } from '../../api/generated/api';

/** How many runs are shown. */
export const RUNS = 20;

/** A run, as a column. */
export interface IRunColumn {
  runId: string;
  /** When the first of its notebooks began. */
  at: string;
}

/** A notebook, as a row. */
export interface INotebookRow {
  /** Its absolute path, as records tell it. */
  notebook: string;
  /** What tells it from the others. */
  name: string;
  usualS: number | null;
  passes: number;
  /** Its result in each run that it was part of. */
  results: Map<string, RecentResult>;
}

/**
 * The runs that results are of, the oldest first.
 *
 * @param notebooks - With their results.
 * @param most - How many, from the newest.
 */
export function runColumns(
  notebooks: readonly NotebookTrend[],
  most: number
): IRunColumn[] {
  const begun = new Map<string, string>();
  for (const { results } of notebooks) {
    for (const { run_id: runId, at } of results) {
      const known = begun.get(runId);
      if (known === undefined || at < known) {
        begun.set(runId, at);
      }
    }
  }
  return [...begun]
    .map(([runId, at]) => ({ runId, at }))
    .sort((a, b) => compare(a.at, b.at) || compare(a.runId, b.runId))
    .slice(-most);
}

/** The notebooks, in the order of their names. */
export function notebookRows(
  notebooks: readonly NotebookTrend[]
): INotebookRow[] {
  const shared = sharedFolder(notebooks.map(({ notebook }) => notebook));
  return notebooks
    .map(({ notebook, usual, results }) => ({
      notebook,
      name: notebook.slice(shared.length),
      usualS: usual?.median_s ?? null,
      passes: usual?.n ?? 0,
      results: new Map(results.map(result => [result.run_id, result]))
    }))
    .sort((a, b) => compare(a.name, b.name));
}

/** The folder that all paths are in, with its slash. */
export function sharedFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths.map(path =>
    path.slice(0, path.lastIndexOf('/') + 1)
  );
  let shared = first;
  for (const folder of others) {
    while (!folder.startsWith(shared)) {
      const inner = shared.slice(0, -1);
      shared = inner.slice(0, inner.lastIndexOf('/') + 1);
    }
  }
  return shared;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
