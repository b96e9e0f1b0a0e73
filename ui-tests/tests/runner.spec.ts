import { readFileSync } from 'fs';
import { join } from 'path';

import type { Locator } from '@playwright/test';

import { expectAccessible } from '../helpers/axe';
import { hashTree, systemTest } from '../helpers/files';
import {
  Gate,
  placeCheckout,
  removeRuns,
  writeNotebook
} from '../helpers/notebooks';
import { HealthPanel, notice } from '../helpers/panel';
import { expect, removeCheckouts, test } from '../helpers/test';

const gate = new Gate('runner');

/** One that passes, one that waits for the test, and one that fails. */
const NOTEBOOKS = {
  'gafaelfawr.ipynb': { greet: 'print("hello")', add: '1 + 1' },
  'portal.ipynb': {
    setup: 'print("set up")',
    wait: gate.source,
    done: 'print("through")'
  },
  'tap.ipynb': {
    imports: 'import os',
    rows: 'rows = list(range(41))\nrows.append(41)',
    query: 'raise ValueError(f"{len(rows)} rows, but 43 were asked for")',
    results: 'print(rows)'
  }
};

test.beforeEach(() => {
  removeCheckouts();
  removeRuns();
  placeCheckout(NOTEBOOKS);
  gate.close();
});

test.afterEach(() => {
  gate.open(); // No kernel waits on after its test.
});

