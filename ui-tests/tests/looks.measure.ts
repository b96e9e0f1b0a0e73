// Pictures of the panel at three widths, in each theme, with forced colours and
// at a zoom of 200 %, to be looked at (`ui-tests/screenshots/`); and axe on each.
//   RSP_HEALTH_UI_BENCH=1 jlpm playwright test --project bench looks
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { expectAccessible } from '../helpers/axe';
import { meet, openDetails } from '../helpers/status';
import { expect, test } from '../helpers/test';

const WIDTHS = [260, 400, 600];
const THEMES = [
  'JupyterLab Light',
  'JupyterLab Dark',
  'JupyterLab Dark High Contrast'
];
const SIZE = { width: 1280, height: 900 };

/** What is wrong in a scenario, and what the panel's first line then says. */
const HEADS: Record<string, string> = {
  healthy: 'well',
  'tap-down': 'service',
  'expired-token': 'login',
  maintenance: 'announced',
  'everything-down': 'root_service',
  unreachable: 'network'
};

/** Take a picture of a part in every look, and ask axe each time. */
async function look(page: IJupyterLabPageFixture, name: string): Promise<void> {
  const take = async (as: string): Promise<void> => {
    await page.screenshot({
      path: `screenshots/${name}-${as}.png`,
      clip: { x: 0, y: 0, width: 700, height: page.viewportSize()?.height ?? 1 }
    });
    await expectAccessible(page, '#rsp-health-panel');
  };
  for (const theme of THEMES) {
    await page.theme.setTheme(theme);
    for (const width of WIDTHS) {
      await page.sidebar.setWidth(width);
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

/** A day in which a service was well, slow, out, and not looked at. */
function day(): object {
  const half = 1_800_000;
  const first = Math.floor(Date.now() / half) - 47;
  const states = Array.from({ length: 48 }, (_, place) =>
    place < 12 || (place > 28 && place < 34)
      ? null
      : place < 18 || place > 41
        ? 'up'
        : place < 21
          ? 'degraded'
          : place < 26
            ? 'down'
            : place < 29
              ? 'unknown'
              : 'up'
  );
  return {
    schema: 'rsp-health.service-history/1',
    service: 'tap',
    observed_at: new Date().toISOString(),
    begins_at: new Date(first * half).toISOString(),
    half_hours: states.flatMap((state, place) =>
      state === null
        ? []
        : [
            {
              start: new Date((first + place) * half).toISOString(),
              state,
              checks: 30,
              not_passed: state === 'up' ? Number(place === 15) : 17,
              slowest_s: state === 'down' ? null : 0.4
            }
          ]
    )
  };
}

test('the first line with each verdict', async ({ page, panel, sandbox }) => {
  test.setTimeout(1_200_000);
  await panel.open();
  for (const [scenario, state] of Object.entries(HEADS)) {
    await meet(panel, sandbox, { scenario, rows: {} });
    await expect(async () => {
      await panel.refresh();
      await expect(
        panel.root.locator(`[data-state="${state}"]`).first()
      ).toBeVisible({ timeout: 2000 });
    })
      .toPass({ timeout: 30_000 })
      .catch(() => {
        process.stdout.write(`no verdict ${state} in ${scenario}\n`);
      });
    await look(page, `head-${scenario}`);
  }
});

test('the last day of a service', async ({ page, panel, sandbox }) => {
  test.setTimeout(600_000);
  await page.route(/services\/history\?service=tap&|history\?service=tap$/, r =>
    r.fulfill({ json: day() })
  );
  await panel.open();
  await meet(panel, sandbox, {
    scenario: 'tap-down',
    rows: { tap: { state: 'down' } }
  });
  await openDetails(panel, 'tap');
  const strip = panel.service('tap').getByRole('slider');
  await strip.focus();
  await page.keyboard.press('Home');
  for (let turn = 0; turn < 22; turn += 1) {
    await page.keyboard.press('ArrowRight');
  }
  await expect(panel.service('tap')).toContainText(/to .*: down/);
  await look(page, 'day');
});
