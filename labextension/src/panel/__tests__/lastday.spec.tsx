import { act, fireEvent } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import type { FakeServer } from '../../__tests__/server';
import { settle } from '../../__tests__/server';
import { service, status } from '../../__tests__/services';
import { trans } from '../../__tests__/strings';
import type { HalfHour, ServiceHistory } from '../../api/generated/api';
import { slotsOf, ticksOf } from '../services/history/day';
import { open, section } from './openpanel';

const HALF_HOUR_MS = 1_800_000;
const BEGIN = Date.parse('2026-11-20T14:00:00.000Z');

/** A half-hour by its place in the day. */
function half(place: number, fields: Partial<HalfHour> = {}): HalfHour {
  return {
    start: new Date(BEGIN + place * HALF_HOUR_MS).toISOString(),
    state: 'up',
    checks: 30,
    not_passed: 0,
    slowest_s: 0.8,
    ...fields
  };
}

function day(...halfHours: HalfHour[]): ServiceHistory {
  return {
    schema: 'rsp-health.service-history/1',
    service: 'tap',
    observed_at: new Date(BEGIN + 47.5 * HALF_HOUR_MS).toISOString(),
    begins_at: new Date(BEGIN).toISOString(),
    half_hours: halfHours
  };
}

function withDay(...halfHours: HalfHour[]): FakeServer {
  const row = service({ state: 'down', source: 'https://x.example.com/tap' });
  return platform()
    .on('GET services', status([row]))
    .on('GET services/history?service=tap', day(...halfHours));
}

const HOURS = [
  half(45, { not_passed: 1 }),
  half(46, { state: 'degraded', not_passed: 4 }),
  half(47, { state: 'down', not_passed: 30, slowest_s: null })
];

/** A moment on the clock of whoever runs the tests. */
function clock(place: number): string {
  const moment = new Date(BEGIN + place * HALF_HOUR_MS);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** What is written below the strip. */
function shownText(): string | null | undefined {
  return document.querySelector('.jp-RSPHealth-dayValue')?.textContent;
}

describe('the last day of a service', () => {
  it('reads each half-hour by keyboard, and the whole at first', async () => {
    await open(withDay(...HOURS));
    const strip = section('Services').getByRole('slider', {
      name: 'Last 24 hours of TAP'
    });
    const whole =
      'Last 24 hours in half-hours: 1 down, 1 degraded, 1 up, 45 not looked at';
    section('Services').getByText(whole);
    expect(strip.getAttribute('aria-valuetext')).toBe(whole);

    const said: (string | null)[] = [];
    fireEvent.focus(strip);
    for (const key of ['', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft']) {
      fireEvent.keyDown(strip, { key });
      said.push(strip.getAttribute('aria-valuetext'));
    }
    expect(said).toEqual([
      `${clock(47)} to ${clock(48)}: down, 30 of 30 checks did not pass`,
      `${clock(46)} to ${clock(47)}: degraded, 4 of 30 checks did not pass, slowest answer in 0.8 s`,
      `${clock(45)} to ${clock(46)}: up, 1 of 30 checks did not pass, slowest answer in 0.8 s`,
      `${clock(44)} to ${clock(45)}: nobody looked`
    ]);
    section('Services').getByText(/nobody looked/);
    fireEvent.keyDown(strip, { key: 'Home' });
    expect(strip.getAttribute('aria-valuenow')).toBe('0');
    fireEvent.keyDown(strip, { key: 'ArrowLeft' });
    expect(strip.getAttribute('aria-valuenow')).toBe('0');
    fireEvent.blur(strip);
    section('Services').getByText(whole);
  });

  it('shows what the keyboard is at, wherever the pointer rests', async () => {
    await open(withDay(...HOURS));
    const strip = section('Services').getByRole('slider');
    fireEvent.focus(strip);
    // Without a width in this test, it is the first half-hour.
    fireEvent.pointerMove(strip, { clientX: 0 });
    expect(strip.getAttribute('aria-valuetext')).toContain(`${clock(47)} to`);
    expect(shownText()).toContain(`${clock(0)} to`);
    fireEvent.keyDown(strip, { key: 'ArrowLeft' });
    expect(strip.getAttribute('aria-valuetext')).toContain(`${clock(46)} to`);
    expect(shownText()).toContain(`${clock(46)} to`);
  });

  it('has its place before it is known, so that nothing moves', async () => {
    let tell: (answer: object) => void = () => undefined;
    const server = withDay().on(
      'GET services/history?service=tap',
      async () =>
        new Promise<object>(resolve => {
          tell = resolve;
        })
    );
    await open(server);
    const place = (): Element | null =>
      document.querySelector('.jp-RSPHealth-day');
    expect(place()?.textContent).toBe('');
    expect(section('Services').queryByRole('slider')).toBeNull();
    await act(async () => {
      tell(day(...HOURS));
      await settle();
    });
    section('Services').getByRole('slider');
    expect(place()?.textContent).not.toBe('');
  });

  it('tells states apart by shape', async () => {
    await open(withDay(...HOURS));
    const shapes = [...document.querySelectorAll('.jp-RSPHealth-day g')].map(
      mark => [
        mark.getAttribute('class'),
        [...mark.children].map(one => one.getAttribute('d')).join()
      ]
    );
    expect(shapes.map(([tone]) => tone)).toEqual([
      'jp-mod-good',
      'jp-mod-warn',
      'jp-mod-bad'
    ]);
    expect(new Set(shapes.map(([, shape]) => shape)).size).toBe(3);
  });

  it('is a table, too', async () => {
    await open(withDay(...HOURS));
    const services = section('Services');
    fireEvent.click(services.getByRole('button', { name: 'History of TAP' }));
    const rows = services.getAllByRole('row').map(row => row.textContent);
    // There is no table of the last checks: there were none.
    expect(services.getAllByRole('table')).toHaveLength(1);
    expect(rows.slice(-3).map(row => row.replace(/^.*\d\d:\d\d/, ''))).toEqual([
      'down0 of 30',
      'degraded26 of 300.8 s',
      'up29 of 300.8 s'
    ]);
  });

  it('is not drawn where nothing was seen, nor asked where nothing is probed', async () => {
    const server = withDay().on(
      'GET services',
      status([
        service({ state: 'down', source: 'https://x.example.com/tap' }),
        service({ id: 'mobu', title: 'Mobu', state: 'degraded' })
      ])
    );
    await open(server);
    expect(section('Services').queryByRole('slider')).toBeNull();
    expect(server.log.filter(entry => entry.includes('history'))).toEqual([
      'GET services/history?service=tap'
    ]);
  });

  it('has the hours of the user on its axis, and no two in one place', () => {
    const slots = slotsOf(day(...HOURS));
    expect(slots).toHaveLength(48);
    const ticks = ticksOf(slots, trans);
    for (const { at, label } of ticks.slice(0, -1)) {
      expect(label).toMatch(/^(00|06|12|18):00$/);
      expect(clock(at * 48)).toBe(label);
    }
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks[ticks.length - 1]).toEqual({ at: 1, label: 'now' });
    const places = ticks.map(({ at }) => at);
    // Narrower than this, its label and the last one would meet.
    expect(places[places.length - 2]).toBeLessThan(0.7);
    expect(
      places.slice(1).every((at, index) => at - (places[index] ?? 0) > 0.15)
    ).toBe(true);
  });
});
