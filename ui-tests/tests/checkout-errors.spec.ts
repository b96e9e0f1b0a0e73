import { spawn } from 'child_process';
import { mkdirSync, rmSync, writeFileSync } from 'fs';
import { join } from 'path';

import { expectAccessible } from '../helpers/axe';
import { checkouts, git, systemTest } from '../helpers/files';
import { chooseFromMenu, notice } from '../helpers/panel';
import { expect, home, removeCheckouts, test } from '../helpers/test';

test.beforeEach(removeCheckouts);

test('says what is wrong, and what to do', async ({ page, panel }) => {
  const dialog = page.getByRole('dialog');
  await panel.open();

  await test.step('no network', async () => {
    await chooseFromMenu(page, 'Check out', 'Unreachable…');
    await expect(dialog).toContainText(/reached|connect/);
    await dialog.getByRole('button', { name: 'Check out' }).click();
    const told = notice(page, /^Unreachable: Cannot/);
    await expect(told).toContainText(/reached|connect/, { timeout: 30_000 });
    await expect(told).toContainText(/network|proxy/i);
    await expectAccessible(page, '.Toastify');
  });

  await test.step('a file stands where the checkout belongs', async () => {
    mkdirSync(checkouts, { recursive: true });
    writeFileSync(systemTest, 'a file');
    await chooseFromMenu(page, 'Check out', 'System test…');
    await expect(notice(page, /stands a file/)).toContainText(
      'Rename or remove it'
    );
    rmSync(systemTest);
  });

  await test.step('another program is working on it', async () => {
    const lock = join(checkouts, '.rsp-health', 'locks', 'system-test');
    const holder = spawn(
      process.env.RSP_HEALTH_UI_PYTHON ?? 'python',
      [
        '-c',
        'import sys; from pathlib import Path; from rsp_health.files import FileLock; ' +
          'lock = FileLock(Path(sys.argv[1]), action="restore"); lock.acquire(); ' +
          'print("held", flush=True); sys.stdin.read(); lock.release()',
        lock
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] }
    );
    await new Promise(resolve => holder.stdout.once('data', resolve));
    await chooseFromMenu(page, 'Check out', 'System test…');
    await dialog.getByRole('button', { name: 'Check out' }).click();
    const told = notice(page, /is locked by/);
    await expect(told).toContainText(`rocess ${holder.pid}`);
    await expect(told).toContainText(/since \d\d:\d\d:\d\d UTC/);
    const ended = new Promise(resolve => holder.once('exit', resolve));
    holder.stdin.end();
    await ended;
  });
});

test('hostile names are text, and nothing of them runs', async ({
  page,
  panel
}) => {
  const script = '<img src=x onerror=window.hostile=1>';
  const names = [
    `${script}.ipynb`,
    'two\nlines.ipynb',
    'esc\u001b[31mred\u0007.ipynb',
    'rtl\u202egnp.ipynb',
    `${'l'.repeat(249)}.ipynb`,
    '--upload-pack=touch x.ipynb',
    '"quoted" & \'more\'.ipynb',
    'Ünïcödé 🔭.ipynb'
  ];
  const upstream = join(home, 'upstreams', 'hostile');
  rmSync(upstream, { recursive: true, force: true });
  mkdirSync(upstream, { recursive: true });
  git(upstream, 'init', '-q', '-b', 'main');
  const notebook = JSON.stringify({
    cells: [],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5
  });
  for (const name of names) {
    writeFileSync(join(upstream, name), notebook);
  }
  git(upstream, 'add', '-A');
  git(upstream, 'commit', '-q', '-m', script);

  const alerts: string[] = [];
  page.on('dialog', async shown => {
    alerts.push(shown.message());
    await shown.dismiss();
  });
  const dialog = page.getByRole('dialog');
  await panel.open();
  await chooseFromMenu(page, 'Check out', `Hostile ${script}…`);
  await expect(dialog).toContainText(script);
  await dialog.getByRole('button', { name: 'Check out' }).click();
  const tree = join(checkouts, 'hostile');
  await expect(notice(page, /^Hostile <img.* is in/)).toBeVisible({
    timeout: 30_000
  });
  await panel.root
    .getByRole('combobox', { name: 'Repository' })
    .selectOption('hostile');
  const lines = panel.root.getByRole('tree', { name: 'Notebooks' });
  await expect(lines).toContainText(script);
  await expect(lines).toContainText('Ünïcödé 🔭');

  // The same names as the user's changes, in the dialog.
  for (const name of names) {
    writeFileSync(join(tree, name), notebook.replace('[]', '[ ]'));
  }
  const branch = 'a<b>&-branch';
  git(tree, 'checkout', '-q', '-b', branch);
  git(tree, 'commit', '-q', '-a', '-m', script);
  for (const name of names) {
    writeFileSync(join(tree, name), notebook.replace('[]', '[  ]'));
  }
  await panel.root.getByRole('button', { name: 'Check out again…' }).click();
  const losses = dialog.getByLabel('What is there now');
  await expect(losses).toContainText(`${script}.ipynb`);
  await expect(losses).toContainText(branch);
  await expect(losses).toContainText('l'.repeat(249));
  const text = (await losses.textContent()) ?? '';
  // Control characters and direction marks are shown as what they are.
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  await page.screenshot({ path: 'screenshots/hostile-names.png' });
  await expectAccessible(page, '.jp-Dialog');
  await dialog.getByRole('button', { name: 'Back up and replace' }).click();
  await expect(
    panel.root.getByRole('button', { name: '1 backup' })
  ).toBeVisible({ timeout: 30_000 });

  expect(await page.locator('img[src="x"]').count()).toBe(0);
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false);
  expect(alerts).toEqual([]);
});
