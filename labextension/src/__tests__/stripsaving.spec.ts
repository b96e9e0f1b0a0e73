import { Notification } from '@jupyterlab/apputils';

import type { NotebookContext } from '../cleaning/look';
import { tellChanged } from '../cleaning/saving';
import { LabToasts } from './labtoasts';
import { codeCell, notebookFile } from './opennotebooks';
import { shown, tabs } from './stripping';
import { trans } from './support';

const FILE = notebookFile([codeCell()]);

/** Open some, and change them. */
function changed(...paths: string[]): Promise<NotebookContext[]> {
  return Promise.all(
    paths.map(async path => {
      const context = await tabs.open(path, FILE);
      context.model.dirty = true;
      return context;
    })
  );
}

function tell(open: NotebookContext[], all: number): void {
  tellChanged('Done.', { open, all }, { autoClose: 15_000 }, trans);
}

describe('a notice on what was changed in tabs', () => {
  it('says that it is not saved until it is', async () => {
    const open = await changed('x.ipynb', 'y.ipynb');
    tell(open, 3);
    expect(shown()).toEqual([
      'success: Done. 2 of them are open, and not saved yet.'
    ]);
    const [first, second] = open;
    if (first && second) {
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
    }
  });

  it('says so on the screen, too, however soon it is saved', async () => {
    const toasts = new LabToasts();
    const [context] = await changed('x.ipynb');
    tell(context ? [context] : [], 1);
    expect(shown()).toEqual(['success: Done. Not saved yet.']);
    if (context) {
      context.model.dirty = false;
    }
    toasts.draw();
    toasts.dispose();
    expect(toasts.seen).toEqual(['success: Done.']);
  });

  it('does not come again when it was put away, or has gone by', async () => {
    const [context] = await changed('x.ipynb');
    tell(context ? [context] : [], 1);
    const later = Date.now() + 20_000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    const added: string[] = [];
    const onChanged = (_: unknown, { type }: Notification.IChange): void => {
      added.push(type);
    };
    Notification.manager.changed.connect(onChanged);
    if (context) {
      context.model.dirty = false;
    }
    expect(shown()).toEqual(['success: Done.']);
    // Lab pops up no notice that closes at once.
    expect(added).toEqual(['updated']);
    expect(
      Notification.manager.notifications.map(({ options }) => options.autoClose)
    ).toEqual([0]);
    const [other] = await changed('y.ipynb');
    tell(other ? [other] : [], 1);
    Notification.dismiss();
    if (other) {
      other.model.dirty = false;
    }
    expect(shown()).toEqual([]);
    Notification.manager.changed.disconnect(onChanged);
    jest.restoreAllMocks();
  });

  it('claims nothing where the lab itself saves', async () => {
    const [context] = await changed('x.ipynb');
    if (context) {
      jest.spyOn(context.model, 'collaborative', 'get').mockReturnValue(true);
      tell([context], 1);
      expect(shown()).toEqual([
        'success: Done. The lab saves open notebooks by itself.'
      ]);
    }
  });
});
