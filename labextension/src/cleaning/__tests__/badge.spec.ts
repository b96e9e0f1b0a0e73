import type { NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { Title } from '@lumino/widgets';

import { trans } from '../../__tests__/strings';
import { StripOnSaveBadge } from '../badge';
import type { StripOnSaveFolders } from '../onsave';

/** The user's choice of folders. */
class FakeFolders {
  constructor(public folder: string | null) {}

  readonly changed = new Signal<this, void>(this);

  covers(path: string): boolean {
    return this.folder !== null && path.startsWith(`${this.folder}/`);
  }

  choose(folder: string | null): void {
    this.folder = folder;
    this.changed.emit();
  }
}

function notebookAt(path: string) {
  const context = {
    path,
    pathChanged: new Signal<object, string>({})
  };
  const title = new Title<object>({ owner: {}, caption: 'Name: a' });
  return { context, title };
}

async function badgeOn(
  panel: ReturnType<typeof notebookAt>,
  folders: FakeFolders
): Promise<StripOnSaveBadge> {
  const badge = new StripOnSaveBadge(
    panel as unknown as NotebookPanel,
    Promise.resolve(folders as unknown as StripOnSaveFolders),
    trans
  );
  await Promise.resolve();
  await Promise.resolve();
  return badge;
}

describe('the badge of strip on save', () => {
  it('is seen, and in the tip of the tab, where it holds', async () => {
    const panel = notebookAt('a/x.ipynb');
    const folders = new FakeFolders('a');
    const badge = await badgeOn(panel, folders);
    expect(badge.isHidden).toBe(false);
    expect(badge.node.textContent).toBe('Saved without outputs');
    expect(panel.title.caption).toBe('Name: a\nSaved without outputs');
    // As Lab does after each save.
    panel.title.caption = 'Name: a, saved';
    expect(panel.title.caption).toBe('Name: a, saved\nSaved without outputs');
    folders.choose(null);
    expect(badge.isHidden).toBe(true);
    expect(panel.title.caption).toBe('Name: a, saved');
    badge.dispose();
  });

  it('follows a notebook that is moved', async () => {
    const panel = notebookAt('b/x.ipynb');
    const badge = await badgeOn(panel, new FakeFolders('a'));
    expect([badge.isHidden, panel.title.caption]).toEqual([true, 'Name: a']);
    panel.context.path = 'a/x.ipynb';
    panel.context.pathChanged.emit('a/x.ipynb');
    expect(badge.isHidden).toBe(false);
    badge.dispose();
  });
});
