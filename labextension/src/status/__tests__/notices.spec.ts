import { Notification } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';

import { operation } from '../../__tests__/checkouts';
import { LabToasts } from '../../__tests__/labtoasts';
import { platform } from '../../__tests__/platform';
import { notebook, run } from '../../__tests__/runs';
import { settle } from '../../__tests__/server';
import { service, status } from '../../__tests__/services';
import { trans } from '../../__tests__/strings';
import { HealthError } from '../../api/request';
import { OperationNotice } from '../../checkout/progress';
import { CommandIDs } from '../../jupyterlab/commands';
import { withErrorNotification } from '../../jupyterlab/errornotification';
import { HealthModel } from '../../model/model';
import type { ServiceEvent } from '../../api/generated/events';
import type { ServiceState } from '../../states/states';
import { notifyRun, ServiceNotices } from '../notices';

const executed: [string, unknown][] = [];
const commands = new CommandRegistry();
for (const id of [
  CommandIDs.openFolder,
  CommandIDs.restore,
  CommandIDs.openPanel
]) {
  commands.addCommand(id, {
    describedBy: { args: {} },
    execute: args => executed.push([id, args])
  });
}

/** The notices that are there, as type and message. */
function shown(): string[] {
  return Notification.manager.notifications.map(
    ({ type, message }) => `${type}: ${message}`
  );
}

function press(label: string): void {
  const action = Notification.manager.notifications
    .flatMap(notice => notice.options.actions ?? [])
    .find(candidate => candidate.label === label);
  if (!action) {
    throw new Error(`There is no ${label}.`);
  }
  action.callback(new MouseEvent('click'));
}

const server = platform().on(
  'POST repositories/system-test/cancel',
  operation()
);
const model = new HealthModel({ serverSettings: server.settings });

beforeAll(async () => {
  await model.repositories.load();
});

beforeEach(() => {
  Notification.dismiss();
  executed.length = 0;
});

describe('OperationNotice', () => {
  const options = { model, commands, trans };

  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('shows how far it is with a Cancel, then the end, in one notice', () => {
    const notice = new OperationNotice(operation(), options);
    expect(shown()).toEqual([]);
    jest.runAllTimers();
    expect(shown()).toEqual([
      'in-progress: System test: Receiving objects, 40 %'
    ]);
    notice.update(operation({ percent: 90, phase: 'Checking' }));
    expect(Notification.manager.notifications[0]?.options.progress).toBe(0.9);
    press('Cancel');
    expect(shown()).toEqual(['in-progress: System test: Checking, 90 %']);
    notice.update(
      operation({
        state: 'done',
        commit: 'a2c8fd8aaa',
        backup: 'system-test.backup-1'
      })
    );
    jest.advanceTimersByTime(200); // Lab has drawn the last update.
    expect(shown()).toEqual([
      'success: System test is in notebooks/rsp-health/system-test (a2c8fd8).'
    ]);
    press('Open');
    press('Restore previous');
    expect(executed).toEqual([
      [CommandIDs.openFolder, { path: 'notebooks/rsp-health/system-test' }],
      [
        CommandIDs.restore,
        { repository: 'system-test', backup: 'system-test.backup-1' }
      ]
    ]);
  });

  it('tells the end even if the running notice was closed', () => {
    const notice = new OperationNotice(operation(), options);
    jest.runAllTimers();
    Notification.dismiss();
    notice.update(operation({ percent: 90 }));
    expect(shown()).toEqual([]);
    notice.update(operation({ state: 'cancelled' }));
    expect(shown()).toEqual([
      'info: System test: cancelled. Everything is as it was.'
    ]);
  });

  it.each([
    ['before Lab has drawn how far it is', false],
    ['after', true]
  ])('shows the end that comes %s', (_, drawn) => {
    const toasts = new LabToasts();
    const notice = new OperationNotice(operation(), options);
    jest.runAllTimers();
    if (drawn) {
      toasts.draw();
      expect(toasts.seen).toEqual([
        'in-progress: System test: Receiving objects, 40 %'
      ]);
    }
    notice.update(operation({ state: 'cancelled' }));
    toasts.draw();
    toasts.dispose();
    expect(toasts.seen).toEqual([
      'info: System test: cancelled. Everything is as it was.'
    ]);
  });

  it('withdraws what an earlier one left, and what it offered', () => {
    const done = operation({ state: 'done', backup: 'b' });
    new OperationNotice(operation(), options).update(done);
    expect(shown()).toHaveLength(1);
    const next = operation({ id: 'op-2' });
    const notice = new OperationNotice(next, options);
    expect(shown()).toEqual([]);
    notice.update({ ...next, state: 'cancelled' });
    expect(shown()).toEqual([
      'info: System test: cancelled. Everything is as it was.'
    ]);
  });

  it('says that it ended where its end was lost', () => {
    const notice = new OperationNotice(operation(), options);
    jest.runAllTimers();
    const error = { error: 'lost', message: '', hint: '' };
    notice.update(operation({ state: 'failed', error }));
    expect(shown()).toEqual([
      'error: System test: It has ended, but this page was not told how. The panel shows what is there now.'
    ]);
  });

  it('asks the server to cancel', async () => {
    new OperationNotice(operation(), options);
    jest.runAllTimers();
    jest.useRealTimers();
    press('Cancel');
    await settle();
    expect(server.log).toContain('POST repositories/system-test/cancel');
  });

  it.each([
    [
      { state: 'cancelled' as const },
      'info: System test: cancelled. Everything is as it was.'
    ],
    [
      {
        state: 'failed' as const,
        error: { error: 'offline', message: 'No network.', hint: 'Wait.' }
      },
      'error: System test: No network. Wait.'
    ],
    [
      { state: 'done' as const, up_to_date: true, commit: 'a2c8fd8aaa' },
      'success: System test: already up to date (a2c8fd8).'
    ],
    [
      { state: 'done' as const, kind: 'remove' as const },
      'success: System test: moved from notebooks/rsp-health/system-test to a backup.'
    ],
    [
      { state: 'done' as const, kind: 'restore' as const },
      'success: System test: the backup is back in notebooks/rsp-health/system-test.'
    ],
    [
      { state: 'done' as const, kind: 'reset' as const, path: 'tap.ipynb' },
      'success: System test: tap.ipynb is as upstream again.'
    ]
  ])('tells %j', (fields, text) => {
    const notice = new OperationNotice(operation(), options);
    // So quick that only the end is shown.
    notice.update(operation(fields));
    jest.runAllTimers();
    expect(shown()).toEqual([text]);
  });
});

