import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';

/** Fail on serious or critical accessibility violations inside a part. */
export async function expectAccessible(
  page: Page,
  selector: string
): Promise<void> {
  // What is still being drawn would be no element at all.
  await expect(page.locator(selector).first()).toBeAttached();
  const { violations } = await new AxeBuilder({ page })
    .include(selector)
    .analyze();
  const grave = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => ({ id, where: nodes.map(node => node.html) }));
  expect(grave).toEqual([]);
}
