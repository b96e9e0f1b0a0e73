import type { TranslationBundle } from '@jupyterlab/translation';

import type { HalfHour, ServiceHistory } from '../../../api/generated/api';
import { serviceLook, serviceRank } from '../../../states/states';
import { formatCount, formatDuration, formatTime } from '../../../text/format';

/** How many half-hours a day has. */
export const HALF_HOURS = 48;

const HALF_HOUR_MS = 1_800_000;
const HOUR_MS = 2 * HALF_HOUR_MS;

/** Half an hour of the last day, looked at or not. */
export interface ISlot {
  start: Date;
  /** Null if nobody looked. */
  seen: HalfHour | null;
}

/** A label below the strip. */
export interface ITick {
  /** Where it is, from 0 (the first half-hour's begin) to 1. */
  at: number;
  label: string;
}

/** All half-hours of the last day, also those of which nothing is known. */
export function slotsOf(day: ServiceHistory): ISlot[] {
  const begin = Date.parse(day.begins_at);
  const seen = new Map(
    day.half_hours.map(one => [Date.parse(one.start), one] as const)
  );
  return Array.from({ length: HALF_HOURS }, (_, index) => {
    const start = begin + index * HALF_HOUR_MS;
    return { start: new Date(start), seen: seen.get(start) ?? null };
  });
}

/** Every sixth hour of the user's clock, and the present. */
export function ticksOf(
  slots: readonly ISlot[],
  trans: TranslationBundle
): ITick[] {
  const begin = slots[0]?.start.getTime() ?? 0;
  const span = slots.length * HALF_HOUR_MS;
  // The clock's hours: half an hour of UTC is none everywhere.
  const hour = new Date(begin);
  hour.setMinutes(0, 0, 0);
  const ticks: ITick[] = [];
  for (let ms = hour.getTime(); ms < begin + span; ms += HOUR_MS) {
    const moment = new Date(ms);
    const at = (ms - begin) / span;
    // The last place is that of the present, also where the strip is narrow.
    if (moment.getHours() % 6 === 0 && at >= 0 && at < 0.7) {
      ticks.push({ at, label: formatTime(moment) });
    }
  }
  return [...ticks, { at: 1, label: trans.__('now') }];
}

/** What was seen in half an hour, in words. */
export function describeSlot(slot: ISlot, trans: TranslationBundle): string {
  const { start, seen } = slot;
  const from = formatTime(start);
  const to = formatTime(new Date(start.getTime() + HALF_HOUR_MS));
  if (seen === null) {
    return trans.__('%1 to %2: nobody looked', from, to);
  }
  const facts = [
    serviceLook(seen.state, trans).word,
    checksText(seen, trans),
    seen.slowest_s === null
      ? ''
      : trans.__('slowest answer in %1', formatDuration(seen.slowest_s, trans))
  ];
  return trans.__(
    '%1 to %2: %3',
    from,
    to,
    facts.filter(fact => fact !== '').join(', ')
  );
}

function checksText(seen: HalfHour, trans: TranslationBundle): string {
  return seen.not_passed
    ? trans._n(
        '%2 of %1 check did not pass',
        '%2 of %1 checks did not pass',
        seen.checks,
        seen.not_passed
      )
    : trans._n('%1 check', '%1 checks', seen.checks);
}

/** The whole strip in words: how many half-hours were how, worst first. */
export function describeDay(
  slots: readonly ISlot[],
  trans: TranslationBundle
): string {
  const counts = new Map<HalfHour['state'], number>();
  let unseen = 0;
  for (const { seen } of slots) {
    if (seen === null) {
      unseen += 1;
    } else {
      counts.set(seen.state, (counts.get(seen.state) ?? 0) + 1);
    }
  }
  const words = [...counts]
    .sort(([a], [b]) => serviceRank(a) - serviceRank(b))
    .map(([state, count]) =>
      formatCount(count, serviceLook(state, trans).word, trans)
    );
  if (unseen) {
    words.push(trans.__('%1 not looked at', unseen));
  }
  return trans.__('Last 24 hours in half-hours: %1', words.join(', '));
}
