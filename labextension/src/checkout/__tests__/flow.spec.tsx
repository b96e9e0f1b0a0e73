import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { act, fireEvent, waitFor, within } from '@testing-library/react';

import { inspection, operation, repository } from '../../__tests__/checkouts';
import { platform } from '../../__tests__/platform';
import type { FakeServer } from '../../__tests__/server';
import { refusal, settle } from '../../__tests__/server';
import { trans } from '../../__tests__/strings';
import { HealthModel } from '../../model/model';
import {
  chooseRef,
  lookForUpdates,
  pruneBackups,
  remove,
  removeBackup,
  reset,
  restore
} from '../actions';
import type { IFlowOptions } from '../flow';
import { checkout, chooseRepository } from '../flow';

let model: HealthModel;

function optionsOn(server: FakeServer): IFlowOptions {
  model = new HealthModel({ serverSettings: server.settings });
  const shell = { widgets: () => [][Symbol.iterator]() };
  return {
    shell: shell as unknown as JupyterFrontEnd.IShell,
    documents: null,
    model,
    trans
  };
}

afterEach(() => {
  Notification.dismiss();
  model.dispose();
});

/** The dialog that is open. */
async function dialog(): Promise<HTMLElement> {
  return waitFor(() => {
    const found = document.querySelector<HTMLElement>('.jp-Dialog');
    // What it asks is drawn a moment after its buttons.
    if (!found?.querySelector('.jp-Dialog-body')?.textContent) {
      throw new Error('There is no dialog.');
    }
    return found;
  });
}

/** Press a button of the dialog that is open, and wait until it is gone. */
async function press(label: string): Promise<string> {
  const open = await dialog();
  // What can be pressed comes with what is there.
  const button = await waitFor(() => {
    const found = [...open.querySelectorAll('button')].find(
      candidate =>
        candidate.textContent === label &&
        candidate.getAttribute('aria-disabled') !== 'true'
    );
    if (!found) {
      throw new Error(`${label} is not among: ${open.textContent}`);
    }
    return found;
  });
  // What a screen reader reads is what is seen.
  expect(open.getAttribute('aria-label') ?? open.ariaLabel).toContain(
    open.querySelector('.jp-Dialog-header')?.textContent
  );
  within(open).getByRole('button', { name: label, hidden: true });
  const text = open.textContent;
  act(() => {
    button.click();
  });
  await waitFor(() => {
    expect(open.isConnected).toBe(false);
  });
  return text;
}

const ROUTE = 'repositories/system-test';

