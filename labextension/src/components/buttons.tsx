import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

/** A button that is an icon only; its label is read and shown as a tip. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: (event: React.MouseEvent<HTMLButtonElement>) => void;
  disabled?: boolean;
  hasMenu?: boolean;
  /** False takes it out of the tab order, as in a line without the focus. */
  tabbable?: boolean;
}): React.ReactElement {
  const { icon, label, onClick, disabled = false, hasMenu, tabbable } = props;
  return (
    <button
      type="button"
      className="jp-RSPHealth-iconButton"
      aria-label={label}
      aria-haspopup={hasMenu ? 'menu' : undefined}
      aria-disabled={disabled}
      title={label}
      tabIndex={tabbable === false ? -1 : undefined}
      onClick={event => {
        if (!disabled) {
          onClick(event);
        }
      }}
    >
      <icon.react tag="span" className="jp-RSPHealth-buttonIcon" />
    </button>
  );
}

/** A button with a text, and perhaps an icon before it. */
export function TextButton(props: {
  label: string;
  onClick: () => void;
  icon?: LabIcon;
  title?: string;
  disabled?: boolean;
  accent?: boolean;
  pressed?: boolean;
  expanded?: boolean;
  /** A longer name for screen readers; it holds the label. */
  spoken?: string;
}): React.ReactElement {
  const { label, onClick, icon, title, disabled = false, accent } = props;
  return (
    <button
      type="button"
      className={`jp-RSPHealth-button${accent ? ' jp-mod-accent' : ''}`}
      aria-label={props.spoken}
      aria-disabled={disabled}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      title={title}
      onClick={() => {
        if (!disabled) {
          onClick();
        }
      }}
    >
      {icon && <icon.react tag="span" className="jp-RSPHealth-buttonIcon" />}
      {label}
    </button>
  );
}

/**
 * A link out of the lab.
 *
 * What is not a web address (the text may come from anywhere) is shown as text.
 */
export function OutLink(props: {
  href: string;
  children: React.ReactNode;
}): React.ReactElement {
  const { href, children } = props;
  if (!/^https?:\/\//i.test(href)) {
    return <span>{children}</span>;
  }
  return (
    <a
      className="jp-RSPHealth-link"
      href={href}
      target="_blank"
      rel="noopener noreferrer"
    >
      {children}
    </a>
  );
}