test('runs live over a reload, tells how it ended, reruns what failed', async ({
  page,
  panel
}) => {
  const before = hashTree(systemTest);
  const notebooks = panel.section('Notebooks');
  const stop = notebooks.getByRole('button', { name: 'Stop' });
  const progress = notebooks.getByRole('progressbar', { name: 'Checks' });
  await panel.open();

  await test.step('the tree fills cell by cell while it runs', async () => {
    await expect(panel.line('tap')).toBeVisible({ timeout: 30_000 });
    await notebooks.getByRole('button', { name: 'Run checks' }).click();
    await expect(stop).toBeVisible();
    await expect(panel.line('[2] wait, running')).toBeVisible({
      timeout: 30_000
    });
    await expect(panel.line('[1] setup, passed')).toBeVisible();
    await expect(panel.line('[3] done, queued')).toBeVisible();
    await expect(panel.line('gafaelfawr, passed')).toContainText(/ m?s/);
    await expect(panel.line('tap, queued')).toBeVisible();
    await expect(progress).toHaveAttribute(
      'aria-valuetext',
      '1 of 3 notebooks, portal.ipynb, cell 2 of 3'
    );
  });

  const output = panel.root.getByRole('log', {
    name: 'Output of cell 2, live'
  });
  await test.step('the running cell shows what it prints', async () => {
    await expect(output).toContainText(/^turn \d+$/m);
    const early = await output.textContent();
    await expect(output).not.toHaveText(early ?? '');
    await expectAccessible(page, '#rsp-health-panel');
  });

  await test.step('a reload in mid-run shows the same, and goes on', async () => {
    await page.reload();
    await panel.open();
    await expect(panel.line('[2] wait, running')).toBeVisible({
      timeout: 30_000
    });
    await expect(panel.line('[1] setup, passed')).toBeVisible();
    await expect(progress).toHaveAttribute(
      'aria-valuetext',
      /^1 of 3 notebooks/
    );
    await expect(stop).toBeVisible();
    await expect(output).toContainText(/^turn \d+$/m);
    gate.open();
    await expect(stop).toBeHidden({ timeout: 30_000 });
    await expect(progress).toBeHidden();
    await expect(output).toBeHidden();
    await expect(
      notice(page, /^Checks ended after .*: 1 failed, 2 passed/)
    ).toBeVisible();
  });

  await test.step('each line has its state, its word and its time', async () => {
    await expect(panel.line('portal')).toHaveAttribute('data-state', 'passed');
    const failed = panel.line('tap.ipynb, failed');
    await expect(failed).toBeVisible();
    await expect(failed.locator('svg').first()).toBeVisible();
    await expect(panel.line('[3] query, failed')).toContainText(
      'ValueError: 42 rows, but 43 were asked for'
    );
    await expect(panel.line('[4] results, not run')).toBeVisible();
    await panel.root.getByRole('button', { name: 'Show traceback' }).click();
    const traceback = panel.root.getByLabel('Traceback');
    await expect(traceback).toContainText('Traceback (most recent call last)');
    expect(await traceback.textContent()).not.toContain('\u001b');
    await expectAccessible(page, '#rsp-health-panel');
  });

  await test.step('filter by name, and by failure', async () => {
    const box = notebooks.getByRole('searchbox', { name: 'Filter notebooks' });
    await box.fill('gafa');
    await expect(panel.line('gafaelfawr')).toBeVisible();
    await expect(panel.line('tap')).toBeHidden();
    await box.fill('no such thing');
    await expect(notebooks).toContainText('No notebook matches the filter.');
    await box.fill('');
    const onlyFailed = notebooks.getByRole('button', { name: 'Only failed' });
    await onlyFailed.click();
    await expect(onlyFailed).toHaveAttribute('aria-pressed', 'true');
    await expect(panel.line('tap')).toBeVisible();
    await expect(panel.line('gafaelfawr')).toBeHidden();
    await onlyFailed.click();
  });

  await test.step('open at the failing cell', async () => {
    await panel.root.getByRole('button', { name: 'Open at cell' }).click();
    const notebook = page.getByRole('main').locator('.jp-NotebookPanel');
    const active = notebook.locator('.jp-Cell.jp-mod-active');
    await expect(active).toContainText('43 were asked for');
    await expect(active).toBeInViewport();
  });

  await test.step('debug: the variables are there, the cell is not run', async () => {
    await panel.root.getByRole('button', { name: 'Debug at cell 3' }).click();
    await expect(
      page.getByRole('tab', { name: 'tap-debug.ipynb' })
    ).toBeVisible();
    await expect(
      notice(page, /^The cells before \[3\] have run; \[3\] has not/)
    ).toBeVisible({ timeout: 30_000 });
    const copy = page
      .getByRole('main')
      .locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
    const active = copy.locator('.jp-Cell.jp-mod-active');
    await expect(active).toContainText('43 were asked for');
    await page.keyboard.press('Enter'); // The notebook has the focus.
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('print(len(rows), os.path.basename(os.getcwd()))');
    await page.keyboard.press('Control+Enter');
    await expect(active).toContainText(/42 system-test\s*$/);
    // The one of the user is as it was.
    expect(readFileSync(join(systemTest, 'tap.ipynb'), 'utf8')).toContain(
      'raise ValueError'
    );
  });

  await test.step('the timings: slowest first, bars and numbers', async () => {
    const row = panel.section('Runs').locator('[data-rsp-health-run]').first();
    await row.getByRole('button', { name: /2 of 3 passed/ }).click();
    const table = row.getByRole('table', { name: 'Slowest cells' });
    const first = table.getByRole('row').nth(1);
    await expect(first).toContainText('portal.ipynb [2] wait');
    await expect(first).toContainText(/\d s/);
    await expect(first).toContainText(/MiB/);
    await expect(table.getByRole('row')).toHaveCount(1 + 8);
    await expectAccessible(page, '#rsp-health-panel');
    for (const [format, start] of [
      ['HTML report', '<!'],
      ['JUnit report', '<?xml'],
      ['JSON document', '{']
    ] as const) {
      const download = page.waitForEvent('download');
      await row.getByRole('button', { name: /^More about the run/ }).click();
      await page
        .getByRole('menuitem', { name: `Download the ${format}` })
        .click();
      const file = await (await download).path();
      expect(readFileSync(file, 'utf8').trimStart()).toMatch(
        new RegExp(`^${start.replace('?', '\\?')}`)
      );
    }
    const past = row.getByRole('tree', { name: /^Run of/ });
    await expect(past).toContainText('42 rows, but 43 were asked for');
    await past
      .getByRole('treeitem', { name: /^portal\.ipynb, passed/ })
      .hover();
    await past
      .getByRole('button', { name: 'Executed copy of portal.ipynb' })
      .click();
    await expect(
      page.getByRole('main').locator('.jp-NotebookPanel:not(.lm-mod-hidden)')
    ).toContainText(/turn 1\n/);
  });

  await test.step('errors and timings read well in the dark, too', async () => {
    for (const theme of [
      'JupyterLab Dark',
      'JupyterLab Dark High Contrast',
      'JupyterLab Light'
    ]) {
      await page.theme.setTheme(theme);
      await expectAccessible(page, '#rsp-health-panel');
    }
  });

  await test.step('only what failed runs again, and the new end counts', async () => {
    const path = join(systemTest, 'tap.ipynb');
    expect(hashTree(systemTest)).toBe(before);
    writeNotebook(path, { ...NOTEBOOKS['tap.ipynb'], query: 'rows[41]' });
    expect(readFileSync(path, 'utf8')).toContain('rows[41]');
    await panel.refresh();
    await expect(panel.line('tap.ipynb, failed')).toContainText(
      /Changed since it was run at \d\d:\d\d/
    );
    await notebooks.getByRole('button', { name: 'Run 1 failed' }).click();
    await expect(panel.line('tap, passed')).toBeVisible({ timeout: 30_000 });
    await expect(panel.root.getByText(/^Changed since/)).toHaveCount(0);
    await expect(
      notebooks.getByRole('button', { name: 'Run 1 failed' })
    ).toBeHidden();
    const runs = panel.section('Runs').locator('[data-rsp-health-run]');
    await expect(runs).toHaveCount(2);
    await expect(runs.first()).toContainText('1 of 1 passed');
  });
});

