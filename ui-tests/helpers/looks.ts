import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import { expect } from '@playwright/test';

import { expectAccessible } from './axe';

const WIDTHS = [260, 400, 600];
export const THEMES = [
  'JupyterLab Light',
  'JupyterLab Dark',
  'JupyterLab Dark High Contrast'
];
const PANEL = '#rsp-health-panel';
const SIZE = { width: 1280, height: 900 };

/** The side bar, at its widest. */
const CLIP = { x: 0, y: 0, width: 700, height: SIZE.height };

/** Take a picture of a part in every look, and ask axe each time. */
export async function look(
  page: IJupyterLabPageFixture,
  name: string,
  part = PANEL
): Promise<void> {
  const take = async (as: string): Promise<void> => {
    await page.screenshot({
      path: `screenshots/${name}-${as}.png`,
      ...(part === PANEL && { clip: CLIP })
    });
    await expectAccessible(page, part);
  };
  for (const theme of THEMES) {
    await page.theme.setTheme(theme);
    for (const width of WIDTHS) {
      if (part === PANEL) {
        await page.sidebar.setWidth(width);
      } else {
        // A dialog would close at the drag, and is as wide as the window lets.
        await page.setViewportSize({ ...SIZE, width: 2 * width });
      }
      await take(`${theme.replace(/\W+/g, '-')}-${width}`);
    }
  }
  await page.theme.setTheme(THEMES[0] ?? '');
  await page.emulateMedia({ forcedColors: 'active' });
  await take('forced-colors');
  await page.emulateMedia({ forcedColors: null });
  // To a page, a zoom of 200 % is a window of half the size.
  await page.setViewportSize({
    width: SIZE.width / 2,
    height: SIZE.height / 2
  });
  await take('zoom-200');
  await page.setViewportSize(SIZE);
}

/** Go on with Tab until something has the focus, as a keyboard's user does. */
export async function tabTo(target: Locator, key = 'Tab'): Promise<void> {
  for (let steps = 0; steps < 120; steps += 1) {
    if (await target.evaluate(node => node === document.activeElement)) {
      return;
    }
    await target.page().keyboard.press(key);
  }
  await expect(target).toBeFocused({ timeout: 1 });
}

/** All that can be pressed in a part is reached with Tab, and shows it. */
export async function expectReached(part: Locator): Promise<void> {
  const page = part.page();
  const pressable = part
    .locator(
      'button:enabled, a[href], :is(input, select):enabled, summary, [tabindex="0"]'
    )
    .filter({ visible: true });
  await pressable.first().focus();
  // What a script gives the focus after a click shows it only from here on.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  const unseen: string[] = [];
  // Rows may come and go meanwhile: each that was met is marked.
  for (let steps = 0; steps < 500; steps += 1) {
    const focused = await part.evaluate(node => {
      const here = document.activeElement;
      if (!(here instanceof HTMLElement) || !node.contains(here)) {
        return null;
      }
      here.dataset.met = 'by Tab';
      const { outlineStyle, boxShadow } = getComputedStyle(here);
      return {
        shown: outlineStyle !== 'none' || boxShadow !== 'none',
        html: here.outerHTML.slice(0, 120)
      };
    });
    if (!focused) {
      break;
    }
    if (!focused.shown) {
      unseen.push(focused.html);
    }
    await page.keyboard.press('Tab');
  }
  expect(unseen).toEqual([]);
  const unmet = await pressable.evaluateAll(nodes =>
    (nodes as HTMLElement[])
      .filter(node => node.tabIndex >= 0 && node.dataset.met === undefined)
      .map(node => node.outerHTML.slice(0, 120))
  );
  expect(unmet).toEqual([]);
}
