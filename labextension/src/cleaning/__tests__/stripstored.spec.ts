// Outputs that jupyter-server-documents keeps on the server: the document has
// their addresses. The real one is beside us in `make test-packaging`.
import type { IOutput } from '@jupyterlab/nbformat';

import { CLEAN_POLICY, platform } from '../../__tests__/platform';
import type { FakeServer } from '../../__tests__/server';
import { RawAnswer, settle } from '../../__tests__/server';
import { trans } from '../../__tests__/strings';
import type { IUndone } from '../changes';
import { planStrip, stripNotebook } from '../policy';
import { StoredOutputs } from '../stored';
import type { IStripOptions, IStrippedTab } from '../stripped';
import { putBack } from '../undo';
import type { NotebookContext } from './opennotebooks';
import { codeCell, codeCellAt, notebookFile, outputsOf } from './opennotebooks';
import { folderAt, notebookAt, press, pressOnNotice } from './stripping';
import { report, shown, start, tabs } from './stripping';

const CELL = 'api/outputs/file-1';

const ONE = { output_type: 'stream', name: 'stdout', text: 'one' };
const RESULT = {
  output_type: 'execute_result',
  data: { 'text/plain': '42' },
  metadata: {},
  execution_count: 7
};
const LARGE = { ...ONE, text: 'x'.repeat(2000) };

/** What a document has in the place of an output. */
function address(cell: string, index: number): object {
  const url = `/${CELL}/${cell}/${index}.output`;
  return { output_type: 'stream', text: '', metadata: { url } };
}

const NOT_FOUND = new RawAnswer(404, '{"error": "Output not found."}');

/** Two outputs, one that a tag keeps, and one that is too large for that. */
function kept(): object {
  const tags = ['keep_output'];
  return notebookFile([
    codeCell({ id: 'a', outputs: [address('a', 0), address('a', 1)] }),
    codeCell({ id: 'b', outputs: [address('b', 0)], metadata: { tags } }),
    codeCell({ id: 'c', outputs: [address('c', 0)], metadata: { tags } })
  ]);
}

const NOTHING: IUndone = {
  restored: 0,
  rerun: 0,
  gone: 0,
  changed: 0,
  lost: 0
};

const EMPTY = ['a', 'b', 'c'].map(id =>
  codeCell({ id, outputs: [], execution_count: null })
);

function keeping(): FakeServer {
  return platform()
    .on('POST clean', report([]))
    .on(`GET ${CELL}/a/0.output`, ONE)
    .on(`GET ${CELL}/a/1.output`, RESULT)
    .on(`GET ${CELL}/b/0.output`, RESULT)
    .on(`GET ${CELL}/c/0.output`, LARGE);
}

/** Strip without a question, and undo. */
async function undone(
  server: FakeServer,
  between: (context: NotebookContext) => void = () => undefined
): Promise<NotebookContext> {
  const context = await tabs.open('x.ipynb', kept());
  await start(server, [notebookAt('x.ipynb')], true);
  expect(outputsOf(context)).toEqual([0, 1, 0]);
  between(context);
  pressOnNotice('Undo');
  await settle();
  return context;
}

describe('outputs that the server keeps', () => {
  it('are shown and judged as what they are', async () => {
    const context = await tabs.open('x.ipynb', kept());
    const done = start(keeping(), [notebookAt('x.ipynb')]);
    const text = await press('Strip 1 notebook');
    await done;
    expect(text).toContain('3 outputs');
    expect(text).toMatch(/2\.\d kB/); // Not the size of the addresses.
    expect(codeCellAt(context.model, 0).getOutputs()).toEqual([]);
    // The output that stays does not say when it was made, so it is written.
    expect(codeCellAt(context.model, 1).getOutputs()).toEqual([
      { ...RESULT, execution_count: null }
    ]);
    expect(codeCellAt(context.model, 2).getOutputs()).toEqual([]);
  });

  it('are put back as their addresses while the server has them', async () => {
    const { model } = await undone(keeping());
    expect(codeCellAt(model, 0).getOutputs()).toEqual([
      address('a', 0),
      address('a', 1)
    ]);
    expect(codeCellAt(model, 2).getOutputs()).toEqual([address('c', 0)]);
  });

  it('are put back themselves when the server has others, or none', async () => {
    const server = keeping();
    const { model } = await undone(server, () => {
      server
        .on(`GET ${CELL}/a/0.output`, NOT_FOUND)
        .on(`GET ${CELL}/c/0.output`, ONE);
    });
    expect(codeCellAt(model, 0).getOutputs()).toEqual([ONE, address('a', 1)]);
    expect(codeCellAt(model, 2).getOutputs()).toEqual([LARGE]);
  });

  it('are put back in a tab that was opened again', async () => {
    const server = keeping();
    const closed = await undone(server, context => {
      context.dispose();
    });
    expect(closed.isDisposed).toBe(true);
    for (const gone of ['a/0', 'a/1', 'c/0']) {
      server.on(`GET ${CELL}/${gone}.output`, NOT_FOUND);
    }
    const again = await tabs.open('x.ipynb', notebookFile(EMPTY));
    pressOnNotice('Try again');
    await settle();
    expect(codeCellAt(again.model, 0).getOutputs()).toEqual([ONE, RESULT]);
    expect(codeCellAt(again.model, 2).getOutputs()).toEqual([LARGE]);
  });

  it('are read as what they are, not as others of their cell', async () => {
    // The first was replaced while its cell ran; the second is shown.
    const cells = [codeCell({ id: 'a', outputs: [address('a', 1)] })];
    const context = await tabs.open('x.ipynb', notebookFile(cells));
    const server = keeping()
      .on(`GET ${CELL}/a`, ONE)
      .on(`GET ${CELL}/a/1.output`, NOT_FOUND);
    await start(server, [notebookAt('x.ipynb')], true);
    expect(outputsOf(context)).toEqual([1]);
  });

  it('that came while others were read go only once they are read', async () => {
    const context = await tabs.open('x.ipynb', kept());
    const server = keeping().on(`GET ${CELL}/c/1.output`, ONE);
    server.on(`GET ${CELL}/a/0.output`, () => {
      const cell = codeCellAt(context.model, 2);
      if (cell.getOutputs().length === 1) {
        cell.setOutputs([address('c', 0), address('c', 1)] as IOutput[]);
      }
      return ONE;
    });
    await start(server, [notebookAt('x.ipynb')], true);
    expect(outputsOf(context)).toEqual([0, 1, 0]);
    server.on(`GET ${CELL}/c/1.output`, NOT_FOUND);
    pressOnNotice('Undo');
    await settle();
    expect(codeCellAt(context.model, 2).getOutputs()).toEqual([
      address('c', 0),
      ONE
    ]);
  });
});

