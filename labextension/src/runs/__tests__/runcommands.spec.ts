import { entry, repository } from '../../__tests__/checkouts';
import { platform } from '../../__tests__/platform';
import { FOLDER, notebook, run, summary } from '../../__tests__/runs';
import type { FakeServer } from '../../__tests__/server';
import { service, status } from '../../__tests__/services';
import { trans } from '../../__tests__/strings';
import type { RunDocument } from '../../api/generated/api';
import { HealthModel } from '../../model/model';
import { summarise } from '../../status/summary';
import { runAgain, runFailed, runNotebooks, stopRuns } from '../runcommands';

async function modelOn(server: FakeServer): Promise<HealthModel> {
  const model = new HealthModel({ serverSettings: server.settings });
  await model.refresh();
  await model.runs.loadFolder(FOLDER);
  return model;
}

/** A platform whose checkout holds these notebooks. */
function holding(...paths: string[]): FakeServer {
  return platform().on('GET notebooks?repository=system-test', {
    schema: 'rsp-health.notebooks/1',
    repository: 'system-test',
    directory: 'notebooks/rsp-health/system-test',
    problems: [],
    notebooks: paths.map(path => entry({ path }))
  });
}

const FAILED = run({
  state: 'failed',
  notebooks: [
    notebook({ path: 'a.ipynb', state: 'timed_out' }),
    notebook({ path: 'b.ipynb', state: 'passed' }),
    notebook({ path: 'c.ipynb', state: 'failed' })
  ]
});

describe('runNotebooks', () => {
  it('runs what applies in the checkout that is chosen', async () => {
    const server = platform().on('POST runs', summary(run()));
    const model = await modelOn(server);
    await runNotebooks(model, trans, {});
    await runNotebooks(model, trans, {
      repository: 'system-test',
      paths: ['x.ipynb'],
      all: true
    });
    expect(server.bodies).toEqual([
      { repository: 'system-test', paths: [], all: false },
      { repository: 'system-test', paths: ['x.ipynb'], all: true }
    ]);
    model.dispose();
  });

  it('says that nothing is checked out', async () => {
    const server = platform().on('GET repositories', {
      root: '/home/me',
      problems: [],
      repositories: [repository({ state: 'absent' })]
    });
    const model = await modelOn(server);
    await expect(runNotebooks(model, trans, {})).rejects.toMatchObject({
      code: 'no_checkout',
      message: 'System test is not checked out yet.'
    });
    await expect(
      runNotebooks(model, trans, { repository: 'gone' })
    ).rejects.toMatchObject({ message: 'There is no such repository.' });
    model.dispose();
  });
});

describe('runFailed', () => {
  it('runs what ended badly last time, where it still is', async () => {
    const gone = notebook({ path: 'gone.ipynb', state: 'failed' });
    const failed = { ...FAILED, notebooks: [...FAILED.notebooks, gone] };
    const server = holding('a.ipynb', 'b.ipynb', 'c.ipynb')
      .on('GET runs', { runs: [summary(failed)] })
      .on('GET runs/run-1', failed)
      .on('POST runs', summary(run()));
    const model = await modelOn(server);
    await runFailed(model, trans);
    expect(server.bodies).toEqual([
      { repository: 'system-test', paths: ['a.ipynb', 'c.ipynb'] }
    ]);
    model.dispose();
  });

  it('takes the tags as the runs did that failed', async () => {
    const failed: RunDocument = { ...FAILED, mode: 'mobu' };
    const server = holding('a.ipynb', 'b.ipynb', 'c.ipynb')
      .on('GET runs', { runs: [summary(failed)] })
      .on('GET runs/run-1', failed)
      .on('POST runs', summary(run()));
    const model = await modelOn(server);
    await runFailed(model, trans);
    expect(server.bodies).toMatchObject([{ mode: 'mobu' }]);
    model.dispose();
  });

  it('says that nothing has failed', async () => {
    const model = await modelOn(platform());
    await expect(runFailed(model, trans)).rejects.toMatchObject({
      code: 'nothing_failed'
    });
    model.dispose();
  });
});

