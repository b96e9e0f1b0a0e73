// Run by `make test-packaging` in a clean environment: the wheel on the RSP
// image's JupyterLab 4.5.8, beside rsp-jupyter-extensions. Plain Playwright:
// Galata's own helpers belong to another release of JupyterLab.
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
  const menubar = page.getByRole('navigation', { name: 'main menu' });
  await menubar
    .getByRole('menuitem', { name: 'RSP Health', exact: true })
    .click();
  await expect(
    page.getByRole('menuitem', { name: 'Run checks', exact: true })
  ).toBeVisible();
  await page.keyboard.press('Escape');
  // eslint-disable-next-line jupyter/galata-prefer-menu-helper -- no Galata here
  await menubar.getByRole('menuitem', { name: 'File', exact: true }).click();
  await expect(
    page.getByRole('menuitem', { name: /Exit/ }).first()
  ).toBeVisible();
  await page.keyboard.press('Escape');
});

test('the panel works on this JupyterLab', async ({ page }) => {
  await page.goto('/lab');
  const panel = new HealthPanel(page);
  await panel.open();
  await panel.unfold(/services? up/);
  await expect(panel.service('tap')).toHaveAttribute('data-state', 'up');
  await expect(panel.section('Notebooks')).toBeVisible();
});
