import { Widget } from '@lumino/widgets';
import { act, fireEvent, screen } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
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
  cause: Partial<PlatformVerdict> = {}
): Promise<string> {
  const server = platform().on(
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
    [[service(), service({ id: 'b' })], 'RSP: 2 up'],
    [[service({ state: 'down' }), service({ id: 'b' })], 'RSP: TAP down'],
    [
      [
        service({ state: 'degraded' }),
        service({ id: 'b', title: 'SIA', state: 'down' })
      ],
      'RSP: SIA down, 1 more'
    ],
    [[service({ state: 'unknown' })], 'RSP: 0 up, 1 unknown'],
    [
      [
        service(),
        service({ id: 'b', state: 'unknown', spends_quota: true, age_s: null })
      ],
      'RSP: 1 up'
    ]
  ])('tells the worst of %#', async (services, text) => {
    expect(await textFor(services)).toBe(text);
  });

  it('is not green while something is not known', async () => {
    expect(
      await textFor([service(), service({ id: 'b', state: 'unknown' })])
    ).toBe('RSP: 1 up, 1 unknown');
    expect(tone).toBe('muted');
    await textFor([service()]);
    expect(tone).toBe('good');
  });

  it('leaves out what is muted, and says so', async () => {
    const server = platform().on(
      'GET services',
      status([
        service({ state: 'down' }),
        service({ id: 'b' }),
        service({ id: 'c' })
      ])
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
    expect(button.textContent).toBe('RSP: 2 up, 1 muted');
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
        sentence: 'What is known.',
        whose: 'you',
        next_step: 'Do this.'
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
