import React, { useRef, useState } from 'react';

import type { NotebookList, Repository } from '../../api/generated/api';
import { useHealth } from '../../components/context';
import { useSignals } from '../../components/hooks';
import type { INotebookOutcome } from '../../model/runs';
import { isProblem } from '../../states/states';
import { RunProgress, RunStarting } from '../tree/RunProgress';
import { Tree } from '../tree/Tree';
import type { IApplicationNode, ITreeFilter, Sort } from '../tree/tree';
import {
  SORTS,
  buildTree,
  foldable,
  inOrder,
  repositoryNode
} from '../tree/tree';
import { Alike } from './Alike';
import { Toolbar } from './Toolbar';

const ALL: ITreeFilter = { text: '', onlyFailed: false };

/** Under which it is remembered how the tree is sorted. */
const SORT = 'notebooks-sort';

/** The notebooks of one checkout, and what can be done with them. */
export function NotebookTree(props: {
  repository: Repository;
  list: NotebookList;
}): React.ReactElement {
  const { repository, list } = props;
  const { model, trans, panelState } = useHealth();
  useSignals(model.runs.changed, panelState.changed);
  const [filter, setFilter] = useState(ALL);
  const folder = model.folder(repository);
  const outcomes =
    folder === null
      ? new Map<string, INotebookOutcome>()
      : model.runs.outcomes(folder);
  const run = model.runs.active.find(active => active.folder === folder);
  const asked = model.runs.starting.filter(
    one => one.repository === repository.id
  );
  const sort = panelState.chosen(SORT, SORTS);
  const build = (wanted: ITreeFilter): IApplicationNode[] =>
    buildTree(list.notebooks, outcomes, wanted, sort);
  const order = useOrder(() => build(ALL), sort, run !== undefined);
  const applications = inOrder(build(filter), order);
  const nodes = applications.length
    ? [repositoryNode(repository, applications)]
    : [];
  // Of notebooks that are gone, results tell nothing any more.
  const shown = new Map(
    list.notebooks.flatMap(({ path }) => {
      const outcome = outcomes.get(path);
      return outcome ? [[path, outcome] as const] : [];
    })
  );
  const failed = [...shown.values()].filter(({ result }) =>
    isProblem(result.state)
  ).length;
  return (
    <>
      <Toolbar
        repository={repository}
        filter={filter}
        onFilter={setFilter}
        sort={sort}
        onSort={choice => {
          panelState.choose(SORT, choice);
        }}
        onFold={open => {
          panelState.set(foldable(open ? nodes : applications), open);
        }}
        failed={failed}
        runId={run?.run_id}
        isStarting={asked.length > 0}
      />
      {run ? <RunProgress run={run} /> : asked.length > 0 && <RunStarting />}
      <Alike outcomes={shown} />
      {nodes.length ? (
        <Tree nodes={nodes} label={trans.__('Notebooks')} asked={asked} />
      ) : (
        <p className="jp-RSPHealth-hint">
          {list.notebooks.length
            ? trans.__('No notebook matches the filter.')
            : trans.__('There are no notebooks in this checkout.')}
        </p>
      )}
    </>
  );
}

/** The ids of all nodes, in order; kept as it was while a run is under way. */
function useOrder(
  build: () => IApplicationNode[],
  sort: Sort,
  isRunning: boolean
): string[] {
  const known = useRef<{ sort: Sort; ids: string[] } | null>(null);
  if (known.current?.sort !== sort || !isRunning) {
    const ids = build().flatMap(node => [
      node.id,
      ...node.children.map(child => child.id)
    ]);
    known.current = { sort, ids };
  }
  return known.current.ids;
}
