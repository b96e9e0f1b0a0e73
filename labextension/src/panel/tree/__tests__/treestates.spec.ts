import { entry, repository } from '../../../__tests__/checkouts';
import { cell, notebook, run } from '../../../__tests__/runs';
import type {
  CellResult,
  NotebookResult,
  RunDocument
} from '../../../api/generated/api';
import type { RunEvent } from '../../../api/generated/events';
import type { INotebookOutcome } from '../../../model/runs';
import { applyEvent, hasBegun, isActive } from '../../../model/runs';
import type { ITreeNode } from '../tree';
import { buildTree, repositoryNode } from '../tree';

/** How many random runs are tried; `RSP_HEALTH_EXAMPLES` for more. */
const EXAMPLES = Number(process.env.RSP_HEALTH_EXAMPLES ?? 20);

const ALL = { text: '', onlyFailed: false };
const ENDS = ['passed', 'failed', 'timed_out', 'died', 'stopped'] as const;

/** Numbers that look random, the same ones each time (Park and Miller). */
class Chance {
  constructor(private _state: number) {}

  below(limit: number): number {
    this._state = (this._state * 48271) % 2147483647;
    return this._state % limit;
  }

  of<T>(options: readonly T[]): T {
    return options[this.below(options.length)] as T;
  }
}

/** A record and the events that tell of it, one by one. */
class RandomRun {
  constructor(private readonly _chance: Chance) {
    this.document = run({
      state: 'running',
      finished_at: null,
      notebooks: Array.from({ length: 1 + _chance.below(4) }, (_, number) =>
        notebook({
          path: `${_chance.of(['a', 'b'])}/n${number}.ipynb`,
          state: _chance.below(6) ? 'queued' : 'skipped',
          started_at: null,
          duration_s: null,
          content_sha256: _chance.of(['1', '2', null]),
          cells: Array.from({ length: 1 + _chance.below(3) }, (__, index) =>
            cell({ index: index + 1, state: 'queued', duration_s: null })
          )
        })
      )
    });
  }

  /** The record, as it is on the server. */
  document: RunDocument;

  /** Let one thing happen; the event that tells of it, if one does. */
  step(): RunEvent | null {
    const open = this.document.notebooks.filter(({ state }) => isActive(state));
    const target = open[this._chance.below(Math.max(1, open.length))];
    if (!target) {
      this.document = { ...this.document, state: 'passed' };
      return { run_id: 'run-1', kind: 'run_finished' };
    }
    const { path } = target;
    if (target.state === 'queued') {
      const startedAt = '2026-11-20T21:33:41.123Z';
      this._set(path, { state: 'running', started_at: startedAt });
      return { run_id: 'run-1', kind: 'notebook_started', notebook: path };
    }
    const next = target.cells.find(({ state }) => isActive(state));
    if (!next) {
      this._set(path, { state: this._chance.of(ENDS), duration_s: 1 });
      return { run_id: 'run-1', kind: 'notebook_finished', notebook: path };
    }
    const state: CellResult['state'] =
      next.state === 'queued' ? 'running' : this._chance.of(ENDS);
    this._set(path, {
      cells: target.cells.map(one =>
        one.index === next.index ? { ...one, state } : one
      )
    });
    return {
      run_id: 'run-1',
      kind: state === 'running' ? 'cell_started' : 'cell_finished',
      notebook: path,
      cell_index: next.index,
      state
    };
  }

  private _set(path: string, fields: Partial<NotebookResult>): void {
    this.document = {
      ...this.document,
      notebooks: this.document.notebooks.map(one =>
        one.path === path ? { ...one, ...fields } : one
      )
    };
  }
}

function leaves(node: ITreeNode): ITreeNode[] {
  return node.kind === 'notebook' ? [node] : node.children.flatMap(leaves);
}

function check(shown: RunDocument, now: Map<string, string | null>): void {
  const outcomes = new Map<string, INotebookOutcome>();
  for (const result of shown.notebooks) {
    if (hasBegun(result)) {
      outcomes.set(result.path, { run: shown, result });
    }
  }
  const entries = shown.notebooks.map(({ path }) =>
    entry({
      path,
      application: null,
      content_sha256: now.get(path) ?? null,
      // Its time tells nothing.
      modified_at: '2999-01-01T00:00:00Z'
    })
  );
  const tree = buildTree(entries, outcomes, ALL);
  const root = repositoryNode(repository(), tree);
  for (const node of leaves(root)) {
    if (node.kind !== 'notebook') {
      continue;
    }
    const result = shown.notebooks.find(({ path }) => path === node.path);
    // No state is shown that the record does not hold.
    expect(node.state).toBe(result && hasBegun(result) ? result.state : null);
    expect(node.children.map(({ state }) => state)).toEqual(
      result && hasBegun(result) ? result.cells.map(one => one.state) : []
    );
    const then = result?.content_sha256 ?? null;
    const other = now.get(node.path) ?? null;
    expect(node.isStale).toBe(
      node.state !== null &&
        !isActive(node.state) &&
        then !== null &&
        other !== null &&
        then !== other
    );
  }
  // Root and leaves agree.
  for (const parent of [root, ...tree]) {
    const below = leaves(parent).map(({ state }) => state);
    if (below.some(state => state === 'running')) {
      expect(parent.state).toBe('running');
    } else if (below.some(state => state === 'queued')) {
      expect(parent.state).toBe('queued');
    } else {
      expect([null, ...below]).toContain(parent.state);
      expect(parent.state === 'passed').toBe(
        below.includes('passed') &&
          below.every(state => state === 'passed' || state === null)
      );
    }
  }
}

describe('the tree, through random runs', () => {
  it('shows what the record holds, and nothing else', () => {
    for (let seed = 1; seed <= EXAMPLES; seed += 1) {
      const chance = new Chance(seed);
      const random = new RandomRun(chance);
      const now = new Map(
        random.document.notebooks.map(({ path }) => [
          path,
          chance.of(['1', '2', null])
        ])
      );
      let shown = random.document;
      check(shown, now);
      for (let turn = 0; turn < 60; turn += 1) {
        const event = random.step();
        // An event may be lost, come twice, or be followed by a reading.
        const times = chance.of([0, 1, 1, 1, 2]);
        for (let time = 0; event && time < times; time += 1) {
          shown = applyEvent(shown, event);
        }
        if (chance.below(3) === 0) {
          shown = random.document;
        }
        check(shown, now);
      }
    }
  });
});
