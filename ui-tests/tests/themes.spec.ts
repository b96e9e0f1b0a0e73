import { expectAccessible } from '../helpers/axe';
import { meet } from '../helpers/status';
import { expect, test } from '../helpers/test';

const THEMES = [
  'JupyterLab Light',
  'JupyterLab Dark',
  'JupyterLab Dark High Contrast'
];

test('reads well and is accessible in every theme', async ({
  page,
  panel,
  sandbox
}) => {
  await panel.open();
  await meet(panel, sandbox, {
    scenario: 'tap-says-no',
    rows: { tap: { state: 'degraded' } },
    panel: [/1\d up/]
  });
  for (const theme of THEMES) {
    await test.step(theme, async () => {
      await page.theme.setTheme(theme);
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
});
