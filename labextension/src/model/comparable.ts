import type { RunSummary } from '../api/generated/api';
import { isActive } from './runs';

/** Whether a run can be compared: it has ended, and can be read. */
export function isComparable({ state }: RunSummary): boolean {
  return !isActive(state) && state !== 'unreadable';
}

/**
 * The run that one is compared with, unless the user says otherwise.
 *
 * @param runs - All, newest first.
 * @param runId - The later one.
 * @returns The one before in its folder, else the one before; null: there is
 *   none, or the later one cannot be compared.
 */
export function runBefore(
  runs: readonly RunSummary[],
  runId: string
): RunSummary | null {
  const place = runs.findIndex(({ run_id: id }) => id === runId);
  const run = runs[place];
  if (!run || !isComparable(run)) {
    return null;
  }
  const older = runs.slice(place + 1).filter(isComparable);
  return older.find(({ folder }) => folder === run.folder) ?? older[0] ?? null;
}
