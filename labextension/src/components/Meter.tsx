import React from 'react';

/** How much of a limit is used: a bar, and the same as text. */
export function Meter(props: {
  label: string;
  text: string;
  used: number;
  limit: number;
}): React.ReactElement {
  const { label, text, used, limit } = props;
  const share = limit > 0 ? Math.min(1, used / limit) : 0;
  return (
    <div className="jp-RSPHealth-meter">
      <span className="jp-RSPHealth-meterLabel">{label}</span>
      <span
        className="jp-RSPHealth-meterBar"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={text}
      >
        <span
          className={`jp-RSPHealth-meterFill${share > 0.9 ? ' jp-mod-full' : ''}`}
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className="jp-RSPHealth-meterText">{text}</span>
    </div>
  );
}
