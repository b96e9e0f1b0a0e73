import type { CellResult, RunDocument } from '../../api/generated/api';

/** How long one cell of a run took. */
export interface ITiming {
  path: string;
  cell: CellResult;
  durationS: number;
  /** Of the slowest cell, from 0 to 1. */
  share: number;
}

/** The cells of a run that have a duration, the slowest first. */
export function slowestCells(run: RunDocument): ITiming[] {
  const timed = run.notebooks
    .flatMap(({ path, cells }) =>
      cells.map(cell => ({ path, cell, durationS: cell.duration_s }))
    )
    .filter(
      (timing): timing is Omit<ITiming, 'share'> => timing.durationS !== null
    )
    .sort((a, b) => b.durationS - a.durationS);
  const slowest = timed[0]?.durationS ?? 0;
  return timed.map(timing => ({
    ...timing,
    share: slowest > 0 ? timing.durationS / slowest : 0
  }));
}
