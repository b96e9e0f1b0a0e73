// How the services are handled: by keyboard, filtered, muted, with texts that
// are not harmless, and with news that is old.
import type { Page } from '@playwright/test';

import { expectAccessible } from '../helpers/axe';
import { notice } from '../helpers/panel';
import {
  meet,
  openDetails,
  recover,
  statusBarItem,
  unfoldAll
} from '../helpers/status';
import { expect, test } from '../helpers/test';

const MARKUP = '<img src=x onerror=window.hostile=1>';

/** Characters that steer a terminal, or turn or hide what follows. */
const STEERING = /[\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/; // eslint-disable-line no-control-regex -- they are what is looked for

test('shows hostile texts as text', async ({ page, panel, sandbox }) => {
  await panel.open();
  await meet(panel, sandbox, {
    scenario: 'hostile',
    rows: {
      tap: {
        state: 'degraded',
        says: [
          `<script>window.hostile=1</script>${MARKUP} is not gpj.exe`,
          'TAP_SCHEMA was asked, not the data'
        ]
      },
      [`hips:dp1 ${MARKUP}`.replaceAll('"', '\\"')]: {
        state: 'restricted',
        says: [`HiPS dp1 ${MARKUP}`]
      },
      [MARKUP]: { state: 'unmonitored', says: [MARKUP] }
    },
    panel: [
      `rsp-sandbox ${MARKUP} · `,
      'Careful with this gpj.exe',
      'For you only',
      '<b>bold</b>'
    ]
  });
  const news = panel.root.getByRole('region', { name: 'Announcements' });
  await news.getByRole('button', { name: /Careful/ }).click();
  await expect(news).toContainText('Details: none');
  await news.getByRole('button', { name: '1 more announcement' }).click();
  await expect(news).toContainText('1 < 2 & 3 > 2');
  // Nothing of it is more than text, here or elsewhere in the page.
  await expect(
    panel.root.locator('img, script, iframe, b, [onload], [onerror]')
  ).toHaveCount(0);
  await expect(page.locator('a[href^="javascript:"]')).toHaveCount(0);
  expect(await panel.root.textContent()).not.toMatch(STEERING);
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false);
  // A name from right to left does not turn the line that it stands in.
  const odd = panel.root.locator('.jp-RSPHealth-name', { hasText: 'שלום' });
  await expect(odd).toHaveCSS('unicode-bidi', 'isolate');
  await expectAccessible(page, '#rsp-health-panel');
});

