import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';

/**
 * Show a folder in the file browser, until it lists an entry.
 *
 * Lab may be reading the folder that it shows: that answer comes later, and
 * takes the browser back there.
 */
export async function openFolder(
  page: IJupyterLabPageFixture,
  folder: string,
  entry: RegExp
): Promise<void> {
  await expect(async () => {
    await page.filebrowser.openDirectory(folder);
    await expect(page.getByRole('listitem', { name: entry })).toBeVisible({
      timeout: 3000
    });
  }).toPass({ timeout: 60_000 });
}

/** Choose from the context menu of a line of the file browser. */
export async function choose(
  page: Page,
  name: RegExp,
  item: string
): Promise<void> {
  await expect(async () => {
    await page
      .getByRole('listitem', { name })
      .click({ button: 'right', timeout: 10_000 });
    await page
      .getByRole('menuitem', { name: item })
      // What is switched on is another kind of item.
      .or(page.getByRole('menuitemcheckbox', { name: item }))
      .click({ timeout: 10_000 });
  }).toPass({ timeout: 60_000 });
}
