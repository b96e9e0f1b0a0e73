import { operation } from '../../__tests__/checkouts';
import { FakeServer, refusal } from '../../__tests__/server';
import { HealthAPI } from '../../api/api';
import type { Operation } from '../../api/generated/api';
import { OperationStore } from '../operations';

describe('OperationStore', () => {
  it('follows an operation to its end without any event', async () => {
    const answers: Operation[] = [
      operation({ percent: 80 }),
      operation({ state: 'done', percent: null, commit: 'a2c8fd8' })
    ];
    const server = new FakeServer().on(
      'GET repositories/system-test/operation',
      () => answers.shift() ?? operation({ state: 'done' })
    );
    const store = new OperationStore(new HealthAPI(server.settings));
    const percents: (number | null)[] = [];
    store.changed.connect((_, one) => percents.push(one.percent));
    const end = new Promise<Operation>(resolve => {
      store.finished.connect((_, one) => {
        resolve(one);
      });
    });
    store.take(operation());
    expect(store.active).toHaveLength(1);
    expect((await end).commit).toBe('a2c8fd8');
    expect(percents).toEqual([40, 80, null]);
    expect(store.active).toEqual([]);
    store.dispose();
  });

  it('takes an event that says only what it must', () => {
    const store = new OperationStore(new HealthAPI(new FakeServer().settings));
    const taken: Operation[] = [];
    store.changed.connect((_, one) => taken.push(one));
    store.handleEvent({
      schema: 'rsp-health.operation/1',
      id: 'op-1',
      kind: 'checkout',
      repository: 'system-test',
      state: 'failed',
      error: { error: 'no_space', message: 'The disk is full.' }
    });
    expect(taken).toEqual([
      {
        schema: 'rsp-health.operation/1',
        id: 'op-1',
        kind: 'checkout',
        repository: 'system-test',
        state: 'failed',
        phase: '',
        percent: null,
        directory: '',
        backup: null,
        commit: null,
        path: null,
        up_to_date: false,
        warning: null,
        error: { error: 'no_space', message: 'The disk is full.', hint: '' }
      }
    ]);
    store.dispose();
  });

  it.each([
    ['knows of none', refusal(404, 'no_operation') as object],
    ['speaks of a later one', operation({ id: 'op-2', state: 'done' })]
  ])('ends one whose end was lost, when the server %s', async (_, answer) => {
    const server = new FakeServer().on(
      'GET repositories/system-test/operation',
      answer
    );
    const store = new OperationStore(new HealthAPI(server.settings));
    const ended = new Promise<Operation>(resolve => {
      store.finished.connect((_store, one) => {
        resolve(one);
      });
    });
    store.take(operation());
    expect(await ended).toMatchObject({
      id: 'op-1',
      state: 'failed',
      error: { error: 'lost' }
    });
    store.take(operation());
    expect(store.active).toEqual([]);
    store.dispose();
  });

  it('goes on waiting while the server does not answer', async () => {
    const server = new FakeServer();
    server.down = true;
    const store = new OperationStore(new HealthAPI(server.settings));
    store.take(operation());
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(store.active).toHaveLength(1);
    store.dispose();
  });

  it('ignores a late event about one that has ended', () => {
    const store = new OperationStore(new HealthAPI(new FakeServer().settings));
    let ends = 0;
    store.finished.connect(() => {
      ends += 1;
    });
    store.take(operation({ state: 'cancelled' }));
    store.take(operation({ state: 'running' }));
    store.take(operation({ state: 'cancelled' }));
    expect(store.get('system-test')?.state).toBe('cancelled');
    expect(ends).toBe(1);
    store.take(operation({ id: 'op-2' }));
    expect(store.get('system-test')?.state).toBe('running');
    store.dispose();
  });
});
