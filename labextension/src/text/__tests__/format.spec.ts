import { trans } from '../../__tests__/strings';
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatMemory,
  formatMoment,
  formatSpan,
  visible
} from '../format';

describe('formats', () => {
  it.each([
    [null, 'never seen'],
    [-3, 'now'],
    [0.4, 'now'],
    [12.9, '12 s ago'],
    [59.9, '59 s ago'],
    [60, '1 min ago'],
    [3599, '59 min ago'],
    [3 * 3600, '3 h ago'],
    [47 * 3600, '47 h ago'],
    [48 * 3600, '2 d ago']
  ])('age of %p', (seconds, text) => {
    expect(formatAge(seconds, trans)).toBe(text);
  });

  it('gives a span without the word ago', () => {
    expect(formatSpan(9 * 3600, trans)).toBe('9 h');
  });

  it.each([
    [null, ''],
    [0, '0 ms'],
    [0.0038, '3.8 ms'],
    [0.0381, '38 ms'],
    [0.81, '0.81 s'],
    [6.24, '6.2 s'],
    [12.3, '12 s'],
    [59.7, '1 min 0 s'],
    [125, '2 min 5 s'],
    [3661, '1 h 1 min']
  ])('duration of %p', (seconds, text) => {
    expect(formatDuration(seconds, trans)).toBe(text);
  });

  it('counts disks in thousands and memory in 1024s', () => {
    expect(formatBytes(4_100_000)).toBe('4.1 MB');
    expect(formatBytes(999)).toBe('999 B');
    expect(formatMemory(8 * 1024 ** 3)).toBe('8 GiB');
    expect(formatMemory(5.13 * 1024 ** 3)).toBe('5.1 GiB');
  });

  it('names the date only when it is not today', () => {
    const now = new Date(2026, 10, 20, 15, 0);
    const morning = new Date(2026, 10, 20, 14, 3).toISOString();
    const before = new Date(2026, 10, 19, 0, 3).toISOString();
    expect(formatMoment(morning, now)).toBe('14:03');
    expect(formatMoment(before, now)).toBe('Nov 19 00:03');
  });
});

describe('visible', () => {
  it.each([
    ['tap.ipynb', 'tap.ipynb'],
    ['Ünïcödé 👩‍🔬', 'Ünïcödé 👩‍🔬'],
    ['two\nlines', 'two\\u{a}lines'],
    ['rtl\u202egnp', 'rtl\\u{202e}gnp'],
    ['esc\u001b[31m', 'esc\\u{1b}[31m'],
    ['<b>&', '<b>&']
  ])('shows %j as %j', (name, text) => {
    expect(visible(name)).toBe(text);
  });
});
