// From what failed to its cause, whose it is and what to do: three clicks at
// most, by mouse or by keyboard.
import { join } from 'path';

import type { Locator, Page } from '@playwright/test';

import { expectAccessible } from '../helpers/axe';
import { placeCheckout, removeRuns, writeNotebook } from '../helpers/notebooks';
import { notice } from '../helpers/panel';
import { meet } from '../helpers/status';
import { expect, home, removeCheckouts, test } from '../helpers/test';

test.beforeEach(() => {
  removeCheckouts();
  removeRuns();
});

/** Count what a user presses from now on, by mouse or by keyboard. */
async function startCounting(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counted = window as unknown as { presses?: number };
    if (counted.presses === undefined) {
      // The browser makes a click of Enter on a button, too.
      const count = (): void => {
        counted.presses = (counted.presses ?? 0) + 1;
      };
      document.addEventListener('click', count, true);
    }
    counted.presses = 0;
  });
  return () =>
    page.evaluate(() => (window as unknown as { presses: number }).presses);
}

/** Cause, whose and next step are there, at most three clicks after the start. */
async function expectAnswer(
  dialog: Locator,
  clicks: () => Promise<number>
): Promise<void> {
  await expect(dialog.getByText(/^Whose: /).first()).toBeVisible();
  await expect(dialog.getByText(/^Now: /).first()).toBeVisible();
  expect(await clicks()).toBeGreaterThan(0);
  expect(await clicks()).toBeLessThanOrEqual(3);
}

const CAUSE =
  'The notebook was run with the kernel python3, which has no science pipelines (lsst).';

test('says why checks failed, once for all', async ({ page, panel }) => {
  placeCheckout({
    'gafaelfawr.ipynb': { one: 'import lsst.rsp' },
    'tap.ipynb': { one: '1', two: 'from lsst.geom import Angle' }
  });
  await panel.open();
  const notebooks = panel.section('Notebooks');
  await notebooks.getByRole('button', { name: 'Run checks' }).click();
  await expect(panel.line('tap, failed')).toBeVisible({ timeout: 60_000 });
  const dialog = page.getByRole('dialog');

  // One click.
  let clicks = await startCounting(page);
  await panel.root
    .getByRole('button', { name: 'Why? tap', exact: true })
    .or(panel.root.getByRole('button', { name: 'Why? cell 2' }))
    .first()
    .click();
  await expect(dialog.getByText(CAUSE)).toBeVisible();
  await expect(dialog.getByText('Whose: your environment')).toBeVisible();
  await expect(dialog.getByText(/^Now: Choose the kernel LSST/)).toBeVisible();
  await expectAnswer(dialog, clicks);
  await dialog.getByText('Why this is said').click();
  await expect(dialog.getByText(/^the error itself: /)).toBeVisible();
  await page.screenshot({ path: 'screenshots/why-check.png' });
  await expectAccessible(page, '.jp-Dialog');
  await page.keyboard.press('Escape');

  // Two: the run, and its Why?
  clicks = await startCounting(page);
  const runs = panel.section('Runs');
  await runs.getByRole('button', { name: /0 of 2 passed/ }).click();
  await runs
    .getByRole('button', { name: 'Why? all failures of this run' })
    .click();
  await expect(dialog.getByText(/^One cause for /)).toBeVisible();
  await expectAnswer(dialog, clicks);
  await page.screenshot({ path: 'screenshots/why-run.png' });
});

test('says why a service is red', async ({ page, panel, sandbox }) => {
  await panel.open();
  await meet(panel, sandbox, {
    scenario: 'tap-down',
    rows: { tap: { state: 'down' } }
  });
  const clicks = await startCounting(page);
  await panel.root.getByRole('button', { name: 'Why? TAP' }).click();
  const dialog = page.getByRole('dialog');
  await expectAnswer(dialog, clicks);
  await expect(dialog.getByText(/TAP itself does not work: /)).toBeVisible();
  await expect(dialog.getByText('Whose: the application')).toBeVisible();
  await page.screenshot({ path: 'screenshots/why-service.png' });
  await expectAccessible(page, '.jp-Dialog');
});

test('says why below the error of any notebook', async ({ page }) => {
  writeNotebook(join(home, 'notebooks', 'mine.ipynb'), {
    well: '1 + 1',
    fails: 'import lsst.daf.butler'
  });
  await page.notebook.openByPath('notebooks/mine.ipynb');
  await page.notebook.run();
  const why = page.getByRole('main').getByRole('button', { name: 'Why?' });
  await expect(why).toHaveCount(1);
  await page.screenshot({ path: 'screenshots/why-output.png' });
  await expectAccessible(page, '.jp-RSPHealth-error');
  const clicks = await startCounting(page);
  await why.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(CAUSE)).toBeVisible();
  await expectAnswer(dialog, clicks);
  await page.screenshot({ path: 'screenshots/why-cell.png' });
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  // The same from the cell's own menu.
  await page.locator('.jp-CodeCell').last().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Why did this cell fail?' }).click();
  await expect(dialog.getByText(CAUSE)).toBeVisible();
  await page.keyboard.press('Escape');
});

test('says why the kernel of a notebook died', async ({ page }) => {
  writeNotebook(join(home, 'notebooks', 'dies.ipynb'), {
    dies: 'import os, signal; os.kill(os.getpid(), signal.SIGSEGV)'
  });
  await page.notebook.openByPath('notebooks/dies.ipynb');
  await expect(page.getByText('Python 3 (ipykernel) | Idle')).toBeVisible();
  await page.evaluate(
    () => void window.jupyterapp.commands.execute('notebook:run-all-cells')
  );
  const told = notice(page, /^The kernel of dies\.ipynb crashed/);
  await expect(told).toBeVisible();
  await expect(told).toContainText('SIGSEGV');
  await page.screenshot({ path: 'screenshots/why-kernel.png' });
  const clicks = await startCounting(page);
  // Two clicks: Lab's own dialog, which does not know why, and ours.
  await page
    .getByRole('dialog', { name: /appears to have died/ })
    .getByRole('button', { name: 'Ok' })
    .click();
  await told.getByRole('button', { name: 'What now?' }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Whose:' });
  await expect(dialog.getByText('Whose: your environment')).toBeVisible();
  await expect(dialog.getByText(/^Now: See rsp-health doctor/)).toBeVisible();
  await expectAnswer(dialog, clicks);
  await expectAccessible(page, '.jp-Dialog');
  await page.screenshot({ path: 'screenshots/why-kernel-dialog.png' });
});

test('tells before it makes it what is in a bundle', async ({
  page,
  panel
}) => {
  await panel.open();
  const troubleshoot = panel.section('Troubleshoot');
  const title = troubleshoot.getByRole('button', { name: /^Troubleshoot/ });
  if ((await title.getAttribute('aria-expanded')) === 'false') {
    await title.click();
  }
  await troubleshoot
    .getByRole('button', { name: 'Bundle for a forum…' })
    .click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('Make a bundle for a forum')).toBeVisible();
  await expect(dialog.getByText('manifest.json')).toBeVisible();
  await page.screenshot({ path: 'screenshots/troubleshoot-bundle.png' });
  await expectAccessible(page, '.jp-Dialog');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
});
