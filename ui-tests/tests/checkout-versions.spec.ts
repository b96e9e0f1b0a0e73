import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';

import { expectAccessible } from '../helpers/axe';
import { openFolder } from '../helpers/filebrowser';
import { backupsOf, git, hashTree, systemTest } from '../helpers/files';
import { chooseFromMenu, notice } from '../helpers/panel';
import { expect, removeCheckouts, test } from '../helpers/test';

test.beforeEach(removeCheckouts);

test('another version, updates, one notebook reset, an expired backup', async ({
  page,
  panel
}) => {
  const dialog = page.getByRole('dialog');
  await panel.open();
  await chooseFromMenu(page, 'Check out', 'System test…');
  await dialog.getByRole('button', { name: 'Check out' }).click();
  await expect(panel.line('tap')).toBeVisible({ timeout: 30_000 });
  const more = async (command: string): Promise<void> => {
    await panel.root
      .getByRole('button', { name: 'More about this checkout' })
      .click();
    await page.getByRole('menuitem', { name: command }).click();
  };

  await test.step('up to date says so', async () => {
    const commit = git(systemTest, 'rev-parse', '--short=7', 'HEAD').trim();
    await more('Look for updates');
    await expect(
      notice(page, /Already up to date/).filter({ hasText: commit })
    ).toBeVisible();
  });

  await test.step('a tag is chosen, and the way back is counted', async () => {
    await more('Check out another version…');
    const box = dialog.getByRole('combobox');
    await expect(box.getByRole('option', { name: 'main' })).toBeAttached();
    await box.selectOption('2026.9');
    await expectAccessible(page, '.jp-Dialog');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByRole('button', { name: 'Refresh' }).click();
    await expect(panel.section('Notebooks')).toContainText('2026.9', {
      timeout: 30_000
    });
    expect(git(systemTest, 'rev-parse', 'HEAD')).toBe(
      git(systemTest, 'rev-parse', '2026.9^{commit}')
    );
    await panel.root.getByRole('button', { name: 'Check out again…' }).click();
    await expect(dialog).toContainText(/\d+ commits ahead/);
    await dialog.getByRole('button', { name: 'Refresh' }).click();
    await expect(panel.section('Notebooks')).toContainText(/main \w{7}/, {
      timeout: 30_000
    });
  });

  await test.step('one notebook is reset from the file browser', async () => {
    await page.sidebar.openTab('filebrowser');
    const file = join(systemTest, 'tap.ipynb');
    const upstream = readFileSync(file, 'utf8');
    writeFileSync(file, '{"mine": 1}');
    writeFileSync(join(systemTest, 'kept.txt'), 'kept');
    await openFolder(
      page,
      'notebooks/rsp-health/system-test',
      /^Name: tap\.ipynb/
    );
    for (const day of ['01', '02', '03', '04']) {
      const old = `${systemTest}.backup-202601${day}T000000Z`;
      mkdirSync(old);
      writeFileSync(join(old, 'old.txt'), 'x'.repeat(5000));
    }
    await page
      .getByRole('listitem', { name: /^Name: tap\.ipynb/ })
      .click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Reset to upstream…' }).click();
    await dialog.getByRole('button', { name: 'Reset' }).click();
    await expect(notice(page, /is as upstream again/)).toBeVisible({
      timeout: 30_000
    });
    expect(readFileSync(file, 'utf8')).toBe(upstream);
    expect(readFileSync(join(systemTest, 'kept.txt'), 'utf8')).toBe('kept');
    const backup = backupsOf('system-test').at(-1) ?? '';
    expect(readFileSync(join(backup, 'tap.ipynb'), 'utf8')).toBe('{"mine": 1}');
  });

  await test.step('expired backups go together, the others stay', async () => {
    await page.sidebar.openTab('rsp-health-panel');
    await panel.root.getByRole('button', { name: '5 backups' }).click();
    await panel.root
      .getByRole('button', { name: 'Delete 2 expired backups (10 kB)…' })
      .click();
    await expect(dialog).toContainText('Deleted for good');
    await expectAccessible(page, '.jp-Dialog');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(
      panel.root.getByRole('button', { name: '3 backups' })
    ).toBeVisible();
    const left = backupsOf('system-test').map(path => path.slice(-16));
    expect(left.slice(0, 2)).toEqual(['20260103T000000Z', '20260104T000000Z']);
    expect(left).toHaveLength(3);
  });
});

test('shows progress, and Cancel leaves everything as it was', async ({
  page,
  panel,
  sandbox
}) => {
  const dialog = page.getByRole('dialog');
  await panel.open();
  await chooseFromMenu(page, 'Check out', 'System test…');
  await dialog.getByRole('button', { name: 'Check out' }).click();
  await expect(panel.line('tap')).toBeVisible({ timeout: 30_000 });
  writeFileSync(join(systemTest, 'mine.txt'), 'mine');
  const before = hashTree(systemTest);
  await sandbox.commit('system-test', { 'large.txt': noise(600_000) });

  await sandbox.setScenario('slow');
  await panel.root.getByRole('button', { name: 'Check out again…' }).click();
  await dialog
    .getByRole('button', { name: 'Back up and replace' })
    .click({ timeout: 40_000 });
  const running = notice(page, /^System test: Receiving objects/);
  await expect(running).toBeVisible({ timeout: 40_000 });
  await expect(running).toContainText(/\d0 %/);
  const bar = panel.root.getByRole('progressbar', {
    name: 'Receiving objects'
  });
  await expect(bar).toBeVisible();
  await expectAccessible(page, '#rsp-health-panel');
  await panel.root.getByRole('button', { name: 'Cancel' }).click();
  await expect(notice(page, /cancelled. Everything is as it was/)).toBeVisible({
    timeout: 20_000
  });
  expect(hashTree(systemTest)).toBe(before);
  expect(backupsOf('system-test')).toEqual([]);
  expect(existsSync(join(systemTest, 'large.txt'))).toBe(false);
});

/** Text that does not compress, and is the same each time. */
function noise(length: number): string {
  let state = 1;
  let text = '';
  while (text.length < length) {
    state = (state * 48271) % 2147483647;
    text += state.toString(36);
  }
  return text;
}
