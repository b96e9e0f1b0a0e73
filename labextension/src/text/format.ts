import type { TranslationBundle } from '@jupyterlab/translation';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * An age, such as "12 s ago".
 *
 * @param seconds - The age; null says that it is not known.
 * @param trans - The translations.
 */
export function formatAge(
  seconds: number | null,
  trans: TranslationBundle
): string {
  if (seconds === null) {
    return trans.__('never seen');
  }
  const age = Math.max(0, seconds);
  if (age < 1) {
    return trans.__('now');
  }
  return trans.__('%1 ago', formatSpan(age, trans));
}

/**
 * A span of time in one unit, such as "12 s", "3 min", "9 h" or "2 d".
 *
 * @param seconds - The span.
 * @param trans - The translations.
 */
export function formatSpan(seconds: number, trans: TranslationBundle): string {
  if (seconds < MINUTE) {
    return trans.__('%1 s', Math.floor(seconds));
  }
  if (seconds < HOUR) {
    return trans.__('%1 min', Math.floor(seconds / MINUTE));
  }
  if (seconds < 2 * DAY) {
    return trans.__('%1 h', Math.floor(seconds / HOUR));
  }
  return trans.__('%1 d', Math.floor(seconds / DAY));
}

/**
 * A duration, such as "38 ms", "0.81 s", "12 s" or "2 min 5 s".
 *
 * @param seconds - The duration; null gives an empty text.
 * @param trans - The translations.
 */
export function formatDuration(
  seconds: number | null,
  trans: TranslationBundle
): string {
  if (seconds === null) {
    return '';
  }
  if (seconds < 0.1) {
    return trans.__('%1 ms', decimals(seconds * 1000, seconds < 0.01 ? 1 : 0));
  }
  if (seconds < 10) {
    return trans.__('%1 s', decimals(seconds, seconds < 1 ? 2 : 1));
  }
  const whole = Math.round(seconds);
  if (whole < MINUTE) {
    return trans.__('%1 s', decimals(seconds, 0));
  }
  if (whole < HOUR) {
    return trans.__('%1 min %2 s', Math.floor(whole / MINUTE), whole % MINUTE);
  }
  return trans.__(
    '%1 h %2 min',
    Math.floor(whole / HOUR),
    Math.floor((whole % HOUR) / MINUTE)
  );
}

/** How many there are of a kind, such as "3 passed". */
export function formatCount(
  count: number,
  kind: string,
  trans: TranslationBundle
): string {
  return trans.__('%1 %2', count, kind);
}

/**
 * A number of bytes, such as "4.1 MB".
 *
 * @param bytes - How many; units are powers of 1000, as in disk sizes.
 */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);
}

/**
 * An amount of memory, such as "5.1 GiB".
 *
 * @param bytes - How many; units are powers of 1024, as in memory limits.
 */
export function formatMemory(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

/**
 * The time of day of a moment, with its date when that is not today's.
 *
 * @param timestamp - ISO 8601, as on the wire.
 * @param now - The present moment.
 */
export function formatMoment(
  timestamp: string,
  now: Date = new Date()
): string {
  const moment = new Date(timestamp);
  const time = formatTime(moment);
  if (moment.toDateString() === now.toDateString()) {
    return time;
  }
  const date = moment.toLocaleDateString(locale(), {
    day: 'numeric',
    month: 'short'
  });
  return `${date} ${time}`;
}

/** The time of day of a moment, such as "14:02". */
export function formatTime(moment: Date): string {
  return moment.toLocaleTimeString(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23'
  });
}

/** A commit as people quote it. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}

function scaled(bytes: number, base: number, units: readonly string[]): string {
  let value = bytes;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit += 1;
  }
  const digits = unit === 0 || value >= 10 ? 0 : 1;
  return `${decimals(value, digits)} ${units[unit] ?? ''}`;
}

function decimals(value: number, digits: number): string {
  return value.toLocaleString(locale(), {
    maximumFractionDigits: digits,
    useGrouping: false
  });
}

/** The BCP 47 tag of the lab's language, which Lab notes on the page. */
function locale(): string {
  return document.documentElement.lang || 'en';
}

/** Controls and invisible marks, but for the joiners of scripts and emoji. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A name with what cannot be seen written out, such as `\u{202e}`.
 *
 * Names of files, branches and commits come from others: a direction mark or a
 * line break in them must not make a list read as something else.
 */
export function visible(name: string): string {
  return name.replace(
    UNSEEN,
    char => `\\u{${char.codePointAt(0)?.toString(16) ?? ''}}`
  );
}