describe('checkout', () => {
  it('does nothing when the user says no, which is the default', async () => {
    const server = platform().on(
      `POST ${ROUTE}/inspect`,
      inspection({ at_risk: true, backup: 'b' })
    );
    const answer = checkout(repository(), optionsOn(server));
    await dialog();
    await waitFor(() => {
      expect(document.activeElement?.textContent).toBe('Cancel');
    });
    await press('Cancel');
    expect(await answer).toBeNull();
    expect(server.log).toEqual([`POST ${ROUTE}/inspect`]);
  });

  it('sends back the fingerprint of what the user has seen', async () => {
    const server = platform()
      .on(`POST ${ROUTE}/inspect`, inspection({ state: 'absent' }))
      .on(`POST ${ROUTE}/checkout`, operation());
    const answer = checkout(repository(), optionsOn(server), 'prod');
    await press('Check out');
    expect((await answer)?.id).toBe('op-1');
    expect(server.bodies).toEqual([
      { ref: 'prod' },
      { fingerprint: 'f1', ref: 'prod', output_filter: true }
    ]);
    expect(model.operations.active).toHaveLength(1);
  });

  it('remembers whether outputs are kept out of commits', async () => {
    const server = platform()
      .on(`POST ${ROUTE}/inspect`, inspection({ state: 'absent' }))
      .on(`POST ${ROUTE}/checkout`, operation());
    const chosen: boolean[] = [];
    const outputFilter = {
      get: () => chosen.at(-1) ?? true,
      set: (value: boolean) => {
        chosen.push(value);
        return Promise.resolve();
      }
    };
    const options = { ...optionsOn(server), outputFilter };
    const box = async (): Promise<HTMLInputElement | null> =>
      (await dialog()).querySelector<HTMLInputElement>('[type=checkbox]');
    const first = checkout(repository(), options);
    expect((await box())?.checked).toBe(true);
    (await box())?.click();
    await press('Check out');
    await first;
    expect(server.bodies.at(-1)).toMatchObject({ output_filter: false });
    const second = checkout(repository(), options);
    expect((await box())?.checked).toBe(false);
    (await box())?.click();
    await press('Cancel');
    expect(await second).toBeNull();
    expect(chosen).toEqual([false]);
  });

  it('asks again when the tree has changed meanwhile', async () => {
    const changed = inspection({
      at_risk: true,
      backup: 'b',
      fingerprint: 'f2',
      changes: [
        { path: 'new.txt', kind: 'added', size_bytes: 1, only_saved: false }
      ]
    });
    let conflicts = 1;
    const server = platform()
      .on(`POST ${ROUTE}/inspect`, inspection())
      .on(`POST ${ROUTE}/checkout`, () =>
        conflicts-- > 0
          ? refusal(409, 'changed', { inspection: changed })
          : operation()
      );
    const answer = checkout(repository(), optionsOn(server));
    await press('Refresh');
    const text = await press('Back up and replace');
    expect(text).toContain('changed while you were reading');
    expect(text).toContain('new.txt');
    expect((await answer)?.id).toBe('op-1');
    expect(server.bodies.slice(1)).toEqual([
      { fingerprint: 'f1', ref: null, output_filter: true },
      { fingerprint: 'f2', ref: null, output_filter: true }
    ]);
    expect(server.count(`POST ${ROUTE}/inspect`)).toBe(1);
  });

  it('is there before anything is known, and can be left', async () => {
    const server = platform().on(
      `POST ${ROUTE}/inspect`,
      () => new Promise(() => undefined)
    );
    const answer = checkout(repository(), optionsOn(server));
    const open = await dialog();
    expect(open.textContent).toContain('Check out System test (main)');
    await waitFor(() => {
      expect(open.textContent).toContain('Looking at what is in');
    });
    // Not even a box that is ticked lets one go on.
    open.querySelector<HTMLInputElement>('[type=checkbox]')?.click();
    [...open.querySelectorAll('button')]
      .find(button => button.textContent === 'Continue')
      ?.click();
    await settle();
    expect(open.isConnected).toBe(true);
    await press('Cancel');
    expect(await answer).toBeNull();
  });

  it('closes when it cannot be looked at, and says why', async () => {
    const server = platform().on(
      `POST ${ROUTE}/inspect`,
      refusal(422, 'disk_full')
    );
    await expect(
      checkout(repository(), optionsOn(server))
    ).rejects.toMatchObject({ code: 'disk_full' });
    expect(document.querySelector('.jp-Dialog')).toBeNull();
  });

  it('throws what else the server says', async () => {
    const server = platform()
      .on(`POST ${ROUTE}/inspect`, inspection())
      .on(`POST ${ROUTE}/checkout`, refusal(409, 'locked'));
    const answer = checkout(repository(), optionsOn(server));
    const outcome = expect(answer).rejects.toMatchObject({ code: 'locked' });
    await press('Refresh');
    await outcome;
  });
});

describe('chooseRepository', () => {
  it('does not ask where there is no choice', async () => {
    const options = optionsOn(platform());
    expect((await chooseRepository(undefined, options))?.id).toBe(
      'system-test'
    );
    expect((await chooseRepository('system-test', options))?.id).toBe(
      'system-test'
    );
    expect(await chooseRepository('gone', options)).toBeNull();
  });

  it('asks where there is one', async () => {
    const server = platform().on('GET repositories', {
      root: '/home/me',
      problems: [],
      repositories: [
        repository(),
        repository({ id: 'phalanx-test', title: 'Phalanx test' })
      ]
    });
    const answer = chooseRepository(undefined, optionsOn(server));
    const open = await dialog();
    const select = open.querySelector('select');
    if (!select) {
      throw new Error('There is nothing to choose from.');
    }
    fireEvent.change(select, { target: { value: 'Phalanx test' } });
    await press('Continue');
    expect((await answer)?.id).toBe('phalanx-test');
  });
});

