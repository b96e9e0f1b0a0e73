import { YNotebook } from '@jupyter/ydoc';
import type * as nbformat from '@jupyterlab/nbformat';

import type { CleanPolicy } from '../../api/generated/api';
import type { IStripResult } from '../policy';
import { planStrip, sizeOf, stripNotebook } from '../policy';

const POLICY: CleanPolicy = {
  keep_output_tags: ['keep_output'],
  keep_output_max_bytes: 1000,
  drop_cell_metadata: [
    'execution',
    'ExecuteTime',
    'trusted',
    'collapsed',
    'a.b'
  ],
  drop_notebook_metadata: ['widgets', 'signature'],
  strip_language_version: true
};

const STREAM = { output_type: 'stream', name: 'stdout', text: 'hello\n' };

const RESULT = {
  output_type: 'execute_result',
  execution_count: 7,
  data: { 'text/plain': '42' },
  metadata: {}
};

function code(
  outputs: object[],
  metadata: object = {},
  count: number | null = 7
): object {
  return {
    cell_type: 'code',
    id: `cell-${Math.random().toString(36).slice(2)}`,
    source: 'print("hello")',
    metadata,
    outputs,
    execution_count: count
  };
}

function open(cells: object[], metadata: object = {}): YNotebook {
  const notebook = YNotebook.create();
  notebook.fromJSON({
    nbformat: 4,
    nbformat_minor: 5,
    metadata,
    cells
  } as unknown as nbformat.INotebookContent);
  return notebook;
}

function strip(notebook: YNotebook): IStripResult {
  return stripNotebook(notebook, planStrip(notebook, POLICY));
}

function outputsOf(notebook: YNotebook): unknown[] {
  return notebook.toJSON().cells.map(cell => cell.outputs);
}

// Yjs warns of how the document is built, which is not what is tested here.
beforeAll(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});

