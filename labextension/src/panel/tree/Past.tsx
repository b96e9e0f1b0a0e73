import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { RecentResult, UsualTime } from '../../api/generated/api';
import { useHealth } from '../../components/context';
import { runLook } from '../../states/states';
import { formatCount, formatDuration, formatMoment } from '../../text/format';

/** Width of a mark, and height of all, in px. */
const WIDTH = 7;
const HEIGHT = 12;

/** How many times its usual time fills the bar. */
const FULL = 3;

/** How the last runs of a notebook ended, the oldest first: one mark each. */
export function Marks(props: {
  recent: readonly RecentResult[];
}): React.ReactElement | null {
  const { trans } = useHealth();
  const { recent } = props;
  if (recent.length < 2) {
    return null;
  }
  return (
    <svg
      className="jp-RSPHealth-marks"
      role="img"
      aria-label={describePast(recent, trans)}
      width={WIDTH * recent.length}
      height={HEIGHT}
    >
      {recent.map((one, index) => {
        const { tone, word } = runLook(one.state, trans);
        const took = formatDuration(one.measured_s, trans);
        return (
          <g
            key={one.run_id}
            className={`jp-mod-${tone}`}
            transform={`translate(${WIDTH * index} 0)`}
          >
            <title>
              {[formatMoment(one.at), word, took].filter(Boolean).join(', ')}
            </title>
            {/* Something to point at, all of it. */}
            <rect width={WIDTH} height={HEIGHT} fill="none" />
            {tone === 'good' ? (
              <rect className="jp-mod-fill" x={1} y={4} width={4} height={8} />
            ) : tone === 'bad' ? (
              <path className="jp-mod-line" d="M0.5 1 L5.5 11 M5.5 1 L0.5 11" />
            ) : (
              <path className="jp-mod-line" d="M1 8 H5" />
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** The marks in words. */
export function describePast(
  recent: readonly RecentResult[],
  trans: TranslationBundle
): string {
  const counts = new Map<string, number>();
  for (const { state } of recent) {
    const { word } = runLook(state, trans);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) =>
    formatCount(count, word, trans)
  );
  return trans.__('Last %1 runs: %2', recent.length, words.join(', '));
}

/** What it took, as a bar against what it usually takes. */
export function UsualBar(props: {
  usual: UsualTime | null;
}): React.ReactElement | null {
  const { trans } = useHealth();
  const { usual } = props;
  const measured = usual?.measured_s ?? null;
  if (!usual || measured === null || usual.median_s <= 0) {
    return null;
  }
  const times = measured / usual.median_s;
  const text = trans._n(
    '%2; usually %3 (one pass)',
    '%2; usually %3 (median of %1 passes)',
    usual.n,
    formatDuration(measured, trans),
    formatDuration(usual.median_s, trans)
  );
  return (
    <span
      className={`jp-RSPHealth-usual${usual.slower ? ' jp-mod-slower' : ''}`}
      role="img"
      aria-label={text}
      title={text}
    >
      <span style={{ width: `${Math.min(1, times / FULL) * 100}%` }} />
    </span>
  );
}
