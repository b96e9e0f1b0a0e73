import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { openAtCell } from '../opencell';

function labWith(isNotebook = true) {
  const scrolled: number[] = [];
  const content = {
    model: {
      cells: [
        { id: 'title', type: 'markdown' },
        { id: 'imports', type: 'code' },
        { id: 'text', type: 'raw' },
        { id: 'query', type: 'code' }
      ]
    },
    activeCellIndex: 0,
    deselectAll: () => undefined,
    activate: () => undefined,
    scrollToItem: (at: number) => {
      scrolled.push(at);
      return Promise.resolve();
    }
  };
  const panel = {
    content,
    context: { ready: Promise.resolve() },
    revealed: Promise.resolve()
  };
  const opened: string[] = [];
  const documents = {
    openOrReveal: (path: string) => {
      opened.push(path);
      return path === 'gone.ipynb' ? undefined : panel;
    }
  } as unknown as IDocumentManager;
  const tracker = {
    find: (test: (one: typeof panel) => boolean) =>
      isNotebook && test(panel) ? panel : undefined
  } as unknown as INotebookTracker;
  return { documents, tracker, content, scrolled, opened };
}

describe('openAtCell', () => {
  it.each([
    [{ cellId: 'query', index: 1 }, 3],
    [{ index: 2 }, 3],
    [{ cellId: 'renamed', index: 1 }, 1]
  ])('finds %j', async (target, position) => {
    const lab = labWith();
    await openAtCell(lab.documents, lab.tracker, {
      path: 'a.ipynb',
      ...target
    });
    expect(lab.opened).toEqual(['a.ipynb']);
    expect(lab.content.activeCellIndex).toBe(position);
    expect(lab.scrolled).toEqual([position]);
  });

  it.each([
    ['a cell that is gone', 'a.ipynb', { cellId: 'x' }, true],
    ['a notebook alone', 'a.ipynb', {}, true],
    ['what is not a notebook', 'a.txt', { index: 1 }, false],
    ['a file that is gone', 'gone.ipynb', { index: 1 }, true]
  ])('only opens %s', async (_, path, target, isNotebook) => {
    const lab = labWith(isNotebook);
    await openAtCell(lab.documents, lab.tracker, { path, ...target });
    expect(lab.opened).toEqual([path]);
    expect(lab.scrolled).toEqual([]);
  });
});
