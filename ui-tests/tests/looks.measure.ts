// Pictures of the panel at three widths, in each theme, with forced colours and
// at a zoom of 200 %, to be looked at (`ui-tests/screenshots/`); and axe on each.
//   RSP_HEALTH_UI_BENCH=1 jlpm playwright test looks --project bench
import { expectReached, look } from '../helpers/looks';
import { meet, openDetails, verdict } from '../helpers/status';
import { expect, test } from '../helpers/test';

/** What is wrong in a scenario, and what the panel's first line then says. */
const HEADS: Record<string, string> = {
  healthy: 'well',
  'tap-down': 'service',
  'expired-token': 'login',
  blocked: 'quota',
  'gafaelfawr-down': 'root_service',
  unreachable: 'network',
  // Last: it is remembered while nothing can be read.
  maintenance: 'announced'
};

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
      await expect(verdict(panel)).toHaveAttribute('data-state', state, {
        timeout: 2000
      });
    }).toPass({ timeout: 60_000 });
    await look(page, `head-${scenario}`);
  }
  await expectReached(panel.root);
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
