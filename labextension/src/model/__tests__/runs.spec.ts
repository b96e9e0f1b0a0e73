import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FOLDER, cell, notebook, run, summary } from '../../__tests__/runs';
import { FakeServer, settle } from '../../__tests__/server';
import { HealthAPI } from '../../api/api';
import type {
  CellResult,
  NotebookResult,
  RunDocument
} from '../../api/generated/api';
import type { RunEvent } from '../../api/generated/events';
import { RunStore, applyEvent } from '../runs';

const RUNNING = run({
  state: 'running',
  finished_at: null,
  notebooks: [
    notebook({
      state: 'queued',
      cells: [
        cell({ index: 1, state: 'queued' }),
        cell({ index: 2, state: 'queued' })
      ]
    })
  ]
});

function storeOn(server: FakeServer): RunStore {
  return new RunStore(new HealthAPI(server.settings));
}

/** What Python's reducer makes of some runs, event by event. */
const SHARED = JSON.parse(
  readFileSync(
    join(__dirname, '../../../../tests/runner/record/shared_cases.json'),
    'utf8'
  )
) as {
  name: string;
  started: RunDocument;
  steps: {
    event: RunEvent | null;
    after: Record<string, [NotebookResult['state'], CellResult['state'][]]>;
  }[];
}[];

describe('the reducers of the server and of the panel', () => {
  it.each(SHARED)('agree: $name', ({ started, steps }) => {
    let shown = started;
    for (const { event, after } of steps) {
      shown = event ? applyEvent(shown, event) : shown;
      expect(
        Object.fromEntries(
          shown.notebooks.map(({ path, state, cells }) => [
            path,
            [state, cells.map(one => one.state)]
          ])
        )
      ).toEqual(after);
    }
  });
});

describe('applyEvent', () => {
  it('moves one cell, and leaves the document as it was', () => {
    const before = JSON.stringify(RUNNING);
    const started = applyEvent(RUNNING, {
      run_id: 'run-1',
      kind: 'cell_started',
      notebook: 'tap.ipynb',
      cell_index: 2
    });
    const finished = applyEvent(started, {
      run_id: 'run-1',
      kind: 'cell_finished',
      notebook: 'tap.ipynb',
      cell_index: 2,
      state: 'failed',
      duration_s: 5.4
    });
    expect(started.notebooks[0]?.cells.map(one => one.state)).toEqual([
      'queued',
      'running'
    ]);
    expect(finished.notebooks[0]?.state).toBe('running');
    expect(finished.notebooks[0]?.cells[1]).toMatchObject({
      state: 'failed',
      duration_s: 5.4
    });
    expect(JSON.stringify(RUNNING)).toBe(before);
  });

  it('keeps the last output of a cell that was cut off', () => {
    const [path, cell_index] = ['tap.ipynb', 1];
    const running = run({
      state: 'running',
      notebooks: [
        notebook({
          state: 'running',
          cells: [cell({ state: 'running', output_tail: 'turn 3' })]
        })
      ]
    });
    const tailAfter = (state: string): string | null | undefined =>
      applyEvent(running, {
        run_id: 'run-1',
        kind: 'cell_finished',
        notebook: path,
        cell_index,
        state
      }).notebooks[0]?.cells[0]?.output_tail;
    expect(tailAfter('stopped')).toBe('turn 3');
    expect(tailAfter('passed')).toBeNull();
  });

  it.each(['notebook_started', 'cell_started', 'cell_finished'] as const)(
    'lets an overtaken %s change nothing of what the record holds',
    kind => {
      const told = run({
        state: 'running',
        notebooks: [
          notebook({
            state: 'stopped',
            cells: [cell({ state: 'stopped', output_tail: 'turn 3' })]
          })
        ]
      });
      const late: RunEvent = {
        run_id: 'run-1',
        kind,
        notebook: 'tap.ipynb',
        cell_index: 1,
        state: 'stopped',
        attempt: 1
      };
      expect(applyEvent(told, late)).toEqual(told);
    }
  );

  it('begins a further attempt with cells that have not run', () => {
    const told = run({
      state: 'running',
      notebooks: [
        notebook({
          state: 'failed',
          attempts: 1,
          cells: [cell({ state: 'failed', output_tail: 'turn 3' })]
        })
      ]
    });
    const [again] = applyEvent(told, {
      run_id: 'run-1',
      kind: 'notebook_started',
      notebook: 'tap.ipynb',
      attempt: 2
    }).notebooks;
    expect(again).toMatchObject({ state: 'running', attempts: 2 });
    expect(again?.cells[0]).toMatchObject({
      state: 'queued',
      duration_s: null,
      output_tail: null
    });
  });

  it('does not guess how a run ended', () => {
    const event: RunEvent = {
      run_id: 'run-1',
      kind: 'run_finished',
      state: 'passed'
    };
    expect(applyEvent(RUNNING, event).state).toBe('running');
  });
});

