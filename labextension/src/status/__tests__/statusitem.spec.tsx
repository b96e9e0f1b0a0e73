import { Widget } from '@lumino/widgets';
import { act, fireEvent, screen } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { notebook, run, summary } from '../../__tests__/runs';
import type { FakeServer } from '../../__tests__/server';
import { settle } from '../../__tests__/server';
import { service, status, verdict } from '../../__tests__/services';
import { trans } from '../../__tests__/strings';
import type { PlatformVerdict, ServiceStatus } from '../../api/generated/api';
import { HealthModel } from '../../model/model';
import { StatusItem } from '../statusitem';

/** How the item was coloured at last. */
let tone: string | undefined;

/** What it said on hover at last. */
let title = '';

async function textFor(
  services: ServiceStatus[],
  cause: Partial<PlatformVerdict> = {},
  prepare: (server: FakeServer) => FakeServer = server => server,
  mute?: string
): Promise<string> {
  const server = prepare(platform()).on(
    'GET services',
    status(services, { verdict: verdict(cause) })
  );
  const model = new HealthModel({ serverSettings: server.settings });
  let clicks = 0;
  const item = new StatusItem({
    model,
    trans,
    onClick: () => {
      clicks += 1;
    }
  });
  await act(async () => {
    Widget.attach(item, document.body);
    await model.status.load();
    await model.runs.list.load();
    await model.runs.refreshActive();
    if (mute !== undefined) {
      await model.mutes.toggle(mute);
    }
    await settle();
  });
  const button = screen.getByRole('button');
  fireEvent.click(button);
  expect(clicks).toBe(1);
  const text = button.textContent;
  title = button.title;
  tone = /jp-mod-(\w+)/.exec(button.className)?.[1];
  act(() => {
    item.dispose();
  });
  model.dispose();
  return text;
}

describe('StatusItem', () => {
  it.each([
    ['well', 'good'],
    ['checks', 'warn'],
    ['service', 'bad'],
    ['unknown', 'muted']
  ] as const)(
    'says the verdict in short when it is %s',
    async (state, look) => {
      expect(await textFor([service()], { state, word: 'in short' })).toBe(
        'RSP: in short'
      );
      expect(tone).toBe(look);
    }
  );

  it('tells how far running checks are, beside what is wrong', async () => {
    const running = run({
      state: 'running',
      notebooks: [
        notebook(),
        notebook({ path: 'b.ipynb', state: 'running' }),
        notebook({ path: 'c.ipynb', state: 'queued' }),
        notebook({ path: 'd.ipynb', state: 'skipped' })
      ]
    });
    const say = (cause: Partial<PlatformVerdict>): Promise<string> =>
      textFor([service()], cause, server =>
        server
          .on('GET runs', { runs: [summary(running)] })
          .on('GET runs/run-1', running)
      );
    expect(await say({})).toBe('RSP: 1 of 3 checks');
    expect(tone).toBe('busy');
    expect(title).toContain('1 of 3 checks\n1 service is up.');
    expect(await say({ state: 'service', word: 'TAP down' })).toBe(
      'RSP: TAP down, 1 of 3 checks'
    );
    expect(tone).toBe('bad');
  });

  it.each([
    [[service({ id: 'b' })], 'RSP: 1 up, 1 muted', 'good'],
    [[service({ state: 'down' })], 'RSP: TAP down', 'bad'],
    [
      [
        service({ state: 'degraded' }),
        service({ id: 'b', title: 'SIA', state: 'down' })
      ],
      'RSP: SIA down, 1 more',
      'bad'
    ],
    [
      [service(), service({ id: 'b', state: 'unknown' })],
      'RSP: 1 up, 1 unknown, 1 muted',
      'muted'
    ],
    [
      [
        service(),
        service({ id: 'c', state: 'unknown', spends_quota: true, age_s: null })
      ],
      'RSP: 1 up, 1 muted',
      'good'
    ]
  ] as const)(
    'tells the worst beside what is muted, %#',
    async (services, text, look) => {
      const server = platform();
      const muted = service({ id: 'muted', state: 'down' });
      const cause = { state: 'service' as const, services: ['muted'] };
      const said = await textFor(
        [muted, ...services],
        cause,
        () => server,
        'muted'
      );
      expect(said).toBe(text);
      expect(tone).toBe(look);
    }
  );

  it('counts what is up as the panel does, muted or not', async () => {
    const said = await textFor(
      [service({ id: 'muted' }), service({ id: 'b' })],
      { state: 'well', word: '2 up', services: ['muted', 'b'] },
      platform,
      'muted'
    );
    expect(said).toBe('RSP: 2 up');
    expect(tone).toBe('good');
    expect(title).toContain('1 service is muted.');
  });

  it('leaves out what is muted, and says so', async () => {
    const server = platform().on(
      'GET services',
      status([service({ state: 'down' }), service({ id: 'b' })], {
        verdict: verdict({
          state: 'service',
          word: 'TAP down',
          services: ['tap']
        })
      })
    );
    const model = new HealthModel({ serverSettings: server.settings });
    const item = new StatusItem({ model, trans, onClick: () => undefined });
    await act(async () => {
      Widget.attach(item, document.body);
      await model.status.load();
      await model.mutes.toggle('tap');
      await settle();
    });
    const button = screen.getByRole('button');
    expect(button.textContent).toBe('RSP: 1 up, 1 muted');
    expect(button.title).toContain('1 service is muted.');
    await act(async () => {
      await model.mutes.toggle('tap');
      await settle();
    });
    expect(button.textContent).toBe('RSP: TAP down');
    act(() => {
      item.dispose();
    });
    model.dispose();
  });

  it.each([
    ['network', 'this lab reaches nothing', 'muted'],
    ['login', 'login not accepted', 'bad'],
    ['root_service', 'login service down', 'bad'],
    ['announced', 'TAP in maintenance', 'warn']
  ] as const)(
    'tells the root cause %s, and all of it on hover',
    async (state, word, look) => {
      const text = await textFor([service({ state: 'down' })], {
        state,
        word,
        told: 'What is known.',
        advice: 'Yours to fix. Do this.'
      });
      expect(text).toBe(`RSP: ${word}`);
      expect(tone).toBe(look);
      expect(title).toContain('What is known.\nYours to fix. Do this.\n');
    }
  );

  it('claims nothing when the server does not answer', async () => {
    const server = platform();
    const model = new HealthModel({ serverSettings: server.settings });
    const item = new StatusItem({ model, trans, onClick: () => undefined });
    server.down = true;
    await act(async () => {
      Widget.attach(item, document.body);
      await model.status.load();
      await settle();
    });
    expect(screen.getByRole('status').textContent).toMatch(/^RSP: last seen/);
    act(() => {
      item.dispose();
    });
    model.dispose();
  });
});
