import React from 'react';

/** Holds a table that may be wider than the page; the arrow keys scroll it. */
export function TableFrame(props: {
  label: string;
  children: React.ReactNode;
}): React.ReactElement {
  return (
    <div
      className="jp-RSPHealth-tableFrame"
      role="region"
      aria-label={props.label}
      tabIndex={0}
    >
      {props.children}
    </div>
  );
}
