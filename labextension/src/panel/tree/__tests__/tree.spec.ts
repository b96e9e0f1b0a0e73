import { entry } from '../../../__tests__/checkouts';
import { cell, notebook, run } from '../../../__tests__/runs';
import type { INotebookOutcome } from '../../../model/runs';
import { keyAction, visibleRows } from '../keyboard';
import type { ITreeNode } from '../tree';
import { buildTree, isForced, isInitiallyOpen, pathsOf } from '../tree';

const ALL = { text: '', onlyFailed: false };

const ENTRIES = [
  entry({ path: 'tap.ipynb', application: 'tap' }),
  entry({ path: 'tap-async.ipynb', application: 'tap' }),
  entry({ path: 'gafaelfawr.ipynb', application: 'gafaelfawr' }),
  entry({
    path: 'ppdbtap.ipynb',
    application: 'ppdbtap',
    selected: false,
    reason: 'ppdbtap is not deployed here'
  }),
  entry({ path: 'extra/a <b> x.ipynb', application: null })
];

const ERROR = { ename: 'DALServiceError', evalue: '503', traceback: '' };

function outcome(...args: Parameters<typeof notebook>): INotebookOutcome {
  return { run: run(), result: notebook(...args) };
}

const OUTCOMES = new Map([
  [
    'tap.ipynb',
    outcome({
      state: 'failed',
      duration_s: 6.2,
      cells: [
        cell({ index: 1, id: 'imports' }),
        cell({ index: 2, id: 'ab12cd34', state: 'failed', error: ERROR }),
        cell({ index: 3, id: null, source: 'print(1)', state: 'not_run' })
      ]
    })
  ],
  ['gafaelfawr.ipynb', outcome({ path: 'gafaelfawr.ipynb', duration_s: 1.1 })]
]);

function labels(nodes: ITreeNode[]): unknown[] {
  return nodes.map(node =>
    node.children.length
      ? [node.label, node.state, labels(node.children)]
      : [node.label, node.state]
  );
}

describe('buildTree', () => {
  it.each([
    ['a', 'b', 'passed', true],
    ['a', 'a', 'passed', false],
    ['a', 'b', 'running', false],
    ['a', null, 'failed', false],
    [null, 'a', 'failed', false]
  ] as const)(
    'of what was run as %s and says %s now, %s is stale: %s',
    (then, now, state, isStale) => {
      const result = { state, content_sha256: then };
      const outcomes = new Map([['tap.ipynb', outcome(result)]]);
      // When the file was written tells nothing.
      const entries = [
        entry({ content_sha256: now, modified_at: '2999-01-01T00:00:00Z' })
      ];
      const [application] = buildTree(entries, outcomes, ALL);
      expect(application?.children).toMatchObject([{ isStale }]);
    }
  );

  it('groups by application, what is left out last', () => {
    expect(labels(buildTree(ENTRIES, OUTCOMES, ALL))).toEqual([
      ['extra', null, [['a <b> x.ipynb', null]]],
      [
        'gafaelfawr',
        'passed',
        [['gafaelfawr.ipynb', 'passed', [['[1] imports', 'passed']]]]
      ],
      [
        'tap',
        'failed',
        [
          ['tap-async.ipynb', null],
          [
            'tap.ipynb',
            'failed',
            [
              ['[1] imports', 'passed'],
              ['[2] import os', 'failed'],
              ['[3] print(1)', 'not_run']
            ]
          ]
        ]
      ],
      ['ppdbtap', 'skipped', [['ppdbtap.ipynb', 'skipped']]]
    ]);
  });

  it('shows what runs before what is bad, and that before what is good', () => {
    const states = (...pair: ('failed' | 'running' | 'passed')[]) =>
      buildTree(
        [entry({ path: 'a.ipynb' }), entry({ path: 'b.ipynb' })],
        new Map(
          pair.map((state, at) => {
            const path = at ? 'b.ipynb' : 'a.ipynb';
            return [path, outcome({ path, state })];
          })
        ),
        ALL
      )[0]?.state;
    expect(states('running', 'passed')).toBe('running');
    expect(states('running', 'failed')).toBe('running');
    expect(states('passed', 'failed')).toBe('failed');
    expect(states('passed', 'passed')).toBe('passed');
  });

  it('says of a fresh checkout nothing, not that it is skipped', () => {
    const left = entry({ path: 'b.ipynb', selected: false });
    const [fresh] = buildTree(
      [entry({ path: 'a.ipynb' }), left],
      new Map(),
      ALL
    );
    expect(fresh?.state).toBeNull();
    const [none] = buildTree([left], new Map(), ALL);
    expect(none?.state).toBe('skipped');
  });

  it('filters by name, by application, and by failure', () => {
    const names = (text: string, onlyFailed = false) =>
      buildTree(ENTRIES, OUTCOMES, { text, onlyFailed }).flatMap(node =>
        node.children.map(child => child.label)
      );
    expect(names(' ASYNC ')).toEqual(['tap-async.ipynb']);
    expect(names('gafael')).toEqual(['gafaelfawr.ipynb']);
    expect(names('', true)).toEqual(['tap.ipynb']);
    expect(names('nothing')).toEqual([]);
  });

  it('runs with an application what applies, or all there is', () => {
    const left = { selected: false, reason: 'mobu.yaml rule 1' };
    const asked = outcome({ path: 'tap-c.ipynb', state: 'skipped' });
    const nodes = buildTree(
      [
        entry({ path: 'tap-a.ipynb' }),
        entry({ path: 'tap-b.ipynb', ...left }),
        entry({ path: 'tap-c.ipynb' }),
        entry({ path: 'sia.ipynb', application: 'sia', ...left })
      ],
      new Map([['tap-c.ipynb', asked]]),
      ALL
    );
    expect(
      nodes.map(node => [node.label, pathsOf(node), isForced(node)])
    ).toEqual([
      ['tap', ['tap-a.ipynb', 'tap-c.ipynb'], false],
      ['sia', ['sia.ipynb'], true]
    ]);
  });

  it('opens what failed and what is running', () => {
    const [extra, , tap] = buildTree(ENTRIES, OUTCOMES, ALL);
    expect(tap && isInitiallyOpen(tap)).toBe(true);
    expect(extra && isInitiallyOpen(extra)).toBe(false);
  });
});