describe('RunStore', () => {
  it('reads the truth behind an event, and tells the end once', async () => {
    let document: RunDocument = RUNNING;
    const server = new FakeServer()
      .on('GET runs', () => ({ runs: [summary(document)] }))
      .on('GET runs/run-1', () => document);
    const store = storeOn(server);
    const ended: string[] = [];
    store.finished.connect((_, one) => ended.push(one.state));
    await store.list.load();
    await settle();
    expect(store.active.map(one => one.run_id)).toEqual(['run-1']);
    expect(store.document('run-1')?.state).toBe('running');

    document = run({ state: 'failed' });
    store.handleEvent({ run_id: 'run-1', kind: 'run_finished' });
    await store.refreshActive();
    await settle();
    expect(ended).toEqual(['failed']);
    expect(store.active).toEqual([]);
    store.dispose();
  });

  it('says nothing of runs that had ended before it looked', async () => {
    const document = run({ state: 'failed' });
    const server = new FakeServer()
      .on('GET runs', { runs: [summary(document)] })
      .on('GET runs/run-1', document);
    const store = storeOn(server);
    let count = 0;
    store.finished.connect(() => {
      count += 1;
    });
    await store.list.load();
    await store.loadFolder(FOLDER);
    await store.loadFolder(FOLDER);
    expect(count).toBe(0);
    expect(server.count('GET runs/run-1')).toBe(1);
    store.dispose();
  });

  it('takes each notebook from the newest run that has it', async () => {
    const older = run({
      run_id: 'older',
      started_at: '2026-11-20T10:00:00.000Z',
      notebooks: [
        notebook({ path: 'a.ipynb', state: 'passed' }),
        notebook({ path: 'b.ipynb', state: 'failed' }),
        notebook({ path: 'c.ipynb', state: 'failed' }),
        notebook({ path: 'd.ipynb', state: 'failed' })
      ]
    });
    const newer = run({
      run_id: 'newer',
      started_at: '2026-11-20T11:00:00.000Z',
      notebooks: [
        notebook({ path: 'b.ipynb', state: 'passed' }),
        notebook({ path: 'a.ipynb', state: 'skipped', reason: 'By rule 1.' }),
        // The run was stopped before this one, and in that one.
        notebook({ path: 'c.ipynb', state: 'stopped', attempts: 0 }),
        notebook({
          path: 'd.ipynb',
          state: 'stopped',
          started_at: '2026-11-20T11:00:01.000Z'
        }),
        notebook({ path: 'e.ipynb', state: 'interrupted', attempts: 0 })
      ]
    });
    const elsewhere = run({ run_id: 'elsewhere', folder: '/tmp' });
    const server = new FakeServer()
      .on('GET runs', { runs: [newer, older, elsewhere].map(summary) })
      .on('GET runs/older', older)
      .on('GET runs/newer', newer);
    const store = storeOn(server);
    await store.list.load();
    await store.loadFolder(FOLDER);
    const states = [...store.outcomes(FOLDER)].map(([path, outcome]) => [
      path,
      outcome.run.run_id,
      outcome.result.state
    ]);
    expect(states).toEqual([
      ['b.ipynb', 'newer', 'passed'],
      ['d.ipynb', 'newer', 'stopped'],
      ['a.ipynb', 'older', 'passed'],
      ['c.ipynb', 'older', 'failed']
    ]);
    store.dispose();
  });

  it('believes no answer that was overtaken', async () => {
    let answer: (document: RunDocument) => void = () => undefined;
    const late = new Promise<RunDocument>(resolve => {
      answer = resolve;
    });
    const api = {
      runs: () => Promise.resolve({ runs: [] }),
      run: () => late,
      stopRun: () => Promise.resolve(run({ state: 'stopped' }))
    } as unknown as HealthAPI;
    const store = new RunStore(api);
    const loaded = store.load('run-1');
    await store.stop('run-1');
    answer(RUNNING);
    await loaded;
    expect(store.document('run-1')?.state).toBe('stopped');
    store.dispose();
  });

  it('starts and stops runs', async () => {
    let document: RunDocument = RUNNING;
    const server = new FakeServer()
      .on('POST runs', summary(RUNNING))
      .on('GET runs', () => ({ runs: [summary(document)] }))
      .on('GET runs/run-1', () => document)
      .on('POST runs/run-1/stop', () => {
        document = run({ state: 'stopped' });
        return document;
      });
    const store = storeOn(server);
    const ended: string[] = [];
    store.finished.connect((_, one) => ended.push(one.state));
    await store.start({ repository: 'system-test' });
    expect(store.active).toHaveLength(1);
    await store.stop('run-1');
    await settle();
    expect(ended).toEqual(['stopped']);
    expect(store.active).toEqual([]);
    store.dispose();
  });
});