describe('runAgain', () => {
  const again = run({
    mode: 'mobu',
    notebooks: [
      notebook({ path: 'a.ipynb' }),
      notebook({ path: 'b.ipynb', state: 'skipped' }),
      notebook({ path: 'sub/c.ipynb', state: 'died' })
    ]
  });

  it.each([
    [FOLDER, { repository: 'system-test', paths: ['a.ipynb', 'sub/c.ipynb'] }],
    ['/home/me/mine', { paths: ['mine/a.ipynb', 'mine/sub/c.ipynb'] }]
  ])('runs what the newest run ran in %s', async (folder, expected) => {
    const document = { ...again, folder };
    const server = holding('a.ipynb', 'b.ipynb', 'sub/c.ipynb')
      .on('GET runs', { runs: [summary(document)] })
      .on('GET runs/run-1', document)
      .on('POST runs', summary(document));
    const model = await modelOn(server);
    await runAgain(model, trans, undefined);
    expect(server.bodies).toEqual([{ ...expected, mode: 'mobu' }]);
    model.dispose();
  });

  it('runs the rest of one that was stopped', async () => {
    const stopped = {
      ...again,
      notebooks: [
        notebook({ path: 'a.ipynb' }),
        notebook({ path: 'sub/c.ipynb', state: 'stopped' })
      ]
    };
    const server = holding('a.ipynb', 'sub/c.ipynb')
      .on('GET runs', { runs: [summary(stopped)] })
      .on('GET runs/run-1', stopped)
      .on('POST runs', summary(stopped));
    const model = await modelOn(server);
    await runAgain(model, trans, 'run-1', true);
    expect(server.bodies).toEqual([
      { repository: 'system-test', paths: ['sub/c.ipynb'], mode: 'mobu' }
    ]);
    model.dispose();
  });

  it('says what keeps it from that', async () => {
    const elsewhere = { ...again, folder: '/scratch' };
    const server = platform()
      .on('GET runs', { runs: [] })
      .on('GET runs/run-1', elsewhere);
    const model = await modelOn(server);
    await expect(runAgain(model, trans, undefined)).rejects.toMatchObject({
      code: 'nothing_ran'
    });
    await expect(runAgain(model, trans, 'run-1')).rejects.toMatchObject({
      code: 'outside_root',
      message: '/scratch is not in this lab.'
    });
    model.dispose();
  });
});

describe('stopRuns', () => {
  it('stops each run that is under way, and no other', async () => {
    const running = run({ run_id: 'r2', state: 'running' });
    const server = platform()
      .on('GET runs', { runs: [running, FAILED].map(summary) })
      .on('GET runs/r2', running)
      .on('GET runs/run-1', FAILED)
      .on('POST runs/r2/stop', run({ run_id: 'r2', state: 'stopped' }));
    const model = await modelOn(server);
    await stopRuns(model, trans);
    expect(server.log.filter(entry => entry.endsWith('/stop'))).toEqual([
      'POST runs/r2/stop'
    ]);
    model.dispose();
  });
});

describe('summarise', () => {
  it('says what the panel says, the worst first', async () => {
    const server = platform()
      .on(
        'GET services',
        status([
          service(),
          service({ id: 'b', title: 'Portal' }),
          service({ id: 'c', state: 'unmonitored' }),
          service({
            id: 'd',
            state: 'unknown',
            spends_quota: true,
            age_s: null
          }),
          service({ title: 'SIA', state: 'down', evidence: 'HTTP 503' })
        ])
      )
      .on('GET runs', { runs: [summary(FAILED)] })
      .on('GET runs/run-1', FAILED);
    const model = await modelOn(server);
    expect(summarise(model, trans).split('\n')).toEqual([
      'RSP Health of data.example.com at 2026-11-20T21:33:41.123Z',
      '1 service is up.',
      '- SIA: down (3 s ago). HTTP 503',
      'Up: TAP, Portal',
      'Last run run-1: failed, 1 passed, 0 failed, 0 skipped, 1 min 0 s'
    ]);
    model.dispose();
  });
});
