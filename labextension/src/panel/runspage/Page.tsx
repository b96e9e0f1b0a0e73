import React, { useEffect } from 'react';

import { useHealth } from '../../components/context';
import { useSignals } from '../../components/hooks';
import { isActive } from '../../model/runs';
import { CellsPart } from './CellsPart';
import type { ISides } from './ComparePart';
import { ComparePart } from './ComparePart';
import { NotebooksPart } from './NotebooksPart';
import { useAnswer } from './answer';

/** How many results of each notebook are asked for. */
const RESULTS = 20;

/** What the page shows. */
export interface IShown extends ISides {
  part: Part;
  /** Whose cells are shown; null: the first one's. */
  notebook: string | null;
}

/** The parts of the page. */
export type Part = 'notebooks' | 'cells' | 'compare';

const PARTS: readonly Part[] = ['notebooks', 'cells', 'compare'];

/** Runs over time, and two of them side by side. */
export function Page(props: {
  shown: IShown;
  onShow: (shown: IShown) => void;
}): React.ReactElement {
  const { model, trans } = useHealth();
  const { shown, onShow } = props;
  useSignals(model.runs.changed);
  useEffect(() => {
    if (!model.runs.list.data) {
      void model.runs.list.load();
    }
  }, [model]);
  // When a run has ended, there is more to tell.
  const ended = model.runs.list.data?.runs.find(
    ({ state }) => !isActive(state)
  );
  const version = ended?.run_id ?? '';
  const answer = useAnswer(() => model.api.trend(RESULTS), version);
  const titles: Record<Part, string> = {
    notebooks: trans.__('Notebooks over runs'),
    cells: trans.__('Cells of a notebook'),
    compare: trans.__('Two runs compared')
  };
  const show = (change: Partial<IShown>): void => {
    onShow({ ...shown, ...change });
  };
  return (
    <>
      <div
        role="tablist"
        aria-label={trans.__('Runs over time')}
        className="jp-RSPHealth-tabs"
        onKeyDown={event => {
          const step =
            event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
          if (step !== 0) {
            const place = PARTS.indexOf(shown.part) + step + PARTS.length;
            const part = PARTS[place % PARTS.length] ?? 'notebooks';
            show({ part });
            event.currentTarget
              .querySelector<HTMLElement>(`#${tabId(part)}`)
              ?.focus();
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
              show({ part });
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
          <NotebooksPart
            answer={answer}
            onOpen={notebook => {
              show({ part: 'cells', notebook });
            }}
          />
        )}
        {shown.part === 'cells' && (
          <CellsPart
            notebooks={answer.data?.notebooks ?? []}
            notebook={shown.notebook}
            version={version}
            onChoose={notebook => {
              show({ notebook });
            }}
          />
        )}
        {shown.part === 'compare' && (
          <ComparePart sides={shown} onChoose={show} />
        )}
      </div>
    </>
  );
}

function tabId(part: Part): string {
  return `rsp-health-runs-tab-${part}`;
}
