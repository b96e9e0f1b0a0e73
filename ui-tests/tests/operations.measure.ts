// What two tabs show while a user, and the platform, do all kinds of things in
// a random order: few notices, none untrue, and no spinner without its
// operation. `python -m tests.faults.operations` reads what is printed.
import type { Page } from '@playwright/test';

import { appendFileSync, existsSync } from 'fs';
import { join } from 'path';

import { systemTest } from '../helpers/files';
import { Gate, placeCheckout, removeRuns } from '../helpers/notebooks';
import { HealthPanel } from '../helpers/panel';
import type { Sandbox } from '../helpers/sandbox';
import { expect, removeCheckouts, test } from '../helpers/test';
import { kindOf, shown, truth, untrue } from '../helpers/truth';

const COUNT = Number(process.env.RSP_HEALTH_OPERATIONS ?? 200);
const SEED = Number(process.env.RSP_HEALTH_SEED ?? 1);

/** How many notices may be in view at a time. */
const MOST = 3;

/** How long a page may show what has just ceased to be so, in ms. */
const LAG = 15_000;

/** How long a control may take to come, on a machine that is busy, in ms. */
const SOON = 60_000;

const SCENARIOS = [
  'healthy',
  'healthy',
  'tap-down',
  'maintenance',
  'expired-token',
  'gafaelfawr-down',
  'everything-down',
  'unreachable'
];

const gate = new Gate('operations');

/** Numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const chance = numbers(SEED);

function pick<T>(of: readonly T[]): T {
  return of[Math.floor(chance() * of.length)];
}

/** One thing that a user does; false if there is nothing to do it with. */
type Deed = (panel: HealthPanel, sandbox: Sandbox) => Promise<boolean>;

/** Click a button of the section Notebooks, if it is there and can be. */
async function press(panel: HealthPanel, name: RegExp): Promise<boolean> {
  const button = panel
    .section('Notebooks')
    .getByRole('button', { name })
    .and(panel.page.locator('[aria-disabled="false"]'))
    .first();
  try {
    await button.click({ timeout: 20_000 });
    return true;
  } catch (error) {
    // It may have gone, or its run ended, since it was looked for.
    if (await button.count()) {
      throw error;
    }
    return false;
  }
}

/** Agree to what a dialog asks as soon as it has been filled. */
async function agree({ page }: HealthPanel): Promise<boolean> {
  // The button that agrees is the last one, and comes to life when all is told.
  await page
    .locator('.jp-Dialog .jp-Dialog-button')
    .last()
    .and(page.locator(':not([aria-disabled="true"])'))
    .click({ timeout: SOON });
  await expect(page.locator('.jp-Dialog')).toHaveCount(0, { timeout: SOON });
  return true;
}

const DEEDS: Record<string, Deed> = {
  run: panel => press(panel, /^Run (gafaelfawr|portal|tap)(\.ipynb)?$/),
  'run all': panel => press(panel, /^Run checks$/),
  stop: panel => press(panel, /^Stop$/),
  'check out': async panel =>
    (await press(panel, /^(Check out again…|Check out System test…)$/)) &&
    agree(panel),
  restore: async panel => {
    if (await press(panel, /^Restore…/)) {
      return agree(panel);
    }
    return (
      (await press(panel, /backup/)) &&
      (await press(panel, /^Restore…/)) &&
      agree(panel)
    );
  },
  scenario: async (panel, sandbox) => {
    await sandbox.setScenario(pick(SCENARIOS));
    await panel.refresh();
    return true;
  },
  probe: async panel => {
    await panel.refresh();
    return true;
  },
  reload: async panel => {
    await panel.page.reload();
    await ready(panel);
    return true;
  },
  work: () => {
    const isThere = existsSync(systemTest);
    if (isThere) {
      appendFileSync(join(systemTest, 'my notes.txt'), 'a line\n');
    }
    return Promise.resolve(isThere);
  },
  open: async panel => {
    const line = panel.line('tap.ipynb');
    if (!(await line.count())) {
      return false;
    }
    await line.first().locator('.jp-RSPHealth-nodeLine').click();
    return true;
  }
};

