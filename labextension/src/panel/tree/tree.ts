import type {
  CellResult,
  NotebookEntry,
  NotebookResult,
  RecentResult,
  Repository,
  RunDocument,
  UsualTime
} from '../../api/generated/api';
import type { IAskedRun, INotebookOutcome } from '../../model/runs';
import { isActive, isAmong } from '../../model/runs';
import type { RunState } from '../../states/states';
import { isProblem, runRank } from '../../states/states';
import { visible } from '../../text/format';

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
  /** Whether the notebook has changed since. */
  isStale: boolean;
  /** Seconds that it took when it last passed, while it has not ended. */
  expectedS: number | null;
  /** How it ended the last times, the oldest first. */
  recent: readonly RecentResult[];
  /** What it usually takes, and took this time. */
  usual: UsualTime | null;
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

/** The repository whose checkout is shown. */
export interface IRepositoryNode extends IBaseNode {
  kind: 'repository';
}

/** A node of the tree repository ▸ application ▸ notebook ▸ cell. */
export type ITreeNode =
  IRepositoryNode | IApplicationNode | INotebookNode | ICellNode;

/** Ways to sort applications and notebooks; cells stay in their order. */
export const SORTS = ['name', 'state', 'slowest'] as const;

/** A way to sort. */
export type Sort = (typeof SORTS)[number];

/** What the user wants to see of the tree. */
export interface ITreeFilter {
  /** Part of a name; empty: all. */
  text: string;
  /** Only what ended badly. */
  onlyFailed: boolean;
}

/**
 * Build the tree of a checkout, below its repository.
 *
 * Applications and notebooks are sorted, with what is not run here last.
 *
 * @param entries - The notebooks of the checkout.
 * @param outcomes - The newest result of each, by path.
 * @param filter - What to leave out.
 * @param sort - What comes first.
 */
