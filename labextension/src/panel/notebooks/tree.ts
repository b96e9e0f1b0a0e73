import { visible } from '../../format';
import type {
  CellResult,
  NotebookEntry,
  NotebookResult,
  RunDocument
} from '../../generated/api';
import type { INotebookOutcome } from '../../runs';
import { isActive } from '../../runs';
import type { RunState } from '../../states';
import { isProblem, runRank } from '../../states';

/** What all nodes of the tree have. */
interface IBaseNode {
  /** Unique in the tree, and the same at each render. */
  id: string;
  label: string;
  /** Null: never run here. */
  state: RunState | null;
  durationS: number | null;
  children: ITreeNode[];
}

/** An application: the notebooks that check it. */
export interface IApplicationNode extends IBaseNode {
  kind: 'application';
}

/** A notebook of the checkout. */
export interface INotebookNode extends IBaseNode {
  kind: 'notebook';
  path: string;
  /** Why it is not run here, or how it ended; null: nothing to say. */
  reason: string | null;
  /** The run that the result is from. */
  run: RunDocument | null;
  result: NotebookResult | null;
}

/** A code cell of a notebook that was run. */
export interface ICellNode extends IBaseNode {
  kind: 'cell';
  path: string;
  run: RunDocument;
  cell: CellResult;
}

/** A node of the tree application ▸ notebook ▸ cell. */
export type ITreeNode = IApplicationNode | INotebookNode | ICellNode;

/** What the user wants to see of the tree. */
export interface ITreeFilter {
  /** Part of a name; empty: all. */
  text: string;
  /** Only what ended badly. */
  onlyFailed: boolean;
}

/**
 * Build the tree of a checkout.
 *
 * The order is alphabetical, with what is not run here last: it must not jump
 * while a run is under way.
 *
 * @param entries - The notebooks of the checkout.
 * @param outcomes - The newest result of each, by path.
 * @param filter - What to leave out.
 */
export function buildTree(
  entries: readonly NotebookEntry[],
  outcomes: ReadonlyMap<string, INotebookOutcome>,
  filter: ITreeFilter
): ITreeNode[] {
  const text = filter.text.trim().toLowerCase();
  const applications = new Map<string, INotebookNode[]>();
  for (const entry of entries) {
    const node = notebookNode(entry, outcomes.get(entry.path));
    const application = entry.application ?? folderOf(entry.path);
    const isNamed =
      !text ||
      entry.path.toLowerCase().includes(text) ||
      application.toLowerCase().includes(text);
    const isWanted =
      !filter.onlyFailed || (node.state !== null && isProblem(node.state));
    if (isNamed && isWanted) {
      applications.set(application, [
        ...(applications.get(application) ?? []),
        node
      ]);
    }
  }
  return [...applications]
    .map(([name, notebooks]) => applicationNode(name, notebooks))
    .sort(
      (a, b) =>
        Number(isLeftOut(a)) - Number(isLeftOut(b)) ||
        a.label.localeCompare(b.label)
    );
}

/** What a node is open or closed by, until the user says otherwise. */
export function isInitiallyOpen(node: ITreeNode): boolean {
  return (
    node.state !== null && (isProblem(node.state) || node.state === 'running')
  );
}

function applicationNode(
  name: string,
  notebooks: INotebookNode[]
): IApplicationNode {
  const children = [...notebooks].sort((a, b) => a.path.localeCompare(b.path));
  const durations = children.flatMap(child =>
    child.durationS === null ? [] : [child.durationS]
  );
  return {
    kind: 'application',
    id: `application:${name}`,
    label: visible(name),
    state: worst(children.map(child => child.state)),
    durationS: durations.length
      ? durations.reduce((sum, duration) => sum + duration, 0)
      : null,
    children
  };
}

function notebookNode(
  entry: NotebookEntry,
  outcome: INotebookOutcome | undefined
): INotebookNode {
  const id = `notebook:${entry.path}`;
  const common = {
    kind: 'notebook' as const,
    id,
    label: visible(entry.path),
    path: entry.path
  };
  if (!outcome || (!entry.selected && outcome.result.state === 'skipped')) {
    return {
      ...common,
      state: entry.selected ? null : 'skipped',
      durationS: null,
      reason: entry.reason,
      run: null,
      result: null,
      children: []
    };
  }
  const { run, result } = outcome;
  return {
    ...common,
    state: result.state,
    durationS: result.duration_s,
    reason: result.reason,
    run,
    result,
    children: result.cells.map(cell => cellNode(id, entry.path, run, cell))
  };
}

function cellNode(
  parent: string,
  path: string,
  run: RunDocument,
  cell: CellResult
): ICellNode {
  // People know their cells by id; the random ids of editors tell nothing.
  const isTelling = cell.id !== null && !/^[0-9a-f-]{8,36}$/.test(cell.id);
  const name = isTelling ? cell.id : cell.source;
  return {
    kind: 'cell',
    id: `${parent}#${cell.index}`,
    label: name ? `[${cell.index}] ${visible(name)}` : `[${cell.index}]`,
    state: cell.state,
    durationS: cell.duration_s,
    path,
    run,
    cell,
    children: []
  };
}

/** The worst of several states; what is under way outshines what is well. */
function worst(states: (RunState | null)[]): RunState | null {
  const known = states.filter(state => state !== null);
  if (!known.length) {
    return null;
  }
  const active = known.find(state => isActive(state));
  const ranked = [...known].sort((a, b) => runRank(a) - runRank(b));
  const first = ranked[0] ?? null;
  return first !== null && isProblem(first) ? first : (active ?? first);
}

function isLeftOut(node: ITreeNode): boolean {
  return node.state === 'skipped';
}

function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end < 0 ? path.replace(/\.ipynb$/, '') : path.slice(0, end);
}
