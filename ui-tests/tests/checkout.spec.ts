import { existsSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { join } from 'path';

import { expectAccessible } from '../helpers/axe';
import { backupsOf, git, hashTree, systemTest } from '../helpers/files';
import { chooseFromMenu, notice } from '../helpers/panel';
import type { HealthPanel } from '../helpers/panel';
import { expect, removeCheckouts, test } from '../helpers/test';

const FOLDER = 'notebooks/rsp-health/system-test';

test.beforeEach(removeCheckouts);

/** Check out for the first time, by the panel. */
async function checkOut(panel: HealthPanel): Promise<void> {
  const { page } = panel;
  await panel.open();
  await chooseFromMenu(page, 'Check out', 'System test…');
  await page.getByRole('button', { name: 'Check out', exact: true }).click();
  await expect(notice(page, /^System test is in/)).toBeVisible({
    timeout: 30_000
  });
  await expect(panel.line('tap')).toBeVisible();
}

function openDialog(panel: HealthPanel): Promise<void> {
  return panel.root.getByRole('button', { name: 'Check out again…' }).click();
}

/** Leave every kind of work behind, but for what only the browser knows. */
function work(): void {
  const write = (name: string, text: string): void => {
    writeFileSync(join(systemTest, name), text);
  };
  git(systemTest, 'checkout', '-q', '-b', 'my-branch');
  write('README.md', 'committed by me\n');
  git(systemTest, 'commit', '-q', '-a', '-m', 'My own commit');
  write('sia.ipynb', notebook('stashed'));
  git(systemTest, 'stash');
  git(systemTest, 'worktree', 'add', '-q', '--detach', '../linked');
  write('tap.ipynb', notebook('mine'));
  write('mobu.yaml', 'mine: true');
  write('my notes.txt', 'notes');
  rmSync(join(systemTest, 'portal.ipynb'));
  write('.gitignore', '.ipynb_checkpoints/\n*.log\n');
  write('huge.log', 'x'.repeat(300_000));
}

function notebook(source: string): string {
  return JSON.stringify({
    cells: [
      {
        id: 'a',
        cell_type: 'code',
        execution_count: null,
        metadata: {},
        outputs: [],
        source: [source]
      }
    ],
    metadata: {
      kernelspec: { display_name: 'Python 3', name: 'python3' }
    },
    nbformat: 4,
    nbformat_minor: 5
  });
}

test('lists every loss, changes nothing on Cancel, loses nothing on yes', async ({
  page,
  panel
}) => {
  test.setTimeout(180_000);
  await checkOut(panel);
  work();

  await test.step('a tab with unsaved text, a clean one, a kernel', async () => {
    await page.sidebar.openTab('filebrowser');
    await page.filebrowser.open(`${FOLDER}/mobu.yaml`);
    await expect(page.getByRole('main')).toContainText('mine: true');
    // Galata would go there anew for each, and on a busy machine gets lost.
    for (const name of ['tap.ipynb', 'semaphore.ipynb']) {
      await page
        .getByRole('listitem', { name: new RegExp(`^Name: ${name}`) })
        .dblclick();
      await expect(page.getByRole('tab', { name })).toBeVisible();
      await expect(page.getByRole('tabpanel', { name })).toContainText('[ ]:');
      await expect(page.getByText(/\| Idle$/)).toBeVisible();
    }
    await page.notebook.setCell(0, 'code', 'unsaved = "keep me"');
    await expect(page.getByRole('main')).toContainText('keep me');
  });

  await page.sidebar.openTab('rsp-health-panel');
  const before = hashTree(systemTest);
  const dialog = page.getByRole('dialog');

  await test.step('the dialog lists it all, with the focus on Cancel', async () => {
    await openDialog(panel);
    const losses = dialog.getByLabel('What is there now');
    for (const [term, text] of [
      ['modified', /tap\.ipynb/],
      ['new', /my notes\.txt/],
      ['deleted', /portal\.ipynb/],
      ['ignored', /huge\.log/],
      ['commits', /My own commit/],
      ['branches', /my-branch/],
      ['stashes', /1 stash/],
      ['work trees', /rsp-health\/linked/],
      ['unsaved', /semaphore\.ipynb/],
      ['kernels', /tap\.ipynb/]
    ] as const) {
      await expect(
        losses.locator('div').filter({
          has: page.locator(`dt:text-is("${term}")`)
        })
      ).toContainText(text);
    }
    // Seen without scrolling, however long the list.
    await expect(
      dialog.getByText(/moves to a backup such as system-test\.backup-/)
    ).toBeInViewport({ ratio: 1 });
    await expect(dialog).toContainText('they are not in the backup');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.screenshot({ path: 'screenshots/checkout-dialog.png' });
    await expectAccessible(page, '.jp-Dialog');
  });

  await test.step('Cancel and Escape change nothing', async () => {
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();
    expect(hashTree(systemTest)).toBe(before);
    await openDialog(panel);
    await expect(dialog).toContainText('my notes.txt');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    expect(hashTree(systemTest)).toBe(before);
    expect(backupsOf('system-test')).toEqual([]);
  });

  await test.step('Back up and replace keeps all of it', async () => {
    await openDialog(panel);
    await dialog.getByRole('button', { name: 'Back up and replace' }).click();
    await expect(
      panel.root.getByRole('button', { name: '1 backup' })
    ).toBeVisible({ timeout: 30_000 });
    const [backup = ''] = backupsOf('system-test');
    expect(hashTree(backup)).toBe(before);
    expect(git(systemTest, 'status', '--porcelain')).toBe('');
    expect(git(systemTest, 'branch', '--show-current')).toBe('main\n');
    expect(existsSync(join(systemTest, 'my notes.txt'))).toBe(false);
  });

  await test.step('the clean tab shows the new file, the other its text', async () => {
    await expect(
      notice(page, /^Unsaved text stays in the tab of .*semaphore\.ipynb/)
    ).toBeVisible();
    await expect(page.getByRole('main')).toContainText('keep me');
    await page.activity.activateTab('mobu.yaml');
    await expect(page.getByRole('main')).not.toContainText('mine: true');
    expect(
      readFileSync(join(systemTest, 'semaphore.ipynb'), 'utf8')
    ).not.toContain('keep me');
  });

  await test.step('restore from the panel gives the same bytes back', async () => {
    await page.sidebar.openTab('rsp-health-panel');
    await panel.root.getByRole('button', { name: '1 backup' }).click();
    await expect(panel.root).toContainText(/files of yours/);
    await panel.root.getByRole('button', { name: 'Restore…' }).click();
    await expectAccessible(page, '.jp-Dialog');
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await expect(notice(page, /^System test: the backup is back/)).toBeVisible({
      timeout: 30_000
    });
    expect(hashTree(systemTest)).toBe(before);
  });
  await expectAccessible(page, '#rsp-health-panel');
});

test('lists again what changed while the dialog was open', async ({
  page,
  panel
}) => {
  await checkOut(panel);
  await openDialog(panel);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('nothing of yours is there');
  const refresh = dialog.getByRole('button', { name: 'Refresh' });
  await expect(refresh).toBeVisible();
  writeFileSync(join(systemTest, 'just now.txt'), 'x');
  await refresh.click();
  await expect(dialog.getByRole('alert')).toContainText(
    'The folder changed while you were reading'
  );
  await expect(dialog).toContainText('just now.txt');
  await expectAccessible(page, '.jp-Dialog');
  await dialog.getByRole('button', { name: 'Back up and replace' }).click();
  await expect(
    panel.root.getByRole('button', { name: '1 backup' })
  ).toBeVisible({ timeout: 30_000 });
  const [backup = ''] = backupsOf('system-test');
  expect(readFileSync(join(backup, 'just now.txt'), 'utf8')).toBe('x');
});

test('by keyboard alone: check out, refresh, reset, remove', async ({
  page,
  panel
}) => {
  const dialog = page.getByRole('dialog');
  const byPalette = async (command: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+Shift+C');
    const search = page.getByPlaceholder('SEARCH', { exact: true });
    await expect(search).toBeFocused();
    await page.keyboard.type(command);
    await expect(
      page.locator('.lm-CommandPalette-item.lm-mod-active')
    ).toContainText(command);
    await page.keyboard.press('Enter');
  };
  const accept = async (name: string): Promise<void> => {
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    // It is called so once it is known what is there.
    const button = dialog.getByRole('button', { name });
    await expect(button).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(button).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
  };
  const chooseRepository = async (): Promise<void> => {
    await expect(dialog.getByRole('combobox')).toBeFocused();
    await page.keyboard.press('Enter');
  };

  await test.step('check out', async () => {
    await byPalette('Check out notebooks…');
    await chooseRepository();
    await accept('Check out');
    await expect(notice(page, /^System test is in/)).toBeVisible({
      timeout: 30_000
    });
  });

  await test.step('outputs are committed if the box is unticked', async () => {
    expect(git(systemTest, 'config', 'filter.rsp-health.required')).toBe(
      'true\n'
    );
    await byPalette('Check out notebooks…');
    await chooseRepository();
    const box = dialog.getByRole('checkbox', {
      name: 'Keep outputs out of commits'
    });
    await expect(box).toBeChecked();
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await expect(box).toBeFocused();
    await page.keyboard.press('Space');
    await expect(box).not.toBeChecked();
    await page.keyboard.press('Tab');
    await accept('Refresh');
    await expect(notice(page, /already up to date/)).toBeVisible({
      timeout: 30_000
    });
    expect(git(systemTest, 'config', '--list')).not.toContain('filter.');
  });

  await test.step('remove, to a backup', async () => {
    writeFileSync(join(systemTest, 'mine.txt'), 'mine');
    await byPalette('Remove a checkout…');
    await chooseRepository();
    await accept('Remove');
    await expect(notice(page, /moved from .* to a backup/)).toBeVisible({
      timeout: 30_000
    });
    expect(existsSync(systemTest)).toBe(false);
    const [backup = ''] = backupsOf('system-test');
    expect(readFileSync(join(backup, 'mine.txt'), 'utf8')).toBe('mine');
  });

  await test.step('restore the newest', async () => {
    await byPalette('Restore a backup…');
    await chooseRepository();
    await accept('Restore');
    await expect(notice(page, /the backup is back/)).toBeVisible({
      timeout: 30_000
    });
    expect(readFileSync(join(systemTest, 'mine.txt'), 'utf8')).toBe('mine');
  });
  await panel.open();
});
