import { rmSync } from 'fs';
import { join } from 'path';

import {
  JupyterLabPage,
  expect,
  galata,
  test as base
} from '@jupyterlab/galata';

import { CanaryWatch } from './canary';
import { HealthPanel } from './panel';
import { Sandbox } from './sandbox';

/** The scratch home that the lab under test runs in. */
export const home = process.env.RSP_HEALTH_UI_HOME ?? '';

/** How long the lab may take to be there, on a machine that is busy. */
const READY = { timeout: 120_000 };

// Galata gives up on a lab that is not there after 15 s.
const waitForCondition = JupyterLabPage.prototype.waitForCondition;
JupyterLabPage.prototype.waitForCondition = function (condition, timeout) {
  return waitForCondition.call(this, condition, timeout ?? READY.timeout);
};

/** Galata's test, with the panel and the sandbox at hand. */
export const test = base.extend<{
  sandbox: Sandbox;
  panel: HealthPanel;
}>({
  // Settings and the layout are each test's own.
  mockSettings: {
    ...galata.DEFAULT_SETTINGS,
    '@jupyterlab/apputils-extension:notification': {
      fetchNews: 'false',
      checkForUpdates: false
    }
  },
  // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern here
  waitForApplication: async ({}, use) => {
    await use(async (page, helpers) => {
      await expect(page.locator('#jupyterlab-splash')).toHaveCount(0, READY);
      await expect(page.locator('.jp-Launcher')).toBeVisible(READY);
      await helpers.activity.activateTab('Launcher');
    });
  },
  // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern here
  sandbox: async ({}, use) => {
    const sandbox = new Sandbox();
    await sandbox.setScenario('healthy');
    await use(sandbox);
    await sandbox.setScenario('healthy');
  },
  // The browser never sees the lab's token, whatever a test does.
  context: async ({ context }, use) => {
    const watch = new CanaryWatch(context);
    await use(context);
    expect(await watch.places()).toEqual([]);
  },
  panel: async ({ page, sandbox }, use) => {
    // A panel is looked at on a platform whose state is known.
    await sandbox.setScenario('healthy');
    await use(new HealthPanel(page));
  }
});

/** Remove every checkout and backup, as before the first use. */
export function removeCheckouts(): void {
  if (!home) {
    throw new Error('RSP_HEALTH_UI_HOME is not set');
  }
  removeFolder(join(home, 'notebooks'));
}

/** Remove a folder in which the lab may be at work. */
export function removeFolder(path: string): void {
  rmSync(path, {
    recursive: true,
    force: true,
    maxRetries: 10,
    retryDelay: 100
  });
}

export { expect } from '@jupyterlab/galata';
