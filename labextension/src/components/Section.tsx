import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React, { useId } from 'react';

import { useHealth } from './context';
import { useSignals } from './hooks';

/** What a section needs. */
export interface ISectionProps {
  /** Stable name, under which it is remembered whether it is open. */
  name: string;
  title: string;
  /** What a closed section still says. */
  summary?: string;
  /** Whether it is open until the user says otherwise; it is, without. */
  initiallyOpen?: boolean;
  children: React.ReactNode;
}

/** A part of the panel that can be folded away. */
export function Section(props: ISectionProps): React.ReactElement {
  const { name, title, summary, initiallyOpen = true, children } = props;
  const { panelState } = useHealth();
  useSignals(panelState.changed);
  const headingId = useId();
  const bodyId = useId();
  const isOpen = panelState.isOpen(name, initiallyOpen);
  const caret = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <section
      className="jp-RSPHealth-section"
      aria-labelledby={headingId}
      data-rsp-health-section={name}
    >
      <h3 className="jp-RSPHealth-sectionTitle" id={headingId}>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={bodyId}
          onClick={() => {
            panelState.toggle(name, initiallyOpen);
          }}
        >
          <caret.react tag="span" className="jp-RSPHealth-caret" />
          <span className="jp-RSPHealth-sectionName">{title}</span>
          {summary && (
            <span className="jp-RSPHealth-sectionSummary">{summary}</span>
          )}
        </button>
      </h3>
      <div id={bodyId} className="jp-RSPHealth-sectionBody" hidden={!isOpen}>
        {isOpen && children}
      </div>
    </section>
  );
}
