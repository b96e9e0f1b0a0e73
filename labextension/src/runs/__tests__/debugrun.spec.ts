import { Notification } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { platform } from '../../__tests__/platform';
import { FOLDER, run } from '../../__tests__/runs';
import { trans } from '../../__tests__/strings';
import { HealthModel } from '../../model/model';
import { debugAtCell } from '../debugrun';

interface IFakeCell {
  id: string;
  type: string;
  source: string;
  metadata?: Record<string, unknown>;
}

const CELLS: IFakeCell[] = [
  { id: 'title', type: 'markdown', source: '# T' },
  { id: 'a', type: 'code', source: 'a = 1' },
  { id: 'empty', type: 'code', source: ' ' },
  {
    id: 'skipped',
    type: 'code',
    source: '1',
    metadata: { tags: ['skip-execution'] }
  },
  {
    id: 'allowed',
    type: 'code',
    source: '1/0',
    metadata: { execution: { allow_errors: true } }
  },
  { id: 'b', type: 'code', source: 'b = 2' },
  { id: 'bad', type: 'code', source: 'b.c' }
];

const TARGET = { run: 'run-1', notebook: 'tap.ipynb', index: 6, cellId: 'bad' };

/** A lab in which the cells that are named fail. */
async function labWith(
  mode: 'jupyter' | 'mobu',
  failing: string[],
  execution?: object
) {
  const server = platform()
    .on('GET runs/run-1', run({ mode, folder: FOLDER }))
    .on('POST runs/run-1/copies', {
      path: 'rsp-health-runs/run-1/tap-debug.ipynb',
      created: true
    });
  const model = new HealthModel({ serverSettings: server.settings });
  await model.refresh();
  const ran: string[] = [];
  const opened: unknown[] = [];
  const started: unknown[] = [];
  const stopped: string[] = [];
  const widgets = CELLS.map(({ id, type, source, metadata }) => ({
    model: {
      id,
      type,
      sharedModel: { source },
      getMetadata: (key: string) => metadata?.[key]
    }
  }));
  const content = {
    widgets,
    model: {
      cells: widgets.map(widget => widget.model),
      getMetadata: (key: string) =>
        key === 'execution' ? execution : undefined
    },
    activeCellIndex: 0,
    deselectAll: () => undefined,
    activate: () => undefined,
    scrollToItem: () => Promise.resolve()
  };
  const panel = {
    content,
    isDisposed: false,
    sessionContext: { ready: Promise.resolve() },
    context: { ready: Promise.resolve() },
    revealed: Promise.resolve()
  };
  let canOpen = true;
  const documents = {
    openOrReveal: (path: string, _: unknown, kernel: unknown) => {
      opened.push([path, kernel]);
      return canOpen ? panel : undefined;
    },
    services: {
      contents: {
        get: () =>
          Promise.resolve({
            content: { metadata: { kernelspec: { name: 'lsst' } } }
          })
      },
      kernels: {
        startNew: (options: unknown) => {
          started.push(options);
          return Promise.resolve({
            id: 'k1',
            name: 'lsst',
            dispose: () => undefined
          });
        },
        shutdown: (id: string) => {
          stopped.push(id);
          return Promise.resolve();
        }
      }
    }
  } as unknown as IDocumentManager;
  const lab = {
    documents,
    model,
    trans,
    tracker: {
      find: (test: (one: unknown) => boolean) =>
        test(panel) ? panel : undefined
    } as unknown as INotebookTracker,
    runCell: (_: unknown, cell: unknown) => {
      const { id } = (cell as { model: { id: string } }).model;
      ran.push(id);
      return Promise.resolve(!failing.includes(id));
    }
  };
  return {
    lab,
    content,
    ran,
    opened,
    started,
    stopped,
    server,
    refuse: () => {
      canOpen = false;
    }
  };
}

function told(): string[] {
  return Notification.manager.notifications.map(({ message }) => message);
}

beforeEach(() => {
  Notification.dismiss();
});

describe('debugAtCell', () => {
  it('runs what is above, as the runner does, and leaves the cell', async () => {
    const { lab, content, ran, opened, started, server } = await labWith(
      'jupyter',
      ['allowed']
    );
    await debugAtCell(lab, TARGET);
    expect(ran).toEqual(['a', 'allowed', 'b']);
    expect(content.activeCellIndex).toBe(6);
    expect(server.bodies).toEqual([
      { notebook: 'tap.ipynb', purpose: 'debug' }
    ]);
    // In the folder of the notebook itself, not of its copy.
    expect(started).toEqual([
      { path: 'notebooks/rsp-health/system-test/tap.ipynb', name: 'lsst' }
    ]);
    expect(opened).toEqual([
      ['rsp-health-runs/run-1/tap-debug.ipynb', { id: 'k1', name: 'lsst' }]
    ]);
    expect(told()).toEqual([expect.stringContaining('[6] has not')]);
    lab.model.dispose();
  });

  it('heeds no tags after a run that did not', async () => {
    const { lab, content, ran } = await labWith('mobu', ['allowed']);
    await debugAtCell(lab, TARGET);
    expect(ran).toEqual(['a', 'skipped', 'allowed']);
    expect(content.activeCellIndex).toBe(4);
    expect(told()).toEqual([expect.stringContaining('failed this time')]);
    lab.model.dispose();
  });

  it('goes on after an error where the notebook says so', async () => {
    const { lab, ran } = await labWith('jupyter', ['a'], {
      allow_errors: true
    });
    await debugAtCell(lab, TARGET);
    expect(ran).toEqual(['a', 'allowed', 'b']);
    expect(told()).toEqual([expect.stringContaining('[6] has not')]);
    lab.model.dispose();
  });

  it('leaves no kernel behind when Lab cannot open the copy', async () => {
    const { lab, ran, stopped, refuse } = await labWith('jupyter', []);
    refuse();
    await debugAtCell(lab, TARGET);
    expect([ran, stopped, told()]).toEqual([[], ['k1'], []]);
    lab.model.dispose();
  });
});