export function buildTree(
  entries: readonly NotebookEntry[],
  outcomes: ReadonlyMap<string, INotebookOutcome>,
  filter: ITreeFilter,
  sort: Sort = 'name'
): IApplicationNode[] {
  const text = filter.text.trim().toLowerCase();
  const applications = new Map<string, INotebookNode[]>();
  for (const entry of entries) {
    const application = entry.application ?? folderOf(entry.path);
    const node = below(
      application,
      notebookNode(entry, outcomes.get(entry.path))
    );
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
  const compare = comparison(sort);
  return [...applications]
    .map(([name, notebooks]) => applicationNode(name, notebooks, compare))
    .sort(compare);
}

/** The node above all applications. */
export function repositoryNode(
  repository: Repository,
  children: ITreeNode[]
): IRepositoryNode {
  return {
    kind: 'repository',
    id: `repository:${repository.id}`,
    label: visible(repository.id),
    state: worst(children.map(child => child.state)),
    durationS: total(children),
    children
  };
}

/**
 * The nodes in an order that they had before, new ones at the end: lines must
 * not jump while a run is under way.
 *
 * @param nodes - The applications as they are now.
 * @param before - The ids of all nodes, in the order to keep.
 */
export function inOrder(
  nodes: IApplicationNode[],
  before: readonly string[]
): IApplicationNode[] {
  const places = new Map(before.map((id, place) => [id, place]));
  const place = (node: ITreeNode): number =>
    places.get(node.id) ?? before.length;
  const keep = <T extends ITreeNode>(siblings: T[]): T[] =>
    [...siblings].sort((a, b) => place(a) - place(b));
  return keep(nodes).map(node => ({
    ...node,
    children: keep(node.children)
  }));
}

/** The ids of all nodes that can be opened, from the top. */
export function foldable(nodes: readonly ITreeNode[]): string[] {
  return nodes.flatMap(node =>
    node.children.length ? [node.id, ...foldable(node.children)] : []
  );
}

function comparison(sort: Sort): (a: ITreeNode, b: ITreeNode) => number {
  const byName = (a: ITreeNode, b: ITreeNode): number =>
    Number(isSkipped(a)) - Number(isSkipped(b)) ||
    a.label.localeCompare(b.label);
  const rank = ({ state }: ITreeNode): number =>
    state === null ? runRank('skipped') - 0.5 : runRank(state);
  switch (sort) {
    case 'name':
      return byName;
    case 'state':
      return (a, b) => rank(a) - rank(b) || byName(a, b);
    case 'slowest':
      return (a, b) =>
        (b.durationS ?? -1) - (a.durationS ?? -1) || byName(a, b);
  }
}

/** What a node is open or closed by, until the user says otherwise. */
export function isInitiallyOpen(node: ITreeNode): boolean {
  return (
    node.kind === 'repository' ||
    (node.state !== null &&
      (isProblem(node.state) || node.state === 'running')) ||
    // Where the user has stopped it, which says what it was at.
    node.children.some(child =>
      child.kind === 'cell' ? child.state === 'stopped' : isInitiallyOpen(child)
    )
  );
}

function applicationNode(
  name: string,
  notebooks: INotebookNode[],
  compare: (a: ITreeNode, b: ITreeNode) => number
): IApplicationNode {
  const children = [...notebooks].sort(compare);
  return {
    kind: 'application',
    id: `application:${name}`,
    label: visible(name),
    state: worst(children.map(child => child.state)),
    durationS: total(children),
    children
  };
}

/** The seconds of several nodes together; null if none has any. */
function total(nodes: readonly ITreeNode[]): number | null {
  const durations = nodes.flatMap(({ durationS }) =>
    durationS === null ? [] : [durationS]
  );
  return durations.length
    ? durations.reduce((sum, duration) => sum + duration, 0)
    : null;
}

/**
 * The notebooks of one run, and their cells: the worst first, or in the order
 * of the run while that is under way.
 */
export function runTree(run: RunDocument): INotebookNode[] {
  const results = run.notebooks.filter(({ state }) => state !== 'skipped');
  if (!isActive(run.state)) {
    results.sort((a, b) => runRank(a.state) - runRank(b.state));
  }
  return results.map(result => resultNode(`${run.run_id}:`, run, result));
}

function notebookNode(
  entry: NotebookEntry,
  outcome: INotebookOutcome | undefined
): INotebookNode {
  if (!outcome || (!entry.selected && outcome.result.state === 'skipped')) {
    return {
      kind: 'notebook',
      id: `notebook:${entry.path}`,
      label: visible(entry.path),
      path: entry.path,
      state: entry.selected ? null : 'skipped',
      durationS: null,
      isStale: false,
      expectedS: null,
      recent: entry.recent,
      usual: null,
      reason: entry.reason,
      run: null,
      result: null,
      children: []
    };
  }
  const node = resultNode('', outcome.run, outcome.result);
  const isStale = isOfAnother(outcome.result, entry);
  return { ...node, isStale, recent: entry.recent };
}

/** Whether the notebook says something else now than when it was run. */
function isOfAnother(
  { state, content_sha256: then }: NotebookResult,
  { content_sha256: now }: NotebookEntry
): boolean {
  return then !== null && now !== null && !isActive(state) && then !== now;
}

/**
 * The notebooks to run with a line: of an application, those that the rules
 * leave out here only if that is all there is.
 */
export function pathsOf(node: ITreeNode): string[] {
  const notebooks = notebooksOf(node);
  const applying = notebooks.filter(one => !isLeftOut(one));
  return (applying.length ? applying : notebooks).map(({ path }) => path);
}

/** Whether a line, or something below it, was asked for. */
export function isAskedFor(
  node: ITreeNode,
  asked: readonly IAskedRun[]
): boolean {
  return (
    node.kind !== 'cell' &&
    asked.some(run =>
      notebooksOf(node).some(one => isAmong(run, one.path, !isLeftOut(one)))
    )
  );
}

function notebooksOf(node: ITreeNode): INotebookNode[] {
  return node.kind === 'notebook' ? [node] : node.children.flatMap(notebooksOf);
}

/** Whether what runs with a line is left out here, all of it. */
export function isForced(node: ITreeNode): boolean {
  return notebooksOf(node).every(isLeftOut);
}

/** A notebook with its result; the prefix keeps ids of several trees apart. */
function resultNode(
  prefix: string,
  run: RunDocument,
  result: NotebookResult
): INotebookNode {
  const { path, state } = result;
  const id = `${prefix}notebook:${path}`;
  return {
    kind: 'notebook',
    id,
    label: visible(path),
    path,
    state,
    durationS: result.duration_s,
    isStale: false,
    expectedS: isActive(state) ? result.expected_s : null,
    recent: [],
    usual: isActive(state) ? null : result.usual,
    reason: result.reason,
    run,
    result,
    children: result.cells.map(cell => cellNode(id, path, run, cell))
  };
}

function cellNode(
  parent: string,
  path: string,
  run: RunDocument,
  cell: CellResult
): ICellNode {
  return {
    kind: 'cell',
    id: `${parent}#${cell.index}`,
    label: cellLabel(cell),
    state: cell.state,
    durationS: cell.duration_s,
    path,
    run,
    cell,
    children: []
  };
}

/** A cell's number, and its id or, if that tells nothing, its first line. */
export function cellLabel(cell: CellResult): string {
  // People know their cells by id; the random ids of editors tell nothing.
  const isTelling = cell.id !== null && !/^[0-9a-f-]{8,36}$/.test(cell.id);
  const name = isTelling ? cell.id : cell.source;
  return name ? `[${cell.index}] ${visible(name)}` : `[${cell.index}]`;
}

/**
 * The state of what holds several: running until all have ended, then the
 * worst. Beside what was never run, what is left out says nothing.
 */
function worst(states: (RunState | null)[]): RunState | null {
  const known = states.filter(state => state !== null);
  const active = known.filter(isActive);
  if (active.length) {
    return active.find(state => state === 'running') ?? active[0] ?? null;
  }
  const [first = null] = [...known].sort((a, b) => runRank(a) - runRank(b));
  return first === 'skipped' && known.length < states.length ? null : first;
}

/** A notebook as it is called below its folder, which is told above it. */
function below(folder: string, node: INotebookNode): INotebookNode {
  const prefix = `${folder}/`;
  return node.path.startsWith(prefix)
    ? { ...node, label: visible(node.path.slice(prefix.length)) }
    : node;
}

function isSkipped(node: ITreeNode): boolean {
  return node.state === 'skipped';
}

/** Whether the rules leave a notebook out here; it has not asked for it. */
function isLeftOut(node: INotebookNode): boolean {
  return node.state === 'skipped' && node.run === null;
}

function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end < 0 ? path.replace(/\.ipynb$/, '') : path.slice(0, end);
}
