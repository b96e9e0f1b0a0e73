import { expectAccessible } from '../helpers/axe';
import { meet, recover } from '../helpers/status';
import { expect, test } from '../helpers/test';

const THEMES = [
  'JupyterLab Light',
  'JupyterLab Dark',
  'JupyterLab Dark High Contrast'
];

for (const theme of THEMES) {
  test(`reads well and is accessible in ${theme}`, async ({
    page,
    panel,
    sandbox
  }) => {
    await page.theme.setTheme(theme);
    await panel.open();
    await recover(panel, sandbox);
    await meet(panel, sandbox, {
      scenario: 'tap-says-no',
      rows: { tap: { state: 'degraded' } }
    });
    for (const width of [260, 600]) {
      await page.sidebar.setWidth(width);
      await expect(panel.root).toBeVisible();
      await page.screenshot({
        path: `screenshots/${theme.replace(/\W+/g, '-')}-${width}.png`
      });
      await expectAccessible(page, '#rsp-health-panel');
    }
    await expectAccessible(page, '#jp-bottom-panel');
  });
}