describe('keyAction', () => {
  const nodes = buildTree(ENTRIES, OUTCOMES, ALL);
  const rows = visibleRows(nodes, isInitiallyOpen);
  const press = (from: string, key: string) => keyAction(rows, from, key);

  it('numbers the visible lines', () => {
    expect(
      rows.map(row => [row.node.id, row.level, row.posInSet, row.setSize])
    ).toEqual([
      ['application:extra', 1, 1, 4],
      ['application:gafaelfawr', 1, 2, 4],
      ['application:tap', 1, 3, 4],
      ['notebook:tap-async.ipynb', 2, 1, 2],
      ['notebook:tap.ipynb', 2, 2, 2],
      ['notebook:tap.ipynb#1', 3, 1, 3],
      ['notebook:tap.ipynb#2', 3, 2, 3],
      ['notebook:tap.ipynb#3', 3, 3, 3],
      ['application:ppdbtap', 1, 4, 4]
    ]);
  });

  it.each([
    ['application:extra', 'ArrowDown', { focus: 'application:gafaelfawr' }],
    ['application:extra', 'ArrowUp', {}],
    ['application:ppdbtap', 'ArrowDown', {}],
    ['application:tap', 'Home', { focus: 'application:extra' }],
    ['application:tap', 'End', { focus: 'application:ppdbtap' }],
    [
      'application:extra',
      'ArrowRight',
      { expand: { ids: ['application:extra'], open: true } }
    ],
    ['application:tap', 'ArrowRight', { focus: 'notebook:tap-async.ipynb' }],
    ['notebook:tap.ipynb#1', 'ArrowRight', {}],
    [
      'application:tap',
      'ArrowLeft',
      { expand: { ids: ['application:tap'], open: false } }
    ],
    ['notebook:tap.ipynb#1', 'ArrowLeft', { focus: 'notebook:tap.ipynb' }],
    ['application:extra', 'ArrowLeft', {}],
    ['application:tap', 'Enter', { activate: 'application:tap' }],
    ['application:tap', ' ', { activate: 'application:tap' }],
    [
      'application:tap',
      '*',
      {
        expand: {
          ids: [
            'application:extra',
            'application:gafaelfawr',
            'application:ppdbtap'
          ],
          open: true
        }
      }
    ]
  ])('on %s takes %s', (from, key, action) => {
    expect(press(from, key)).toEqual(action);
  });

  it('goes to the next line by its first letter, around the end', () => {
    expect(press('application:extra', 't')).toEqual({
      focus: 'application:tap'
    });
    expect(press('application:ppdbtap', 'G')).toEqual({
      focus: 'application:gafaelfawr'
    });
    expect(press('notebook:tap.ipynb', 'i')).toEqual({
      focus: 'notebook:tap.ipynb#1'
    });
    expect(press('application:tap', 'z')).toEqual({});
  });

  it('leaves other keys, and unknown lines, to others', () => {
    expect(press('application:tap', 'Tab')).toBeNull();
    expect(press('application:tap', 'F5')).toBeNull();
    expect(press('gone', 'ArrowDown')).toBeNull();
  });
});
