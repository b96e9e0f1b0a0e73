import type { LabIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

/** What a button does; what takes its time says so by a promise. */
type Action<T> = (event: React.MouseEvent<T>) => unknown;

/**
 * Answer a click at once: until what it began has ended, the button shows that
 * it was heard, and is not heard again.
 */
function useBusy(
  onClick: Action<HTMLButtonElement>,
  disabled: boolean
): { isBusy: boolean; click: Action<HTMLButtonElement> } {
  const [isBusy, setBusy] = useState(false);
  const click = (event: React.MouseEvent<HTMLButtonElement>): void => {
    if (disabled || isBusy) {
      return;
    }
    const end = onClick(event);
    if (end instanceof Promise) {
      setBusy(true);
      const idle = (): void => {
        setBusy(false);
      };
      end.then(idle, idle);
    }
  };
  return { isBusy, click };
}

/** A button that is an icon only; its label is read and shown as a tip. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  onClick: Action<HTMLButtonElement>;
  disabled?: boolean;
  hasMenu?: boolean;
  /** False takes it out of the tab order, as in a line without the focus. */
  tabbable?: boolean;
}): React.ReactElement {
  const { icon, label, onClick, disabled = false, hasMenu, tabbable } = props;
  const { isBusy, click } = useBusy(onClick, disabled);
  return (
    <button
      type="button"
      className="jp-RSPHealth-iconButton"
      aria-label={label}
      aria-haspopup={hasMenu ? 'menu' : undefined}
      aria-disabled={disabled || isBusy}
      aria-busy={isBusy}
      title={label}
      tabIndex={tabbable === false ? -1 : undefined}
      onClick={click}
    >
      <icon.react tag="span" className="jp-RSPHealth-buttonIcon" />
    </button>
  );
}

/** A button with a text, and perhaps an icon before it. */
export function TextButton(props: {
  label: string;
  onClick: Action<HTMLButtonElement>;
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
  const { isBusy, click } = useBusy(onClick, disabled);
  return (
    <button
      type="button"
      className={`jp-RSPHealth-button${accent ? ' jp-mod-accent' : ''}`}
      aria-label={props.spoken}
      aria-disabled={disabled || isBusy}
      aria-busy={isBusy}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      title={title}
      onClick={click}
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
