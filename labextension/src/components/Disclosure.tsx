import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React, { useId } from 'react';

import { useHealth } from './context';
import { useSignals } from './hooks';

/** What a disclosure needs. */
export interface IDisclosureProps {
  /** Stable name, under which it is remembered whether it is open. */
  name: string;
  /** Whether it is open until the user says otherwise. */
  initiallyOpen?: boolean;
  /** The line that opens it. */
  label: React.ReactNode;
  /** Stands after the line, outside the button. */
  aside?: React.ReactNode;
  children: React.ReactNode;
}

/** A line that opens to its details. */
export function Disclosure(props: IDisclosureProps): React.ReactElement {
  const { name, initiallyOpen = false, label, aside, children } = props;
  const { panelState } = useHealth();
  useSignals(panelState.changed);
  const bodyId = useId();
  const isOpen = panelState.isOpen(name, initiallyOpen);
  const caret = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <>
      <div className="jp-RSPHealth-line">
        <button
          type="button"
          className="jp-RSPHealth-disclosure"
          aria-expanded={isOpen}
          aria-controls={bodyId}
          onClick={() => {
            panelState.toggle(name, initiallyOpen);
          }}
        >
          <caret.react tag="span" className="jp-RSPHealth-caret" />
          {label}
        </button>
        {aside}
      </div>
      <div id={bodyId} hidden={!isOpen}>
        {isOpen && children}
      </div>
    </>
  );
}
