// Pictures of what stands in the panel when there is much of it, each made by
// keyboard alone: see looks.measure.ts.
//   RSP_HEALTH_UI_BENCH=1 jlpm playwright test looks-notebooks --project bench
import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';

import { expectAccessible } from '../helpers/axe';
import { git, systemTest } from '../helpers/files';
import { look, tabTo } from '../helpers/looks';
import {
  placeCheckout,
  removeRuns,
  runChecks,
  writeNotebook
} from '../helpers/notebooks';
import { expect, removeCheckouts, test } from '../helpers/test';

test.beforeEach(() => {
  removeCheckouts();
  removeRuns();
});

test('250 notebooks in one folder', async ({ page, panel }) => {
  test.setTimeout(1_200_000);
  placeCheckout({});
  for (let number = 0; number < 250; number += 1) {
    const name = `notebook_of_light_curves_${String(number).padStart(3, '0')}`;
    writeNotebook(join(systemTest, 'many', `${name}.ipynb`), { one: '1' });
  }
  await panel.open();
  const folder = panel.line('many');
  await expect(folder).toBeVisible({ timeout: 60_000 });
  await panel.root.getByRole('button').first().focus();
  await tabTo(panel.root.locator('[role="treeitem"][tabindex="0"]').first());
  for (let steps = 0; steps < 20; steps += 1) {
    if (await folder.evaluate(node => node === document.activeElement)) {
      break;
    }
    await page.keyboard.press('ArrowDown');
  }
  await expect(folder).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await look(page, 'many');
  await page.keyboard.press('End');
  await look(page, 'many-end');
});

test('errors that are alike, and one of 5 kB', async ({ page, panel }) => {
  test.setTimeout(1_200_000);
  const notebooks: Record<string, Record<string, string>> = {};
  const faults = {
    images: 'raise OSError("503 from the cutout service")',
    queries: 'raise ValueError("302 to login")',
    tables: 'raise KeyError("g_cModelFlux")'
  };
  for (const [name, one] of Object.entries(faults)) {
    for (const number of [1, 2, 3]) {
      notebooks[`${name}/a_long_name_of_a_notebook_${number}.ipynb`] = { one };
    }
  }
  notebooks['a-large.ipynb'] = {
    one: 'raise ValueError("wrong value " * 420)'
  };
  placeCheckout(notebooks);
  runChecks();
  await panel.open();
  const alike = panel.root.getByRole('button', {
    name: /3 notebooks failed in the same way/
  });
  await expect(alike).toHaveCount(3, { timeout: 60_000 });
  await panel.root.getByRole('button').first().focus();
  await tabTo(alike.first());
  await page.keyboard.press('Enter');
  await alike.first().evaluate(node => {
    node.scrollIntoView({ block: 'start' });
  });
  await look(page, 'alike');
  const show = panel.root.getByRole('button', { name: 'Show traceback' });
  await tabTo(panel.root.locator('[role="treeitem"][tabindex="0"]').first());
  for (let steps = 0; steps < 40 && !(await show.count()); steps += 1) {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
  }
  await tabTo(show.first());
  await page.keyboard.press('Enter');
  // All of it is read without a scroll to the side.
  const box = panel.root.getByLabel('Traceback');
  const wide = await box.evaluate(node => node.clientWidth);
  const said = await box.locator('.jp-mod-exception').last().boundingBox();
  expect(said?.width).toBeLessThanOrEqual(wide);
  await look(page, 'large-error');
});

test('a loss list of 60 files', async ({ page, panel }) => {
  test.setTimeout(1_200_000);
  placeCheckout({ 'tap.ipynb': { mine: '1' } });
  git(systemTest, 'checkout', '-q', '-b', 'my-branch');
  writeFileSync(join(systemTest, 'README.md'), 'committed by me\n');
  git(systemTest, 'commit', '-q', '-m', 'My own commit', 'README.md');
  const folder = join(systemTest, 'data of mine', 'deep');
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < 60; number += 1) {
    const name = `visit_${number}_of_a_long_night_with_clouds.parquet`;
    const place = number < 20 ? systemTest : folder;
    writeFileSync(join(place, name), 'x'.repeat(20_000));
  }
  await panel.open();
  await panel.root.getByRole('button').first().focus();
  await tabTo(
    panel.root.getByRole('button', { name: 'Check out again…' }).first()
  );
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('What is there now')).toContainText(
    'My own commit',
    { timeout: 60_000 }
  );
  await look(page, 'losses', '.jp-Dialog');
  await tabTo(dialog.locator('summary').last(), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await look(page, 'losses-open', '.jp-Dialog');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expectAccessible(page, '#rsp-health-panel');
});
