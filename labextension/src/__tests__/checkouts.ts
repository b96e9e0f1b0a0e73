import type {
  Inspection,
  NotebookEntry,
  Operation,
  Repository
} from '../api/generated/api';

export function repository(fields: Partial<Repository> = {}): Repository {
  return {
    id: 'system-test',
    title: 'System test',
    url: 'https://example.com/system-test',
    ref: 'main',
    suggested_ref: null,
    directory: 'notebooks/rsp-health/system-test',
    state: 'present',
    writable: true,
    provenance: null,
    output_filter: null,
    backups: 0,
    locked_by: null,
    operation: null,
    ...fields
  };
}

export function operation(fields: Partial<Operation> = {}): Operation {
  return {
    schema: 'rsp-health.operation/1',
    id: 'op-1',
    kind: 'checkout',
    repository: 'system-test',
    state: 'running',
    phase: 'Receiving objects',
    percent: 40,
    directory: 'notebooks/rsp-health/system-test',
    backup: null,
    commit: null,
    path: null,
    up_to_date: false,
    warning: null,
    error: null,
    ...fields
  };
}

export function inspection(fields: Partial<Inspection> = {}): Inspection {
  return {
    schema: 'rsp-health.inspection/1',
    repository: 'system-test',
    title: 'System test',
    ref: 'main',
    directory: 'notebooks/rsp-health/system-test',
    state: 'present',
    at_risk: false,
    changes: [],
    changes_omitted: 0,
    commits: [],
    stashes: 0,
    objects: 0,
    history: null,
    branches: [],
    kernels: [],
    worktrees: [],
    processes: [],
    size_bytes: 4_100_000,
    free_bytes: 62_000_000_000,
    ignored_files: 0,
    ignored_bytes: 0,
    backup: null,
    commit: null,
    base_commit: null,
    upstream_commit: null,
    upstream_error: null,
    behind: null,
    quota_bytes: null,
    output_filter: null,
    fingerprint: 'f1',
    ...fields
  };
}

export function entry(fields: Partial<NotebookEntry> = {}): NotebookEntry {
  return {
    path: 'tap.ipynb',
    application: 'tap',
    required_applications: [],
    selected: true,
    reason: null,
    effects: 'passive',
    load: 'light',
    modified_at: null,
    usual: null,
    recent: [],
    content_sha256: null,
    ...fields
  };
}
