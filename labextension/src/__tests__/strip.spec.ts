import { YNotebook } from '@jupyter/ydoc';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { strip } from '../cleaning/strip';
import { HealthModel } from '../model';
import { platform, trans } from './support';

const POLICY = {
  keep_output_tags: [],
  keep_output_max_bytes: 1,
  drop_cell_metadata: [],
  drop_notebook_metadata: [],
  drop_language_version: true
};

function file(fields: object): object {
  return {
    path: 'a/x.ipynb',
    state: 'cleaned',
    outputs: 3,
    execution_counts: 2,
    metadata: 1,
    removed_bytes: 4100,
    message: '',
    ...fields
  };
}

function trackerWith(path: string, notebook: YNotebook): INotebookTracker {
  const panel = {
    context: {
      path,
      ready: Promise.resolve(),
      model: { sharedModel: notebook }
    }
  };
  return {
    find: (test: (one: typeof panel) => boolean) =>
      test(panel) ? panel : undefined
  } as unknown as INotebookTracker;
}

function shown(): string[] {
  return Notification.manager.notifications
    .map(({ type, message }) => `${type}: ${message}`)
    .sort();
}

// Yjs warns of how the document is built, which is not what is tested here.
beforeAll(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});

beforeEach(() => {
  Notification.dismiss();
});

describe('strip', () => {
  it('lets the server clean closed notebooks, and tells each outcome', async () => {
    const server = platform().on('POST clean', {
      policy: POLICY,
      files: [
        file({}),
        file({ path: 'b/clean.ipynb', state: 'clean' }),
        file({ path: 'c.ipynb', state: 'error', message: 'It is no JSON.' })
      ]
    });
    const model = new HealthModel({ serverSettings: server.settings });
    const paths = ['a/x.ipynb', 'b/clean.ipynb', 'c.ipynb'];
    await strip(paths, { model, tracker: null, trans });
    expect(server.bodies).toEqual([{ paths }]);
    expect(shown()).toEqual([
      'error: c.ipynb was not stripped: It is no JSON.',
      'success: Stripped x.ipynb: 3 outputs, 2 counts, 1 metadata field (4.1 kB).'
    ]);
    model.dispose();
  });

  it('cleans an open one in its document, and puts it back on Undo', async () => {
    const server = platform().on('POST clean', { policy: POLICY, files: [] });
    const model = new HealthModel({ serverSettings: server.settings });
    const notebook = YNotebook.create();
    notebook.addCell({
      cell_type: 'code',
      execution_count: 1,
      outputs: [{ output_type: 'stream', name: 'stdout', text: 'hi' }]
    });
    const outputs = (): number | undefined =>
      (notebook.toJSON().cells[0]?.outputs as unknown[] | undefined)?.length;
    const tracker = trackerWith('x.ipynb', notebook);
    await strip(['x.ipynb'], { model, tracker, trans });
    expect(server.bodies).toEqual([{ paths: ['x.ipynb'], dry_run: true }]);
    expect(outputs()).toBe(0);
    expect(shown()[0]).toMatch(
      /^success: Stripped x\.ipynb: 1 output, 1 count \(.*\)\. Not saved yet\.$/
    );
    Notification.manager.notifications[0]?.options.actions?.[0]?.callback(
      new MouseEvent('click')
    );
    expect(outputs()).toBe(1);
    model.dispose();
  });

  it('says that there was nothing to strip', async () => {
    const server = platform().on('POST clean', { policy: POLICY, files: [] });
    const model = new HealthModel({ serverSettings: server.settings });
    const tracker = trackerWith('x.ipynb', YNotebook.create());
    await strip(['x.ipynb'], { model, tracker, trans });
    expect(shown()).toEqual(['info: x.ipynb is clean: nothing to strip.']);
    model.dispose();
  });
});
