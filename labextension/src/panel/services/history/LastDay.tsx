import React, { useEffect, useState } from 'react';

import type {
  HalfHour,
  ServiceHistory,
  ServiceStatus
} from '../../../api/generated/api';
import { useHealth } from '../../../components/context';
import { serviceLook } from '../../../states/states';
import { formatDuration, formatMoment } from '../../../text/format';
import type { ISlot } from './day';
import { HALF_HOURS, describeDay, describeSlot, slotsOf, ticksOf } from './day';

/** Width of a half-hour, and height of the strip, in the drawing's units. */
const WIDTH = 10;
const HEIGHT = 22;

/** How far each key goes. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -12,
  PageUp: 12,
  Home: -HALF_HOURS,
  End: HALF_HOURS
};

/**
 * The last 24 hours of a service; null if nothing is known of them, undefined
 * until that is clear.
 *
 * @param service - Read again whenever the services are.
 */
export function useLastDay(
  service: ServiceStatus
): ServiceHistory | null | undefined {
  const { model } = useHealth();
  const [day, setDay] = useState<ServiceHistory | null>();
  const { id, source } = service;
  const answer = model.status.data;
  useEffect(() => {
    let isCurrent = true;
    if (source !== null) {
      model.api.history(id).then(
        found => {
          if (isCurrent) {
            setDay(found);
          }
        },
        () => {
          // That the server is gone, the list says; what was read stays.
          if (isCurrent) {
            setDay(known => known ?? null);
          }
        }
      );
    }
    return () => {
      isCurrent = false;
    };
  }, [model, id, source, answer]);
  if (source === null || day?.half_hours.length === 0) {
    return null;
  }
  return day;
}

/** Keeps the place of the strip, so that nothing moves when it comes. */
export function LastDayToCome(): React.ReactElement {
  return (
    <div className="jp-RSPHealth-day" aria-hidden="true">
      <div className="jp-RSPHealth-dayStrip">
        <svg />
      </div>
      <div className="jp-RSPHealth-dayAxis" />
      <p className="jp-RSPHealth-dayValue" />
    </div>
  );
}

/** The last 24 hours as a strip: a mark for each half-hour. */
export function LastDay(props: {
  day: ServiceHistory;
  /** The service's title. */
  title: string;
}): React.ReactElement {
  const { trans } = useHealth();
  const [pointed, setPointed] = useState<number | null>(null);
  const [focused, setFocused] = useState<number | null>(null);
  const slots = slotsOf(props.day);
  const shown = pointed ?? focused;
  const textOf = (place: number | null): string => {
    const slot = place === null ? undefined : slots[place];
    return slot ? describeSlot(slot, trans) : describeDay(slots, trans);
  };
  const last = HALF_HOURS - 1;
  return (
    <div className="jp-RSPHealth-day">
      {/* A slider is what reads a value at each place, by keyboard too. */}
      <div
        className="jp-RSPHealth-dayStrip"
        role="slider"
        tabIndex={0}
        aria-label={trans.__('Last 24 hours of %1', props.title)}
        aria-readonly="true"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={focused ?? last}
        aria-valuetext={textOf(focused)}
        onFocus={() => {
          setFocused(focused ?? last);
        }}
        onBlur={() => {
          setFocused(null);
        }}
        onKeyDown={event => {
          const step = STEPS[event.key];
          if (step !== undefined) {
            event.preventDefault();
            event.stopPropagation();
            // What is written is what the keyboard has just gone to.
            setPointed(null);
            const next = (focused ?? last) + step;
            setFocused(Math.min(last, Math.max(0, next)));
          }
        }}
        onPointerMove={event => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          const share = width > 0 ? (event.clientX - left) / width : 0;
          const index = Math.floor(share * HALF_HOURS);
          setPointed(Math.min(last, Math.max(0, index)));
        }}
        onPointerLeave={() => {
          setPointed(null);
        }}
      >
        <svg
          aria-hidden="true"
          viewBox={`0 0 ${WIDTH * HALF_HOURS} ${HEIGHT}`}
          preserveAspectRatio="none"
        >
          {slots.map((one, index) => (
            <Mark key={index} slot={one} index={index} />
          ))}
          {shown !== null && (
            <rect
              className="jp-RSPHealth-dayHere"
              x={WIDTH * shown}
              y={0.5}
              width={WIDTH}
              height={HEIGHT - 1}
            />
          )}
        </svg>
      </div>
      <div className="jp-RSPHealth-dayAxis" aria-hidden="true">
        {ticksOf(slots, trans).map(({ at, label }) => (
          <span
            key={label}
            style={
              at > 0.9
                ? { insetInlineEnd: 0 }
                : { insetInlineStart: `${at * 100}%` }
            }
          >
            {label}
          </span>
        ))}
      </div>
      <p className="jp-RSPHealth-dayValue">{textOf(shown)}</p>
    </div>
  );
}

/** Half an hour: each kind of state has a shape of its own. */
function Mark(props: { slot: ISlot; index: number }): React.ReactElement {
  const { trans } = useHealth();
  const { seen } = props.slot;
  if (seen === null) {
    return (
      <path
        className="jp-mod-none"
        d={`M${WIDTH * props.index + 3} ${HEIGHT - 1} h4`}
      />
    );
  }
  const { tone } = serviceLook(seen.state, trans);
  return (
    <g
      className={`jp-mod-${tone}`}
      transform={`translate(${WIDTH * props.index} 0)`}
    >
      {shape(tone)}
      {tone === 'good' && seen.not_passed > 0 && (
        <path className="jp-mod-remark" d="M5 4 V9" />
      )}
    </g>
  );
}

function shape(tone: string): React.ReactElement {
  switch (tone) {
    case 'good':
      return (
        <rect className="jp-mod-fill" x={1} y={12} width={8} height={10} />
      );
    case 'bad':
      return <path d="M1 2 L9 21 M9 2 L1 21" />;
    case 'warn':
      return <path d="M1 21 L5 3 L9 21 Z" />;
    default:
      return <path d="M1 15 H9" />;
  }
}

/** The same as a table, for those who want the figures. */
export function LastDayTable(props: {
  day: ServiceHistory;
}): React.ReactElement {
  const { trans } = useHealth();
  return (
    <table className="jp-RSPHealth-table">
      <caption>{trans.__('Last 24 hours')}</caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('From')}</th>
          <th scope="col">{trans.__('Worst state')}</th>
          <th scope="col">{trans.__('Checks passed')}</th>
          <th scope="col">{trans.__('Slowest')}</th>
        </tr>
      </thead>
      <tbody>
        {[...props.day.half_hours].reverse().map((seen: HalfHour) => (
          <tr key={seen.start}>
            <td>{formatMoment(seen.start)}</td>
            <td>{serviceLook(seen.state, trans).word}</td>
            <td>
              {trans.__('%1 of %2', seen.checks - seen.not_passed, seen.checks)}
            </td>
            <td>{formatDuration(seen.slowest_s, trans)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