describe('the other actions', () => {
  const BACKUPS = {
    backups: [
      { id: 'old', created_at: '2026-11-19T10:00:00.000Z' },
      { id: 'new', created_at: '2026-11-20T10:00:00.000Z' }
    ]
  };

  it('restores the newest backup if none is named', async () => {
    const server = platform()
      .on(`GET ${ROUTE}/backups`, BACKUPS)
      .on(`POST ${ROUTE}/restore`, operation({ kind: 'restore' }));
    const answer = restore(repository(), undefined, optionsOn(server));
    await press('Restore');
    expect((await answer)?.kind).toBe('restore');
    expect(server.bodies).toEqual([{ backup: 'new' }]);
  });

  it('says that a backup is gone', async () => {
    const server = platform().on(`GET ${ROUTE}/backups`, BACKUPS);
    await expect(
      restore(repository(), 'gone', optionsOn(server))
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('removes, resets and deletes only after a yes', async () => {
    const server = platform()
      .on(`POST ${ROUTE}/remove`, operation({ kind: 'remove' }))
      .on(`POST ${ROUTE}/reset`, operation({ id: 'op-2', kind: 'reset' }))
      .on(`POST ${ROUTE}/backups/remove`, BACKUPS);
    const options = optionsOn(server);
    const leave = jest.fn(() => Promise.resolve());
    const refused = remove(repository(), options, leave);
    await press('Cancel');
    expect(await refused).toBeNull();
    expect(server.log).toEqual([]);

    const removed = remove(repository(), options, leave);
    await press('Remove');
    expect((await removed)?.kind).toBe('remove');
    expect(leave).toHaveBeenCalledTimes(1);
    const undone = reset(repository(), 'tap.ipynb', options);
    await press('Reset');
    expect((await undone)?.kind).toBe('reset');
    const deleted = removeBackup(repository(), 'old', options);
    await press('Delete');
    expect(await deleted).toBe(true);
    expect(server.bodies).toEqual([
      {},
      { path: 'tap.ipynb' },
      { backup: 'old' }
    ]);
  });

  it('deletes the expired backups, and only those', async () => {
    const backups = BACKUPS.backups.map((backup, index) => ({
      ...backup,
      size_bytes: 4100,
      expired: index === 0
    }));
    const server = platform()
      .on(`GET ${ROUTE}/backups`, { backups })
      .on(`POST ${ROUTE}/backups/prune`, BACKUPS);
    const options = optionsOn(server);
    const refused = pruneBackups(repository(), options);
    await press('Cancel');
    expect(await refused).toBe(false);
    const done = pruneBackups(repository(), options);
    expect(await press('Delete')).toContain('4.1 kB');
    expect(await done).toBe(true);
    expect(server.bodies).toEqual([{ backups: ['old'] }]);
  });

  it('asks nothing when no backup is expired', async () => {
    const server = platform().on(`GET ${ROUTE}/backups`, BACKUPS);
    expect(await pruneBackups(repository(), optionsOn(server))).toBe(false);
    expect(document.querySelector('.jp-Dialog')).toBeNull();
    expect(Notification.manager.notifications[0]?.message).toContain(
      'No backup of System test is expired'
    );
  });

  it('tells what upstream says now', async () => {
    const server = platform().on(`GET ${ROUTE}/updates?refresh=true`, {
      available: false,
      message: 'Already up to date (a2c8fd8)',
      error: null
    });
    await lookForUpdates(repository(), optionsOn(server));
    expect(Notification.manager.notifications[0]?.message).toBe(
      'System test: Already up to date (a2c8fd8).'
    );
  });

  it('offers the suggested version first, each once', async () => {
    const server = platform().on(`GET ${ROUTE}/refs`, {
      suggested: 'prod',
      branches: [{ name: 'main' }, { name: 'prod' }],
      tags: [{ name: '2026.11' }]
    });
    const answer = chooseRef(repository(), optionsOn(server));
    const open = await dialog();
    const names = [...open.querySelectorAll('option')].map(
      option => option.textContent
    );
    expect(names).toEqual(['prod', 'main', '2026.11']);
    await press('Continue');
    expect(await answer).toBe('prod');
  });
});