/** Press Tab until something of this name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const said: string[] = [];
  for (let turn = 0; turn < 80; turn += 1) {
    const label = await page.evaluate(() => {
      const element = document.activeElement ?? document.body;
      return element.getAttribute('aria-label') ?? element.textContent;
    });
    said.push(label);
    if (name.test(label)) {
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`${String(name)} is not reached: ${said.join(' | ')}`);
}

test('works by keyboard alone', async ({ page, panel, sandbox }) => {
  await page.keyboard.press('Control+Alt+p');
  await expect(panel.root).toBeVisible();
  await recover(panel, sandbox);
  await tabTo(page, /^Probe the services now$/);
  await page.keyboard.press('Enter');
  // A group, a row in it, and the row's details.
  await tabTo(page, /^1\d services up$/);
  await page.keyboard.press('Enter');
  await expect(panel.service('tap')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await tabTo(page, /^TAP up$/);
  await page.keyboard.press('Space');
  await expect(panel.service('tap')).toContainText('VOSI says available');
  await tabTo(page, /^History of TAP$/);
  await page.keyboard.press('Enter');
  await expect(panel.service('tap').getByRole('table').first()).toBeVisible();
  await tabTo(page, /^Evidence$/);
  await tabTo(page, /^3 datasets$/);
  await page.keyboard.press('Enter');
  const matrix = panel.section('Services').getByRole('table').last();
  await expect(matrix.getByRole('row', { name: /^TAP \(Solar/ })).toHaveText(
    'TAP (Solar System)up'
  );
  // What costs something, found by typing.
  const search = panel.root.getByRole('searchbox', { name: 'Filter services' });
  await search.focus();
  await page.keyboard.type('cut');
  await expect(panel.service('tap')).toHaveCount(0);
  await tabTo(page, /^Cutouts unknown$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Probe now$/);
  await page.keyboard.press('Enter');
  await expect(panel.service('vo-cutouts')).toHaveAttribute('data-state', 'up');
  await tabTo(page, /^Mute Cutouts$/);
  await page.keyboard.press('Space');
  const mute = panel.root.getByRole('button', { name: /^(Unm|M)ute Cutouts$/ });
  await expect(mute).toHaveText('Unmute');
  await expect(mute).toBeFocused();
  await page.keyboard.press('Space');
  await expect(mute).toHaveText('Mute');
  await search.focus();
  await page.keyboard.press('Escape');
  await expect(search).toHaveValue('');
});

test('leaves a muted service in the panel, and in peace', async ({
  page,
  panel,
  sandbox
}) => {
  await panel.open();
  await panel.unfold(/services up$/);
  const row = await openDetails(panel, 'tap');
  await row.getByRole('button', { name: 'Mute TAP' }).click();
  await expect(row).toContainText('muted');
  await meet(panel, sandbox, {
    scenario: 'tap-down',
    rows: { tap: { state: 'down', says: ['muted'] } },
    panel: [/1 muted · 1\d up/],
    bar: /^RSP: 1\d up, 1 muted$/
  });
  // Another one is told, in Lab's list too, and the muted one is not.
  await meet(panel, sandbox, {
    scenario: 'semaphore-down',
    rows: { semaphore: { state: 'down' }, tap: { state: 'up' } }
  });
  const list = page.locator('.jp-Notification-List');
  await expect(notice(page, /is down\.$/)).toBeVisible();
  await page.locator('.jp-Notification-Status').click();
  await expect(list).toContainText(/is down\./);
  await expect(list).not.toContainText('TAP');
  await page.keyboard.press('Escape');
  await meet(panel, sandbox, {
    scenario: 'tap-down',
    rows: { tap: { state: 'down' } }
  });
  // It is kept, and told again after a click.
  await page.reload();
  await panel.open();
  await expect(panel.service('tap')).toContainText('muted');
  const again = await openDetails(panel, 'tap');
  await again.getByRole('button', { name: 'Unmute TAP' }).click();
  await expect(statusBarItem(panel)).toHaveText(/^RSP: TAP down$/);
  await expect(panel.service('tap')).not.toContainText('muted');
});

test('marks what is old, and claims nothing on it', async ({
  page,
  panel,
  sandbox
}) => {
  await panel.open();
  await recover(panel, sandbox);
  await page.route('**/rsp-health/services*', async route => {
    const response = await route.fetch();
    const document = (await response.json()) as {
      services: Record<string, unknown>[];
    };
    const tap = document.services.find(service => service.id === 'tap');
    Object.assign(tap ?? {}, {
      state: 'unknown',
      stale: true,
      age_s: 362,
      evidence: 'no fresh check; the last one said: VOSI says available'
    });
    await route.fulfill({ response, json: document });
  });
  await page.reload();
  await panel.open();
  const tap = panel.service('tap');
  await expect(tap).toContainText(/TAP unknown6 min agostale/);
  await expect(tap).toContainText('no fresh check; the last one said');
  await expect(panel.section('Services')).toContainText(/1 unknown · 1\d up/);
  // Without an answer of the server, all of it is old.
  await page.route('**/rsp-health/**', route => route.abort());
  await panel.refresh();
  await expect(panel.section('Services')).toContainText('not known now');
  await expect(panel.section('Services')).toContainText(
    /What follows was read/
  );
  await expect(statusBarItem(panel)).toHaveText(/^RSP: last seen/);
  await unfoldAll(panel);
  await expect(
    panel.section('Services').locator('.jp-RSPHealth-icon.jp-mod-good')
  ).toHaveCount(0);
});

test('says what is too big for this lab', async ({ page, panel }) => {
  const GIB = 1024 ** 3;
  await page.route('**/rsp-health/quota*', async route => {
    const response = await route.fetch();
    const document = (await response.json()) as { lab: object };
    Object.assign(document.lab, {
      memory_used_bytes: 7.5 * GIB,
      memory_limit_bytes: 8 * GIB,
      cpu_used: 1.5,
      cpu_limit: 2,
      oom_kills: 2,
      hints: [
        'Only 0.5 GiB of memory are left: what needs more is killed.',
        'Lack of memory has ended 2 processes in this lab.'
      ]
    });
    await route.fulfill({ response, json: document });
  });
  await panel.open();
  const lab = panel.section('My lab');
  await expect(lab).toContainText('Medium (2.0 CPU, 8Gi RAM)');
  await expect(lab.getByRole('meter', { name: 'Memory' })).toHaveAttribute(
    'aria-valuetext',
    '7.5 GiB of 8 GiB'
  );
  await expect(lab).toContainText('Only 0.5 GiB of memory are left');
  // Told once, though the document has the number too.
  await expect(lab.getByText(/ended 2 processes|were ended/)).toHaveCount(1);
  await expect(lab).toContainText(/Token: expires in \d+ d/);
  await lab.getByRole('button', { name: 'Quotas of 5 services' }).click();
  await expect(lab.getByRole('row', { name: /^vo-cutouts/ })).toContainText(
    '35'
  );
});
