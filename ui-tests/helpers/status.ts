import type { Locator } from '@playwright/test';
import { expect } from '@playwright/test';

import type { HealthPanel } from './panel';
import type { Sandbox } from './sandbox';

/** What the panel must say of one service. */
export interface IExpectedRow {
  state: string | RegExp;
  /** What stands in its line or its details. */
  says?: (RegExp | string)[];
}

/** What the panel must say in one scenario of the sandbox. */
export interface IScenarioCase {
  scenario: string;
  /** Rows by their ids. */
  rows: Record<string, IExpectedRow>;
  /** Rows that must not be there at all. */
  without?: string[];
  /** Services that are probed by the user's click. */
  probe?: string[];
  /** Services of whose data the user's click reads a row. */
  query?: string[];
  /** What else stands in the panel. */
  panel?: (RegExp | string)[];
  /** What the status bar says. */
  bar?: RegExp;
}

/** How long an answer that is there may take to be drawn, in ms. */
const DRAWN = 300;

/** Let the platform suffer, and see what the panel makes of it. */
export async function meet(
  panel: HealthPanel,
  sandbox: Sandbox,
  expected: IScenarioCase
): Promise<void> {
  const { rows, without = [], panel: texts = [], bar } = expected;
  const clicks = [
    ...(expected.probe ?? []).map(id => [id, 'Probe now'] as const),
    ...(expected.query ?? []).map(id => [id, /^Try a query/] as const)
  ];
  // What a click on a row changes is only seen after it.
  const clicked = clicks.map(([id]) => id);
  const early = clicks.length ? [] : texts;
  await sandbox.setScenario(expected.scenario);
  // Three looks until a service is called down: nothing flips at once.
  await expect(async () => {
    const answered = panel.page.waitForResponse(/services\/refresh/);
    await panel.refresh();
    await answered;
    await unfoldAll(panel);
    for (const [id, { state, says = [] }] of Object.entries(rows)) {
      if (!clicked.includes(id)) {
        await expect(panel.service(id)).toHaveAttribute('data-state', state, {
          timeout: DRAWN
        });
        // A row may keep its state and still wait for the next evidence.
        await expectSaid(panel, id, says, DRAWN);
      }
    }
    for (const id of without) {
      await expect(panel.service(id)).toHaveCount(0, { timeout: DRAWN });
    }
    for (const text of early) {
      await expect(panel.root).toContainText(text, { timeout: DRAWN });
    }
    // A quota that an earlier test used up is told until its minute is over.
    if (bar && !clicks.length) {
      await expect(statusBarItem(panel)).toHaveText(bar, { timeout: DRAWN });
    }
  }).toPass({ timeout: 90_000, intervals: [100] });
  for (const [id, name] of clicks) {
    const details = await openDetails(panel, id);
    await details.getByRole('button', { name }).click();
    await expect(panel.service(id)).toHaveAttribute(
      'data-state',
      rows[id].state
    );
  }
  for (const id of clicked) {
    await expectSaid(panel, id, rows[id].says ?? []);
  }
  for (const text of texts) {
    await expect(panel.root).toContainText(text);
  }
  if (bar && clicks.length) {
    await expect(statusBarItem(panel)).toHaveText(bar);
  }
}

/** Find all these words in a row or its details. */
async function expectSaid(
  panel: HealthPanel,
  id: string,
  says: (RegExp | string)[],
  timeout?: number
): Promise<void> {
  if (says.length) {
    const row = await openDetails(panel, id);
    for (const text of says) {
      await expect(row).toContainText(text, { timeout });
    }
  }
}

/** Let the platform recover from what an earlier test did to it. */
export async function recover(
  panel: HealthPanel,
  sandbox: Sandbox
): Promise<void> {
  await meet(panel, sandbox, {
    scenario: 'healthy',
    rows: {},
    panel: [/Services1\d up/]
  });
}

/** Our item in Lab's status bar. */
export function statusBarItem(panel: HealthPanel): Locator {
  return panel.page
    .locator('#jp-main-statusbar')
    .getByRole('button', { name: /^RSP:/ });
}

/** Open every group of services that is folded. */
export async function unfoldAll(panel: HealthPanel): Promise<void> {
  const folded = panel
    .section('Services')
    .getByRole('button', { expanded: false, name: GROUP });
  for (let left = await folded.count(); left > 0; left -= 1) {
    await folded.first().click({ timeout: 5000 });
  }
}

const GROUP =
  /services? up$|on request only$|not open to you$|needs? (your login|the login service)$|not probed from a lab$|not deployed here$/;

/** The panel's first line: the first cause of what is wrong. */
export function verdict(panel: HealthPanel): Locator {
  return panel.root.locator('.jp-RSPHealth-verdict');
}

/** The ids of all services that are shown as up. */
export async function shownAsUp(panel: HealthPanel): Promise<string[]> {
  await unfoldAll(panel);
  const rows = panel.root.locator('[data-rsp-health-service][data-state="up"]');
  return rows.evaluateAll(all =>
    all.map(row => row.getAttribute('data-rsp-health-service') ?? '')
  );
}

/** Open the details of a row, and return the row. */
export async function openDetails(
  panel: HealthPanel,
  id: string
): Promise<Locator> {
  await unfoldAll(panel);
  const row = panel.service(id);
  const button = row.getByRole('button').first();
  if ((await button.getAttribute('aria-expanded')) === 'false') {
    await button.click();
  }
  await expect(button).toHaveAttribute('aria-expanded', 'true');
  return row;
}
