import { ServerConnection } from '@jupyterlab/services';
import type { Event } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { DOMAIN } from '../commands';
import type {
  CellResult,
  Inspection,
  NotebookEntry,
  NotebookResult,
  Operation,
  PlatformVerdict,
  Repository,
  RunDocument,
  RunSummary,
  ServiceStatus,
  StatusDocument
} from '../generated/api';

/** Strings as they are written in the source. */
export const trans = nullTranslator.load(DOMAIN);

/** An answer that is not 200 with a JSON body. */
export class RawAnswer {
  constructor(
    readonly status: number,
    readonly text: string
  ) {}
}

/** What a route answers: a body for 200, or all of it. */
export type Answer = Record<string, unknown> | RawAnswer;

/** An answer, or what makes one for each request. */
type Source = object | (() => object);

/** Stands in for the Jupyter server at the only place that talks to it. */
export class FakeServer {
  /** Each request so far, as `GET services`. */
  readonly log: string[] = [];

  /** The bodies that were sent, in order. */
  readonly bodies: unknown[] = [];

  /** Whether the network is cut. */
  down = false;

  readonly settings = ServerConnection.makeSettings({
    baseUrl: 'http://lab.example/user/me/',
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      this._fetch(new Request(input, init))
  });

  /** Set what a route answers from now on. */
  on(route: string, answer: Source): this {
    this._routes.set(route, answer);
    return this;
  }

  /** How often a route was asked. */
  count(route: string): number {
    return this.log.filter(entry => entry === route).length;
  }

  private async _fetch(request: Request): Promise<Response> {
    if (this.down) {
      throw new TypeError('Failed to fetch');
    }
    const { pathname, search } = new URL(request.url);
    // Ours without the name of the extension, others' as they are.
    const path = pathname.replace(/^\/user\/me\/(rsp-health\/)?/, '');
    const query = search.replace(/[?&]\d+$/, '');
    const route = `${request.method} ${path}${query}`;
    this.log.push(route);
    if (request.method === 'POST') {
      this.bodies.push(await request.json());
    }
    const known =
      this._routes.get(route) ??
      this._routes.get(route.replace(/\?(refresh=true|path=.*)$/, ''));
    const answer: object | undefined =
      typeof known === 'function' ? (known as () => object)() : known;
    if (answer === undefined) {
      return new Response('<html>404</html>', { status: 404 });
    }
    return answer instanceof RawAnswer
      ? new Response(answer.text, { status: answer.status })
      : new Response(JSON.stringify(answer), { status: 200 });
  }

  private readonly _routes = new Map<string, Source>();
}

/** Stands in for Jupyter's event bus. */
export class FakeEvents {
  readonly stream = new Signal<Event.IManager, Event.Emission>(
    this as unknown as Event.IManager
  );

  emit(schemaId: string, fields: object): void {
    this.stream.emit({ schema_id: schemaId, ...fields });
  }

  get manager(): Event.IManager {
    return this as unknown as Event.IManager;
  }
}

/** An error as the server writes it. */
export function refusal(
  status: number,
  error: string,
  more: object = {}
): Answer {
  const body = { error, message: `About ${error}.`, hint: 'Do this.', ...more };
  return new RawAnswer(status, JSON.stringify(body));
}

/** Let everything that waits for an answer go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise(resolve => setTimeout(resolve, 0));
  }
}

export function service(fields: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    id: 'tap',
    title: 'TAP',
    application: 'tap',
    category: 'data',
    dataset: null,
    datasets: [],
    state: 'up',
    state_age_s: 10,
    stale: false,
    evidence: 'VOSI says available',
    source: null,
    depth: 'backend',
    looked_at: '',
    age_s: 3,
    latency_s: 0.12,
    until: null,
    checks: 1,
    history: [],
    quota: null,
    notebooks: [],
    last_run: null,
    spends_quota: false,
    cost: '',
    query: null,
    query_cost: '',
    version: null,
    maintenance: null,
    depends_on: [],
    affected_by: [],
    facility: null,
    open_url: null,
    docs: null,
    runbook: null,
    logs: null,
    owner: null,
    contact: null,
    ...fields
  };
}

/** What is wrong first, as the server says it. */
export function verdict(
  fields: Partial<PlatformVerdict> = {}
): PlatformVerdict {
  return {
    state: 'well',
    word: '1 up',
    sentence: '1 service is up.',
    since: null,
    whose: '',
    next_step: '',
    services: ['tap'],
    checks: [],
    ...fields
  };
}

export function status(
  services: ServiceStatus[] = [service()],
  fields: Partial<StatusDocument> = {}
): StatusDocument {
  return {
    schema: 'rsp-health.status/1',
    instance: 'data.example.com',
    observed_at: '2026-11-20T21:33:41.123Z',
    observer_offline: false,
    catalogue_problem: '',
    discovery: { state: 'fresh', age_s: 1, message: '' },
    verdict: verdict(),
    services,
    ...fields
  };
}

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
    modified_at: null,
    ...fields
  };
}

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
    ...fields
  };
}

export function notebook(fields: Partial<NotebookResult> = {}): NotebookResult {
  return {
    path: 'tap.ipynb',
    application: 'tap',
    state: 'passed',
    reason: null,
    started_at: null,
    duration_s: 1.5,
    attempts: 1,
    executed_path: null,
    expected_s: null,
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

/** What is stripped from the notebooks of the tests. */
export const CLEAN_POLICY = {
  keep_output_tags: ['keep_output'],
  keep_output_max_bytes: 1000,
  drop_cell_metadata: [],
  drop_notebook_metadata: [],
  strip_language_version: true
};

/** A server that answers what a panel asks for at first. */
export function platform(): FakeServer {
  return new FakeServer()
    .on('GET services', status())
    .on('GET clean/policy', CLEAN_POLICY)
    .on('GET quota', {
      schema: 'rsp-health.quota/1',
      observed_at: '2026-11-20T21:33:41.123Z',
      token: {
        state: 'valid',
        message: '',
        username: 'me',
        scopes: ['read:tap'],
        expires_at: null
      },
      api: [],
      concurrent_queries: {},
      lab: {
        image: null,
        image_description: 'Weekly 2026_45',
        size: null,
        cpu_limit: 2,
        memory_limit_bytes: null,
        memory_used_bytes: null,
        disk_free_bytes: null,
        disk_total_bytes: null,
        cpu_used: null,
        oom_kills: null,
        quota_cpu: null,
        quota_memory_bytes: null,
        quota_disk_bytes: null,
        disk_quotas: {},
        may_spawn: null,
        hints: []
      },
      test_bots: null
    })
    .on('GET broadcasts', {
      schema: 'rsp-health.broadcasts/1',
      state: 'fresh',
      message: '',
      broadcasts: [],
      messages: [],
      messages_note: ''
    })
    .on('GET repositories', {
      schema: 'rsp-health.repositories/1',
      root: '/home/me',
      problems: [],
      repositories: [repository()]
    })
    .on('GET runs', { schema: 'rsp-health.runs/1', runs: [] })
    .on('GET notebooks?repository=system-test', {
      schema: 'rsp-health.notebooks/1',
      repository: 'system-test',
      directory: 'notebooks/rsp-health/system-test',
      problems: [],
      notebooks: [entry()]
    });
}
