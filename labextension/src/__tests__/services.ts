import type {
  PlatformVerdict,
  ServiceStatus,
  StatusDocument
} from '../api/generated/api';

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
    advice: '',
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
    told: '1 service is up.',
    advice: '',
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
