// Pictures of the page of runs over time, and of the pages that the command
// line writes, in each look: see looks.measure.ts.
//   RSP_HEALTH_UI_BENCH=1 jlpm playwright test looks-pages --project bench
import { join } from 'path';

import { expectAccessible } from '../helpers/axe';
import { systemTest } from '../helpers/files';
import { THEMES } from '../helpers/looks';
import {
  callTool,
  placeCheckout,
  removeRuns,
  runChecks
} from '../helpers/notebooks';
import { expect, home, test } from '../helpers/test';

/** Runs of a notebook that takes longer each time, and of one that breaks. */
function makeRuns(): void {
  removeRuns();
  for (const [turn, seconds] of [0.2, 0.25, 0.2, 0.9, 1.1].entries()) {
    placeCheckout({
      'steady.ipynb': { one: 'import time', two: 'time.sleep(0.3)' },
      'slows.ipynb': { one: 'import time', two: `time.sleep(${seconds})` },
      'breaks.ipynb': { one: turn > 2 ? '1 / 0' : '1' }
    });
    runChecks();
  }
}

test('runs over time, and two of them compared', async ({ page, panel }) => {
  test.setTimeout(600_000);
  makeRuns();
  await panel.open();
  await page.sidebar.setWidth(260);
  await panel
    .section('Runs')
    .getByRole('button', { name: 'Runs over time' })
    .click();
  const over = page.locator('#rsp-health-runs-page');
  for (const name of ['Notebooks over', 'Cells of', 'Two runs']) {
    await over.getByRole('tab', { name: new RegExp(name) }).click();
    if (name === 'Cells of') {
      await over
        .getByLabel('Notebook', { exact: true })
        .selectOption('slows.ipynb');
    }
    await expect(over.getByRole('table').first()).toBeVisible();
    for (const theme of THEMES) {
      await page.theme.setTheme(theme);
      if (name === 'Cells of') {
        // The chart is drawn anew in the theme's colours.
        await expect(over.locator('.marks').first()).toBeVisible();
      }
      const as = `${name} ${theme}`.replace(/\W+/g, '-');
      await page.screenshot({ path: `screenshots/runspage-${as}.png` });
      await expectAccessible(page, '#rsp-health-runs-page');
    }
  }
});

test('the pages that qualify and site write', async ({ page, panel }) => {
  test.setTimeout(600_000);
  makeRuns();
  await panel.open();
  const pages = {
    qualify: join(home, 'qualify.html'),
    site: join(home, 'site.html')
  };
  callTool(
    ...['qualify', systemTest, '--kernel', 'python3', '--repeat', '3'],
    ...['--against-kernel', 'python3', '--html', pages.qualify]
  );
  callTool('site', systemTest, '--html', pages.site);
  // Not `page`, which would wait for JupyterLab.
  const plain = await page.context().newPage();
  for (const [name, path] of Object.entries(pages)) {
    for (const [as, media] of Object.entries({
      light: { colorScheme: 'light' },
      dark: { colorScheme: 'dark' },
      contrast: { colorScheme: 'dark', forcedColors: 'active' }
    } as const)) {
      await plain.emulateMedia({ forcedColors: 'none', ...media });
      await plain.goto(`file://${path}`);
      await plain.screenshot({
        path: `screenshots/page-${name}-${as}.png`,
        fullPage: true
      });
      await expectAccessible(plain, 'body');
    }
  }
});
