// Run by `make test-packaging` in a clean environment: the wheel on the RSP
// image's JupyterLab 4.5.8, beside rsp-jupyter-extensions. Plain Playwright:
// Galata's own helpers belong to another release of JupyterLab.
import type { Page } from '@playwright/test';
import { expect, test } from '@playwright/test';

import { HealthPanel } from '../helpers/panel';

test.skip(
  !process.env.RSP_HEALTH_UI_PYTHON,
  'needs the environment that make test-packaging builds'
);

test('both extensions load, and keep their routes and menus', async ({
  page,
  request
}) => {
  const info = await request.get('/rsp-health/info');
  expect(info.status()).toBe(200);
  const config = await request.get('/rubin/config');
  expect(config.status()).toBe(200);

  await page.goto('/lab');
  await expectInMenu(page, 'RSP Health', /^Run checks$/);
  await expectInMenu(page, 'File', /Exit/);
});

test('the panel works on this JupyterLab', async ({ page }) => {
  await page.goto('/lab');
  const panel = new HealthPanel(page);
  await panel.open();
  await panel.unfold(/services? up/);
  await expect(panel.service('tap')).toHaveAttribute('data-state', 'up');
  await expect(panel.section('Notebooks')).toBeVisible();
});

/** Lab fills its menus while it starts, which closes one that is open. */
async function expectInMenu(
  page: Page,
  menu: string,
  item: RegExp
): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Escape');

    await page
      .getByRole('navigation', { name: 'main menu' })
      .getByRole('menuitem', { name: menu, exact: true })
      .click();
    await expect(
      page.getByRole('menuitem', { name: item }).first()
    ).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 30_000 });
  await page.keyboard.press('Escape');
}