describe('a notebook whose stored outputs cannot all be read', () => {
  /** Try to strip it, when one or all of its outputs cannot be read. */
  async function refused(server: FakeServer): Promise<string[]> {
    const context = await tabs.open('x.ipynb', kept());
    const before = context.model.sharedModel.toJSON();
    await start(server, [notebookAt('x.ipynb')], true);
    expect(context.model.sharedModel.toJSON()).toEqual(before);
    return shown();
  }

  it('stays as it is, and is named', async () => {
    const server = keeping().on(`GET ${CELL}/a/1.output`, NOT_FOUND);
    expect(await refused(server)).toEqual([
      'error: x.ipynb was not stripped: 1 of its outputs is no longer on the server, so Undo could not put it back. Run its cell again, or remove the output with Edit > Clear Cell Output.'
    ]);
  });

  it('stays as it is also if all of them are gone', async () => {
    const server = platform().on('POST clean', report([]));
    expect(await refused(server)).toEqual([
      'error: x.ipynb was not stripped: 4 of its outputs are no longer on the server, so Undo could not put them back. Run their cells again, or remove the outputs with Edit > Clear Outputs of All Cells.'
    ]);
  });

  it.each([
    ['refuses', new RawAnswer(500, '')],
    ['answers half of one', new RawAnswer(200, '{"output_type": "str')],
    ['answers something else', new RawAnswer(200, '[]')],
    ['answers nothing', new RawAnswer(200, '')]
  ])('may be tried again if the server %s', async (_, answer) => {
    const server = keeping().on(`GET ${CELL}/c/0.output`, answer);
    expect(await refused(server)).toEqual([
      'error: x.ipynb was not stripped: 1 of its outputs could not be read from the server, so Undo could not put it back. Try again; if it stays so, run its cell again.'
    ]);
  });

  it('is left out, and the others are stripped', async () => {
    const server = keeping().on(`GET ${CELL}/a/1.output`, NOT_FOUND);
    const bad = await tabs.open('d/x.ipynb', kept());
    const good = await tabs.open('d/y.ipynb', notebookFile([codeCell()]));
    const done = start(server, [folderAt('d')]);
    const text = await press('Strip 1 notebook');
    await done;
    expect(text).toContain('1 of its outputs is no longer on the server');
    expect(outputsOf(bad)).toEqual([2, 1, 1]);
    expect(outputsOf(good)).toEqual([0]);
  });
});

describe('undo', () => {
  it('counts the outputs that nobody has any more', async () => {
    // No strip gets here: such a notebook is refused.
    const { model } = await tabs.open('x.ipynb', kept());
    const server = keeping().on(`GET ${CELL}/a/1.output`, NOT_FOUND);
    const stored = await StoredOutputs.of(model.sharedModel, server.settings);
    const plan = planStrip(model.sharedModel, CLEAN_POLICY, stored.whole);
    const { undo } = stripNotebook(model.sharedModel, plan);
    const undone = undo(model.sharedModel, await stored.asPutBack());
    expect(undone).toEqual({ ...NOTHING, restored: 3, lost: 1 });
    expect(codeCellAt(model, 0).getOutputs()).toEqual([address('a', 0)]);
  });

  it('tells how many were not put back', async () => {
    const context = await tabs.open('x.ipynb', kept());
    const undo = (): IUndone => ({ ...NOTHING, restored: 3, lost: 2 });
    const stored = { isEmpty: true };
    const tab = { path: 'x.ipynb', context, result: { undo }, stored };
    const open = [tab] as unknown as IStrippedTab[];
    await putBack({ open, report: null }, { trans } as IStripOptions);
    expect(shown()).toEqual([
      'warning: x.ipynb was put back, but not all of it: 2 outputs are no longer on the server.'
    ]);
  });
});
