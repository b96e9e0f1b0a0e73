// Pictures of the panel at three widths, in each theme, with forced colours and
// at a zoom of 200 %, to be looked at (`ui-tests/screenshots/`); and axe on each.
//   RSP_HEALTH_UI_BENCH=1 jlpm playwright test looks --project bench
import { expectReached, look } from '../helpers/looks';
import { meet, openDetails, verdict } from '../helpers/status';
import { expect, test } from '../helpers/test';

/** What is shown first, and the scenario in which it is. */
const HEADS: Record<string, string> = {
  well: 'healthy',
  service: 'tap-down',
  login: 'expired-token',
  quota: 'blocked',
  root_service: 'gafaelfawr-down',
  network: 'unreachable',
  announced: 'maintenance'
};

/** What no scenario brings: the server's words are put into its answer. */
const TOLD: Record<string, object> = {
  checks: {
    word: '2 checks failed',
    told: '14 services are up, but 2 checks failed: a_notebook_of_light_curves, images.',
    advice: 'Open the failed notebook at its failed cell.'
  },
  lab: {
    word: 'disk full',
    told: 'The disk of this lab is full: 0 bytes of 30 GiB are free. Since 21:33 UTC.',
    advice: 'Yours to fix. Delete what you do not need, then check again.'
  },
  unknown: {
    word: '9 up, 3 unknown',
    told: '9 services are up; nothing certain is known of TAP, SIA and Portal.',
    advice: 'Wait for the next check, or check again now.'
  }
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

test.describe('the first line', () => {
  for (const [state, scenario] of Object.entries(HEADS)) {
    test(`the first line: ${state}`, async ({ page, panel, sandbox }) => {
      test.setTimeout(600_000);
      await panel.open();
      await meet(panel, sandbox, { scenario, rows: {} });
      await expect(async () => {
        await panel.refresh();
        await expect(verdict(panel)).toHaveAttribute('data-state', state, {
          timeout: 2000
        });
      }).toPass({ timeout: 120_000 });
      await look(page, `head-${state}`);
      await expectReached(panel.root);
    });
  }

  for (const [state, words] of Object.entries(TOLD)) {
    test(`the first line: ${state}`, async ({ page, panel }) => {
      test.setTimeout(600_000);
      await page.route(/\/services(\/refresh)?(\?[^/]*)?$/, async route => {
        const response = await route.fetch();
        const json = (await response.json()) as { verdict: object };
        Object.assign(json.verdict, words, { state });
        await route.fulfill({ response, json });
      });
      await panel.open();
      await expect(verdict(panel)).toHaveAttribute('data-state', state);
      await look(page, `head-${state}`);
      await expectReached(panel.root);
    });
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
