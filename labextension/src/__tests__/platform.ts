import { entry, repository } from './checkouts';
import { FakeServer } from './server';
import { status } from './services';

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
