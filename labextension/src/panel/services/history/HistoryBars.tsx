import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Observation } from '../../../api/generated/api';
import { useHealth } from '../../../components/context';
import { serviceLook } from '../../../states/states';
import { formatAge, formatCount, formatDuration } from '../../../text/format';

/** How many of the newest checks are drawn. */
const SHOWN = 20;

/** The last checks as a row of bars: height is latency, a cross a failure. */
export function HistoryBars(props: {
  history: Observation[];
}): React.ReactElement | null {
  const { trans } = useHealth();
  const history = props.history.slice(-SHOWN);
  if (!history.length) {
    return null;
  }
  const slowest = Math.max(...history.map(seen => seen.latency_s ?? 0), 0.001);
  return (
    <span
      className="jp-RSPHealth-bars"
      role="img"
      aria-label={describe(history, trans)}
    >
      {history.map((seen, index) => {
        const { tone } = serviceLook(seen.state, trans);
        const share = (seen.latency_s ?? 0) / slowest;
        return (
          <span
            key={index}
            className={`jp-RSPHealth-bar jp-mod-${tone}`}
            style={
              tone === 'bad' ? undefined : { height: `${20 + 80 * share}%` }
            }
          />
        );
      })}
    </span>
  );
}

/** The same as a table, for those who want the figures. */
export function HistoryTable(props: {
  history: Observation[];
}): React.ReactElement | null {
  const { trans } = useHealth();
  if (!props.history.length) {
    return null;
  }
  return (
    <table className="jp-RSPHealth-table">
      <caption>{trans.__('Last checks')}</caption>
      <thead>
        <tr>
          <th scope="col">{trans.__('When')}</th>
          <th scope="col">{trans.__('State')}</th>
          <th scope="col">{trans.__('Answered in')}</th>
        </tr>
      </thead>
      <tbody>
        {[...props.history].reverse().map((seen, index) => (
          <tr key={index}>
            <td>{formatAge(seen.age_s, trans)}</td>
            <td>{serviceLook(seen.state, trans).word}</td>
            <td>{formatDuration(seen.latency_s, trans)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The row of bars in words. */
export function describe(
  history: Observation[],
  trans: TranslationBundle
): string {
  const counts = new Map<string, number>();
  for (const { state } of history) {
    const { word } = serviceLook(state, trans);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) =>
    formatCount(count, word, trans)
  );
  const latencies = history
    .flatMap(seen => (seen.latency_s === null ? [] : [seen.latency_s]))
    .sort((a, b) => a - b);
  const median = latencies[Math.floor(latencies.length / 2)];
  const states = words.join(', ');
  return median === undefined
    ? trans.__('Last %1 checks: %2', history.length, states)
    : trans.__(
        'Last %1 checks: %2; usual answer in %3',
        history.length,
        states,
        formatDuration(median, trans)
      );
}