describe('notifyRun', () => {
  it('counts what is there, the worst first', () => {
    const states = [
      'passed',
      'timed_out',
      'skipped',
      'passed',
      'died'
    ] as const;
    const notebooks = states.map(state => notebook({ state }));
    notifyRun(run({ state: 'died', notebooks }), commands, trans);
    expect(shown()).toEqual([
      'warning: Checks ended after 1 min 0 s: 1 died, 1 timed out, 2 passed, 1 skipped.'
    ]);
    press('Show');
    expect(executed).toEqual([[CommandIDs.openPanel, {}]]);
  });

  it('is neither glad nor worried when the user has stopped it', () => {
    const notebooks = [notebook({ state: 'stopped' })];
    notifyRun(run({ state: 'stopped', notebooks }), commands, trans);
    expect(shown()).toEqual(['info: Checks ended after 1 min 0 s: 1 stopped.']);
  });

  it('says that nothing was run, which is not well', () => {
    const skipped = notebook({ state: 'skipped' });
    const texts = [[], [skipped], [skipped, skipped]].flatMap(notebooks => {
      notifyRun(run({ state: 'skipped', notebooks }), commands, trans);
      return shown();
    });
    // The next takes the place of the one before.
    expect(texts).toEqual([
      'warning: Nothing was run: there is no notebook.',
      'warning: Nothing was run: 1 notebook was skipped.',
      'warning: Nothing was run: 2 notebooks were skipped.'
    ]);
  });

  it('is glad when all passed', () => {
    notifyRun(run(), commands, trans);
    expect(shown()).toEqual([
      'success: Checks ended after 1 min 0 s: 1 passed.'
    ]);
  });
});

describe('all notices', () => {
  it.each([
    [
      'a run that failed',
      () => {
        notifyRun(run({ state: 'failed' }), commands, trans);
        return Promise.resolve();
      }
    ],
    [
      'a command that failed',
      async () => {
        await withErrorNotification(trans, () =>
          Promise.reject(new Error('x'))
        )({});
      }
    ],
    [
      'a checkout that failed',
      () => {
        new OperationNotice(operation(), { model, commands, trans }).update(
          operation({ state: 'failed' })
        );
        return Promise.resolve();
      }
    ]
  ])('go to the list of Lab by themselves: %s', async (_, tell) => {
    await tell();
    const notices = Notification.manager.notifications;
    expect(notices).toHaveLength(1);
    expect(notices[0]?.options.autoClose).toBeGreaterThan(1000);
  });
});

describe('ServiceNotices', () => {
  let notices: ServiceNotices;

  beforeEach(() => {
    notices = new ServiceNotices(model, commands, trans);
  });

  it('tells when a service goes down and comes back, and no more', async () => {
    await model.status.loadFrom(() =>
      Promise.resolve(status([service({ title: 'TAP' })]))
    );
    const step = (previous: ServiceState | null, state: ServiceState): void => {
      notices.tell([{ id: 'tap', state, previous }]);
    };
    step('up', 'down');
    expect(shown()).toEqual(['warning: TAP is down.']);
    step('down', 'blocked');
    expect(shown()).toEqual(['warning: TAP is blocked.']);
    step('blocked', 'degraded');
    // What is no longer true is not told any more, in the list neither.
    expect(shown()).toEqual(['info: TAP is degraded.']);
    Notification.dismiss();
    step('degraded', 'up');
    step(null, 'up');
    expect(shown()).toEqual([]);
  });

  it('tells of an outage once, and not of what is well again by then', () => {
    const change = (
      id: string,
      previous: ServiceState,
      state: ServiceState
    ): ServiceEvent => ({ id, previous, state });
    notices.tell([
      change('a', 'up', 'down'),
      change('b', 'degraded', 'down'),
      change('c', 'up', 'down'),
      change('d', 'unknown', 'down'),
      change('e', 'up', 'blocked'),
      change('f', 'up', 'down'),
      change('f', 'down', 'up'),
      change('g', 'down', 'up'),
      change('h', 'down', 'degraded')
    ]);
    expect(shown()).toEqual([
      'warning: 5 services do not work: a, b, c, d and 1 more. 2 services are no longer down: g, h.'
    ]);
    notices.tell(['b', 'c', 'd', 'e'].map(id => change(id, 'down', 'up')));
    expect(shown()).toEqual([
      'warning: a is down. 4 services are no longer down: b, c, d, e.'
    ]);
  });
});

describe('withErrorNotification', () => {
  it('tells an error in words, and goes on', async () => {
    const failing = withErrorNotification(trans, () =>
      Promise.reject(new HealthError('locked', 'It is locked.', 'Wait.'))
    );
    expect(await failing({})).toBeNull();
    expect(shown()).toEqual(['error: It is locked. Wait.']);
    expect(
      await withErrorNotification(trans, () => Promise.resolve(3))({})
    ).toBe(3);
  });
});
