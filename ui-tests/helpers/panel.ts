import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';

/** The panel as a user finds it: by role and label. */
export class HealthPanel {
  constructor(readonly page: Page) {}

  /** The panel itself. */
  get root(): Locator {
    return this.page.locator('#rsp-health-panel');
  }

  /** Open it by its tab in the left side bar, if it is not open. */
  async open(): Promise<void> {
    const tab = this.page.getByRole('tab', { name: 'RSP Health' });
    if ((await tab.getAttribute('aria-selected')) !== 'true') {
      await tab.click();
    }
    await expect(this.root).toBeVisible();
  }

  /** A section: Services, Notebooks, Runs or My lab. */
  section(name: string): Locator {
    return this.root.getByRole('region', { name: new RegExp(`^${name}`) });
  }

  /** The row of a service, by its stable id. */
  service(id: string): Locator {
    return this.root.locator(`[data-rsp-health-service="${id}"]`);
  }

  /** Unfold a group of services by the words of its button. */
  async unfold(words: RegExp): Promise<void> {
    const button = this.section('Services').getByRole('button', {
      name: words
    });
    if ((await button.getAttribute('aria-expanded')) === 'false') {
      await button.click();
    }
  }

  /** A line of the tree of notebooks, by how its spoken name begins. */
  line(name: string): Locator {
    const start = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return this.root
      .getByRole('tree', { name: 'Notebooks' })
      .getByRole('treeitem', { name: new RegExp(`^${start}(,|$)`) });
  }

  /** Probe the services again, now. */
  async refresh(): Promise<void> {
    await this.root
      .getByRole('button', { name: 'Probe the services now' })
      .click();
  }
}

/** Call a command from the menu RSP Health, by clicking. */
export async function chooseFromMenu(
  page: Page,
  ...path: string[]
): Promise<void> {
  let again = false;
  await expect(async () => {
    // A submenu that is filled while it is open closes: then all of it again.
    if (again) {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
    }
    again = true;
    await page
      .getByRole('navigation', { name: 'main menu' })
      .getByRole('menuitem', { name: 'RSP Health', exact: true })
      .click({ timeout: 5000 });
    for (const name of path) {
      // Lumino gives an item that opens a submenu the role listitem.
      await page
        .getByRole('menuitem', { name, exact: true })
        .or(
          page.getByRole('menu').getByRole('listitem').filter({ hasText: name })
        )
        .last()
        .click({ timeout: 5000 });
    }
  }).toPass({ timeout: 60_000 });
}

/** The notice whose text begins so. */
export function notice(page: Page, start: RegExp): Locator {
  return page
    .locator('.Toastify__toast')
    .filter({ has: page.getByText(start) });
}