test('stops from another tab; both tell the same', async ({ page, panel }) => {
  await panel.open();
  const other = await page.context().newPage();
  await other.goto(`${page.url().split('?')[0] ?? ''}?reset`);
  const otherPanel = new HealthPanel(other);
  await otherPanel.open();
  await panel
    .section('Notebooks')
    .getByRole('button', { name: 'Run checks' })
    .click();
  for (const one of [panel, otherPanel]) {
    await expect(one.line('[2] wait, running')).toBeVisible({
      timeout: 30_000
    });
  }
  await expect(
    otherPanel.section('Notebooks').getByRole('button', { name: 'Run checks' })
  ).toHaveAttribute('aria-disabled', 'true');
  const row = otherPanel.section('Runs').locator('[data-rsp-health-run]');
  await row.getByRole('button', { name: /1 of 3 passed/ }).click();
  await expect(
    row.getByRole('tree').getByRole('log', { name: 'Output of cell 2, live' })
  ).toContainText(/^turn \d+$/m);
  await row.getByRole('button', { name: 'Stop this run' }).click();
  // Each goes by itself after some seconds.
  await Promise.all(
    [page, other].map(one =>
      expect(notice(one, /^Checks ended after/)).toBeVisible()
    )
  );
  for (const one of [panel, otherPanel]) {
    await expect(one.line('portal, stopped')).toBeVisible({ timeout: 30_000 });
    await expect(one.line('gafaelfawr, passed')).toBeVisible();
    const run = one.section('Runs').locator('[data-rsp-health-run]');
    await expect(run).toHaveCount(1);
    await expect(run).toHaveAttribute('data-state', 'stopped');
  }
  await other.close();
});

test('by keyboard alone: run, stop, read, sort, open', async ({
  page,
  panel
}) => {
  await page.keyboard.press('Control+Shift+C');
  await expect(page.getByPlaceholder('SEARCH', { exact: true })).toBeFocused();
  await page.keyboard.type('Open the RSP Health panel');
  await expect(
    page.locator('.lm-CommandPalette-item.lm-mod-active')
  ).toContainText('Open the RSP Health panel');
  await page.keyboard.press('Enter');
  await expect(panel.line('portal')).toBeVisible({ timeout: 30_000 });
  const notebooks = panel.section('Notebooks');
  const tabTo = async (target: Locator): Promise<void> => {
    await expect(target).toBeVisible();
    for (let presses = 0; presses < 80; presses += 1) {
      if (await target.evaluate(node => node === document.activeElement)) {
        return;
      }
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${String(target)}`);
  };

  await test.step('run and stop', async () => {
    const run = notebooks.getByRole('button', { name: 'Run checks' });
    await tabTo(run);
    await page.keyboard.press('Enter');
    await expect(panel.line('[2] wait, running')).toBeVisible({
      timeout: 30_000
    });
    await expect(run).toBeFocused();
    await tabTo(notebooks.getByRole('button', { name: 'Stop' }));
    await page.keyboard.press('Enter');
    await expect(panel.line('portal, stopped')).toBeVisible({
      timeout: 30_000
    });
  });

  await test.step('what it said last stays to be read', async () => {
    await panel.line('portal').focus();
    await tabTo(panel.root.getByRole('log', { name: 'Last output of cell 2' }));
    await expect(page.locator(':focus')).toContainText(/^turn \d+$/m);
  });

  await test.step('sorted as chosen, also after a reload', async () => {
    const sort = notebooks.getByRole('combobox', { name: 'Sort notebooks' });
    const first = panel.root.getByRole('treeitem', { level: 2 }).first();
    await sort.focus();
    await page.keyboard.press('ArrowDown');
    await expect(sort).toHaveValue('state');
    await expect(first).toHaveAccessibleName(/^portal, stopped/);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    // Lab saves what the panel remembers a little later.
    const saved = page.waitForRequest(
      request =>
        request.url().includes('/api/workspaces') &&
        (request.postData() ?? '').includes('"application:portal":false')
    );
    await page.keyboard.press('Enter'); // Collapse all
    await expect(panel.root.getByRole('treeitem', { level: 3 })).toHaveCount(0);
    await saved;
    await page.reload();
    await panel.open();
    await expect(first).toHaveAccessibleName(/^portal, stopped/);
    await expect(sort).toHaveValue('state');
    await expect(panel.root.getByRole('treeitem', { level: 3 })).toHaveCount(0);
  });

  await test.step('the tree: arrows, letters, Enter opens the cell', async () => {
    await panel.line('system-test').focus();
    await page.keyboard.press('g');
    await expect(panel.line('gafaelfawr')).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await expect(panel.line('[2] add, passed')).toBeFocused();
    await page.keyboard.press('Enter');
    const active = page.getByRole('main').locator('.jp-Cell.jp-mod-active');
    await expect(active).toContainText('1 + 1');
  });
});
