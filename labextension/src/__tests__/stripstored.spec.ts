// Outputs that jupyter-server-documents keeps on the server: the document has
// their addresses. The real one is beside us in `make test-packaging`.
import type { NotebookContext } from './opennotebooks';
import { codeCell, codeCellAt, notebookFile, outputsOf } from './opennotebooks';
import { notebookAt, press, pressOnNotice, report, start } from './stripping';
import { shown, tabs } from './stripping';
import type { FakeServer } from './support';
import { RawAnswer, platform, settle } from './support';

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

function lines(...outputs: object[]): RawAnswer {
  return new RawAnswer(200, outputs.map(one => JSON.stringify(one)).join('\n'));
}

/** Two outputs, one that a tag keeps, and one that is too large for that. */
function kept(): object {
  const tags = ['keep_output'];
  return notebookFile([
    codeCell({ id: 'a', outputs: [address('a', 0), address('a', 1)] }),
    codeCell({ id: 'b', outputs: [address('b', 0)], metadata: { tags } }),
    codeCell({ id: 'c', outputs: [address('c', 0)], metadata: { tags } })
  ]);
}

const EMPTY = ['a', 'b', 'c'].map(id =>
  codeCell({ id, outputs: [], execution_count: null })
);

function keeping(): FakeServer {
  return platform()
    .on('POST clean', report([]))
    .on(`GET ${CELL}/a`, lines(ONE, RESULT))
    .on(`GET ${CELL}/b`, lines(RESULT))
    .on(`GET ${CELL}/c`, lines(LARGE));
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
        .on(`GET ${CELL}/a`, lines())
        .on(`GET ${CELL}/a/1.output`, lines(RESULT))
        .on(`GET ${CELL}/c`, lines(ONE));
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
    server.on(`GET ${CELL}/a`, lines()).on(`GET ${CELL}/c`, lines());
    const again = await tabs.open('x.ipynb', notebookFile(EMPTY));
    pressOnNotice('Try again');
    await settle();
    expect(codeCellAt(again.model, 0).getOutputs()).toEqual([ONE, RESULT]);
    expect(codeCellAt(again.model, 2).getOutputs()).toEqual([LARGE]);
  });

  it('that cannot be read go all the same', async () => {
    const server = platform().on('POST clean', report([]));
    const context = await tabs.open('x.ipynb', kept());
    await start(server, [notebookAt('x.ipynb')], true);
    expect(outputsOf(context)).toEqual([0, 1, 1]);
    pressOnNotice('Undo');
    await settle();
    expect(outputsOf(context)).toEqual([2, 1, 1]);
    expect(shown()).toContain('success: Put back: x.ipynb. Not saved yet.');
  });
});
