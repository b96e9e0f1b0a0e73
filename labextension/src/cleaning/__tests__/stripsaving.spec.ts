import { Notification } from '@jupyterlab/apputils';

import { LabToasts } from '../../__tests__/labtoasts';
import { trans } from '../../__tests__/strings';
import type { NotebookContext } from '../preview';
import { tellChanged } from '../saving';
import { codeCell, notebookFile } from './opennotebooks';
import { shown, tabs } from './stripping';

/** Open a notebook, and change it. */
async function changed(path: string): Promise<NotebookContext> {
  const context = await tabs.open(path, notebookFile([codeCell()]));
  context.model.dirty = true;
  return context;
}

function tell(open: NotebookContext[], all = open.length): void {
  tellChanged('Done.', { open, all }, { autoClose: 15_000 }, trans);
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a notice on what was changed in tabs', () => {
  it('says that it is not saved until it is', async () => {
    const first = await changed('x.ipynb');
    const second = await changed('y.ipynb');
    tell([first, second], 3);
    expect(shown()).toEqual([
      'success: Done. 2 of them are open, and not saved yet.'
    ]);
    first.model.dirty = false;
    expect(shown()).toEqual([
      'success: Done. 1 of them is open, and not saved yet.'
    ]);
    second.model.dirty = false;
    expect(shown()).toEqual(['success: Done.']);
    // What is changed later is another matter.
    second.model.dirty = true;
    second.model.dirty = false;
    expect(shown()).toEqual(['success: Done.']);
  });

  it.each([
    ['before it is drawn', false],
    ['when it is drawn', true]
  ])('says so on the screen, too, if saved %s', async (_, drawn) => {
    const toasts = new LabToasts();
    const context = await changed('x.ipynb');
    tell([context]);
    if (drawn) {
      toasts.draw();
      expect(toasts.seen).toEqual(['success: Done. Not saved yet.']);
    }
    context.model.dirty = false;
    toasts.draw();
    toasts.dispose();
    expect(toasts.seen).toEqual(['success: Done.']);
  });

  it('is corrected in the list, and does not pop up again', async () => {
    const context = await changed('x.ipynb');
    tell([context]);
    const later = Date.now() + 20_000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    const changes: Notification.IChange[] = [];
    const onChanged = (_: unknown, change: Notification.IChange): void => {
      changes.push(change);
    };
    Notification.manager.changed.connect(onChanged);
    context.model.dirty = false;
    Notification.manager.changed.disconnect(onChanged);
    expect(shown()).toEqual(['success: Done.']);
    // Lab draws no notice that closes at once.
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      type: 'updated',
      notification: { options: { autoClose: 0 } }
    });
  });

  it('does not come back when the user has put it away', async () => {
    const context = await changed('x.ipynb');
    tell([context]);
    Notification.dismiss();
    context.model.dirty = false;
    expect(shown()).toEqual([]);
  });

  it('claims nothing where the lab itself saves', async () => {
    const context = await changed('x.ipynb');
    jest.spyOn(context.model, 'collaborative', 'get').mockReturnValue(true);
    tell([context]);
    expect(shown()).toEqual([
      'success: Done. The lab saves open notebooks by itself.'
    ]);
  });
});