/** Wait for a lab with an open panel. */
async function ready(panel: HealthPanel): Promise<void> {
  const { page } = panel;
  await expect(page.locator('#jupyterlab-splash')).toHaveCount(0, {
    timeout: 120_000
  });
  // Lab puts back which tabs were open; a click before that closes ours.
  await page.evaluate(async () => {
    await (window as unknown as { jupyterapp: { restored: Promise<void> } })
      .jupyterapp.restored;
  });
  await panel.open();
  await page.locator('.jp-RSPHealth-verdict').waitFor();
}

/** A second tab of the same lab, which has no settings of Galata's. */
async function secondTab(page: Page): Promise<Page> {
  const plugin = '@jupyterlab/apputils-extension:notification';
  await page.request.put(`/lab/api/settings/${plugin}`, {
    data: { raw: '{"fetchNews": "false", "checkForUpdates": false}' }
  });
  const second = await page.context().newPage();
  await second.goto('/lab/workspaces/second');
  return second;
}

test('two tabs tell the truth', async ({ page, panel, sandbox }) => {
  test.setTimeout(7_200_000);
  removeCheckouts();
  removeRuns();
  placeCheckout({
    'gafaelfawr.ipynb': { greet: 'print("hello")' },
    'portal.ipynb': { wait: gate.source },
    'tap.ipynb': { query: 'raise ValueError("no")' }
  });
  gate.open();
  const panels = [panel, new HealthPanel(await secondTab(page))];
  for (const each of panels) {
    each.page.on('dialog', dialog => void dialog.accept());
    await ready(each);
    // The buttons of lines are always there in a panel that has the room.
    await widen(each.page);
  }
  const faults: string[] = [];
  const done: Record<string, number> = {};
  const kinds: Record<string, number> = {};
  let most = 0;
  let longest = 0;
  let way: string[] = [];
  const look = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const each of panels) {
      const seen = await shown(each.page);
      const real = await truth(page);
      most = Math.max(most, seen.notices.length);
      if (seen.notices.length > MOST) {
        const texts = seen.notices.map(({ text }) => text);
        found.push(`${texts.length}: ${texts.join(' | ')}`);
      }
      for (const { text } of seen.notices) {
        kinds[kindOf(text)] = (kinds[kindOf(text)] ?? 0) + 1;
      }
      found.push(...untrue(seen, real));
    }
    return found;
  };
  for (let turn = 0; turn < COUNT; turn += 1) {
    const actor = pick(panels);
    const name = pick(Object.keys(DEEDS));
    // A notebook waits for a while, so that there is something to stop.
    if (chance() < 0.3) {
      gate.close();
    }
    let how = name;
    try {
      how = (await DEEDS[name](actor, sandbox)) ? name : `(${name})`;
    } catch (error) {
      how = `${name}!`;
      faults.push(`${turn}, ${name}: ${String(error).split('\n')[0]}`);
      await picture(actor.page, `${turn}-error`);
    }
    way = [...way.slice(-5), how];
    done[how] = (done[how] ?? 0) + 1;
    await page.waitForTimeout(chance() * 1500);
    gate.open();
    for (const each of panels) {
      if (await each.page.locator('.jp-Dialog').count()) {
        await each.page.keyboard.press('Escape');
      }
    }
    const since = Date.now();
    let found = await look();
    while (found.length && Date.now() - since < LAG) {
      await page.waitForTimeout(250);
      found = await look();
    }
    if (found.length) {
      faults.push(...found.map(text => `${turn}, ${way.join(', ')}: ${text}`));
      await picture(panels[0].page, `${turn}-first`);
      await picture(panels[1].page, `${turn}-second`);
    } else {
      longest = Math.max(longest, Date.now() - since);
    }
    process.stdout.write(`operation ${turn} ${how} ${found.join(' / ')}\n`);
  }
  process.stdout.write(
    `operations ${JSON.stringify({ count: COUNT, most, longest, done, kinds, faults })}\n`
  );
  expect(faults).toEqual([]);
});

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `screenshots/operation-${name}.png` });
}

/** Pull the side bar to a width in which nothing has to be pointed at. */
async function widen(page: Page): Promise<void> {
  const handle = page.locator('#jp-main-split-panel > .lm-SplitPanel-handle');
  const box = await handle.first().boundingBox();
  if (box) {
    await page.mouse.move(box.x + box.width / 2, box.y + 300);
    await page.mouse.down();
    await page.mouse.move(500, box.y + 300, { steps: 3 });
    await page.mouse.up();
  }
}
