import type {
  CellResult,
  NotebookResult,
  RunDocument,
  RunSummary
} from '../api/generated/api';

export function cell(fields: Partial<CellResult> = {}): CellResult {
  return {
    index: 1,
    id: 'imports',
    source_sha256: '0',
    source: 'import os',
    state: 'passed',
    started_at: null,
    duration_s: 0.8,
    peak_memory_bytes: null,
    output_bytes: 0,
    output_truncated: false,
    output_tail: null,
    error: null,
    usual: null,
    ...fields
  };
}

export function notebook(fields: Partial<NotebookResult> = {}): NotebookResult {
  return {
    path: 'tap.ipynb',
    application: 'tap',
    kernel: 'python3',
    state: 'passed',
    reason: null,
    started_at: null,
    duration_s: 1.5,
    attempts: 1,
    executed_path: null,
    content_sha256: null,
    expected_s: null,
    usual: null,
    fault: null,
    notes: [],
    cells: [cell()],
    ...fields
  };
}

/** Where the checkout of `repository()` is, for a root of /home/me. */
export const FOLDER = '/home/me/notebooks/rsp-health/system-test';

export function run(fields: Partial<RunDocument> = {}): RunDocument {
  return {
    schema: 'rsp-health.run/1',
    run_id: 'run-1',
    state: 'passed',
    reason: null,
    mode: 'jupyter',
    backend: 'local',
    jobs: 1,
    started_at: '2026-11-20T21:33:41.123Z',
    finished_at: '2026-11-20T21:34:41.123Z',
    duration_s: 60,
    folder: FOLDER,
    environment: {
      instance: null,
      image: null,
      image_description: null,
      kernel: null,
      python: null,
      cpu_limit: null,
      memory_limit_bytes: null
    },
    repository: null,
    problems: [],
    services: [],
    totals: { passed: 1, failed: 0, skipped: 0, other: 0 },
    notebooks: [notebook()],
    ...fields
  };
}

export function summary(document: RunDocument): RunSummary {
  const { run_id, state, mode, started_at, finished_at } = document;
  const { duration_s, folder, totals, notebooks } = document;
  return {
    run_id,
    state,
    mode,
    started_at,
    finished_at,
    duration_s,
    folder,
    totals,
    notebooks: notebooks.length
  };
}