describe('stripNotebook', () => {
  it('strips outputs, counts and passing metadata, and nothing else', () => {
    const notebook = open(
      [
        code([STREAM, RESULT], {
          tags: ['x'],
          execution: { 'iopub.status.busy': '' },
          a: { b: 1 },
          mobu: { required_applications: ['tap'] }
        }),
        {
          cell_type: 'markdown',
          id: 'm',
          source: '# T',
          metadata: { ExecuteTime: {}, trusted: true }
        },
        { cell_type: 'raw', id: 'r', source: 'raw', metadata: {} }
      ],
      {
        kernelspec: { name: 'python3', display_name: 'Python 3' },
        language_info: { name: 'python', version: '3.13.0' },
        widgets: { state: {} },
        mobu: { skip: false }
      }
    );
    const result = strip(notebook);
    expect(result).toMatchObject({
      outputs: 2,
      executionCounts: 1,
      metadata: 4
    });
    expect(result.bytes).toBeGreaterThan(100);
    const json = notebook.toJSON();
    expect(json.metadata).toEqual({
      kernelspec: { name: 'python3', display_name: 'Python 3' },
      language_info: { name: 'python' },
      mobu: { skip: false }
    });
    expect(json.cells[0]).toMatchObject({
      source: 'print("hello")',
      outputs: [],
      execution_count: null,
      metadata: {
        tags: ['x'],
        a: { b: 1 },
        mobu: { required_applications: ['tap'] }
      }
    });
    expect(json.cells[0]?.metadata).not.toHaveProperty('execution');
    // The file has no `trusted`; without it in the document, what a tag keeps
    // would not be shown.
    expect(json.cells[1]?.metadata).toEqual({ trusted: true });
    expect(json.cells.map(cell => cell.source)).toEqual([
      'print("hello")',
      '# T',
      'raw'
    ]);
  });

  it('keeps the outputs of tagged cells, without their counts', () => {
    const notebook = open([code([STREAM, RESULT], { tags: ['keep_output'] })]);
    const result = strip(notebook);
    expect(outputsOf(notebook)).toEqual([
      [STREAM, { ...RESULT, execution_count: null }]
    ]);
    expect(result).toMatchObject({ outputs: 0, executionCounts: 2 });
  });

  it('drops outputs beyond the size limit in spite of the tag', () => {
    const long = { ...STREAM, text: 'x'.repeat(2000) };
    const notebook = open([code([long], { tags: ['keep_output'] })]);
    expect(strip(notebook).outputs).toBe(1);
    expect(outputsOf(notebook)).toEqual([[]]);
  });

  it('counts what tags keep, and what is too large to be kept', () => {
    const long = { ...STREAM, text: 'x'.repeat(2000) };
    const tags = { tags: ['keep_output'] };
    const notebook = open([code([STREAM, RESULT], tags), code([long], tags)]);
    expect(planStrip(notebook, POLICY).counts).toMatchObject({
      outputs: 1,
      keptOutputs: 2,
      oversized: 1
    });
  });

  it('previews the same numbers, and changes nothing', () => {
    const cells = [code([STREAM, RESULT], { execution: { a: 1 } })];
    const notebook = open(cells, { widgets: {} });
    const before = JSON.stringify(notebook.toJSON());
    const preview = planStrip(notebook, POLICY).counts;
    expect(JSON.stringify(notebook.toJSON())).toBe(before);
    expect(strip(notebook)).toMatchObject(preview);
  });

  it.each([
    ['both names', { collapsed: true, jupyter: { outputs_hidden: true } }],
    ['one name', { collapsed: true }],
    ['the other name', { jupyter: { outputs_hidden: true } }]
  ])('shows outputs again that were hidden by %s', (_, metadata) => {
    const notebook = open([code([], metadata, null)]);
    const before = notebook.toJSON();
    const { metadata: count, undo } = strip(notebook);
    expect(count).toBe(1);
    expect(notebook.toJSON().cells[0]?.metadata).toEqual({});
    undo();
    expect(notebook.toJSON()).toEqual(before);
  });

  it('drops the other name where it stands alone, and only it', () => {
    const metadata = { jupyter: { outputs_hidden: true, source_hidden: true } };
    const notebook = open([code([], metadata, null)]);
    const [cell] = notebook.cells;
    // As a collaborator's server builds the document.
    const shared = cell?.ymodel.get('metadata') as Map<string, unknown>;
    shared.delete('collapsed');
    const { undo } = strip(notebook);
    expect(cell?.getMetadata('jupyter')).toEqual({ source_hidden: true });
    undo();
    expect(cell?.getMetadata('jupyter')).toEqual({
      outputs_hidden: true,
      source_hidden: true
    });
  });

  it('does not touch a clean notebook', () => {
    const notebook = open([code([], {}, null)], {
      language_info: { name: 'python' }
    });
    const before = JSON.stringify(notebook.toJSON());
    let changes = 0;
    notebook.changed.connect(() => {
      changes += 1;
    });
    expect(strip(notebook)).toMatchObject({
      outputs: 0,
      executionCounts: 0,
      metadata: 0,
      bytes: 0
    });
    expect(changes).toBe(0);
    expect(JSON.stringify(notebook.toJSON())).toBe(before);
  });

  it('is undone as a whole', () => {
    const notebook = open(
      [
        code([STREAM, RESULT], { execution: { a: 1 } }),
        code([RESULT], { tags: ['keep_output'] })
      ],
      { language_info: { name: 'python', version: '3.13.0' } }
    );
    const before = notebook.toJSON();
    strip(notebook).undo();
    expect(notebook.toJSON()).toEqual(before);
  });

  it('leaves newer outputs alone when undone', () => {
    const notebook = open([code([STREAM])]);
    const { undo } = strip(notebook);
    const newer = { ...STREAM, text: 'newer\n' };
    const [cell] = notebook.cells;
    if (cell?.cell_type !== 'code') {
      throw new Error('It is a code cell.');
    }
    cell.setOutputs([newer]);
    cell.execution_count = 8;
    undo();
    expect(outputsOf(notebook)).toEqual([[newer]]);
    expect(cell.execution_count).toBe(8);
  });

  it("is reverted by the document's own undo, too", () => {
    const notebook = open([code([STREAM])]);
    notebook.clearUndoHistory();
    strip(notebook);
    expect(outputsOf(notebook)).toEqual([[]]);
    notebook.undo();
    expect(outputsOf(notebook)).toEqual([[STREAM]]);
  });
});

describe('sizeOf', () => {
  it('joins lists of lines and counts bytes, not characters', () => {
    expect(sizeOf(['a\n', 'b'])).toBe(sizeOf('a\nb'));
    expect(sizeOf([])).toBe(2);
    expect(sizeOf([1, 'a'])).toBe('[1,"a"]'.length);
    expect(sizeOf('é')).toBe(4);
    expect(sizeOf({ data: { 'text/plain': ['4', '2'] } })).toBe(
      '{"data":{"text/plain":"42"}}'.length
    );
  });
});
