import React, { useCallback, useEffect, useRef } from 'react';

import { useHealth } from '../../components/context';
import { useSignals } from '../../components/hooks';
import { isActive } from '../../model/runs';
import { CellsPart } from './CellsPart';
import type { ISides } from './ComparePart';
import { ComparePart } from './ComparePart';
import { NotebooksPart } from './NotebooksPart';
import { useAnswer } from './answer';
import { RUNS } from './rows';

/** What the page shows. */
export interface IShown extends ISides {
  part: Part;
  /** Whose cells are shown; null: the first one's. */
  notebook: string | null;
}

/** The parts of the page. */
export type Part = 'notebooks' | 'cells' | 'compare';

const PARTS: readonly Part[] = ['notebooks', 'cells', 'compare'];

/**
 * Runs over time, and two of them side by side.
 *
 * @param props - What is shown, and shows something else; what is not named
 *   stays. It is always the same function.
 */
export function Page(props: {
  shown: IShown;
  onShow: (change: Partial<IShown>) => void;
}): React.ReactElement {
  const { model, trans } = useHealth();
  const { shown, onShow } = props;
  const tabs = useRef<HTMLDivElement>(null);
  useSignals(model.runs.changed);
  useEffect(() => {
    if (!model.runs.list.data) {
      void model.runs.list.load();
    }
  }, [model]);
  // When a run has ended, there is more to tell.
  const version = (model.runs.list.data?.runs ?? [])
    .filter(({ state }) => !isActive(state))
    .map(({ run_id: id }) => id)
    .join(' ');
  const answer = useAnswer(() => model.api.trend(RUNS), '', version);
  const openCells = useCallback(
    (notebook: string) => {
      // What was clicked is gone then.
      focusTab(tabs.current, 'cells');
      onShow({ part: 'cells', notebook });
    },
    [onShow]
  );
  const titles: Record<Part, string> = {
    notebooks: trans.__('Notebooks over runs'),
    cells: trans.__('Cells of a notebook'),
    compare: trans.__('Two runs compared')
  };
  return (
    <>
      <div
        ref={tabs}
        role="tablist"
        aria-label={trans.__('Runs over time')}
        className="jp-RSPHealth-tabs"
        onKeyDown={event => {
          const step =
            event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
          if (step !== 0) {
            const place = PARTS.indexOf(shown.part) + step + PARTS.length;
            const part = PARTS[place % PARTS.length] ?? 'notebooks';
            onShow({ part });
            focusTab(event.currentTarget, part);
          }
        }}
      >
        {PARTS.map(part => (
          <button
            key={part}
            id={tabId(part)}
            type="button"
            role="tab"
            className="jp-RSPHealth-tab"
            aria-selected={part === shown.part}
            aria-controls="rsp-health-runs-part"
            tabIndex={part === shown.part ? 0 : -1}
            onClick={() => {
              onShow({ part });
            }}
          >
            {titles[part]}
          </button>
        ))}
      </div>
      <div
        id="rsp-health-runs-part"
        role="tabpanel"
        aria-labelledby={tabId(shown.part)}
      >
        {shown.part === 'notebooks' && (
          <NotebooksPart answer={answer} onOpen={openCells} />
        )}
        {shown.part === 'cells' && (
          <CellsPart
            answer={answer}
            notebook={shown.notebook}
            version={version}
            onShow={onShow}
          />
        )}
        {shown.part === 'compare' && (
          <ComparePart
            before={shown.before}
            after={shown.after}
            onChoose={onShow}
          />
        )}
      </div>
    </>
  );
}

function tabId(part: Part): string {
  return `rsp-health-runs-tab-${part}`;
}

function focusTab(tabs: HTMLElement | null, part: Part): void {
  tabs?.querySelector<HTMLElement>(`#${tabId(part)}`)?.focus();
}
