import React from 'react';

/** How many characters at the end of a name are always shown, at most. */
const TAIL = 9;

/** A name of so many is hardly longer than its end and the dots. */
const SHORT = 8;

/** A name that is cut in its middle where there is no room: ends differ. */
export function MiddleCut(props: {
  text: string;
  className?: string;
}): React.ReactElement {
  const { text, className = '' } = props;
  const tail = Math.min(TAIL, Math.floor(text.length / 2));
  const at = text.length > SHORT ? text.length - tail : text.length;
  return (
    <span className={`jp-RSPHealth-middleCut ${className}`} title={text}>
      <span>{text.slice(0, at)}</span>
      {at < text.length && <span>{text.slice(at)}</span>}
    </span>
  );
}
