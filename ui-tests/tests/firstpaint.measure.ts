// How long the panel takes from the user's click to its first paint, in a page
// that shows it for the first time; `tests/benchmarks/bench_status.py` reads
// the line that is printed.
import type { JupyterFrontEnd } from '@jupyterlab/application';

import { meet } from '../helpers/status';
import { expect, test } from '../helpers/test';

const ROUNDS = 10;

test('first paint from cache', async ({ page, panel, sandbox }) => {
  test.setTimeout(240_000);
  await panel.open();
  await meet(panel, sandbox, {
    scenario: 'healthy',
    rows: { tap: { state: 'up' } }
  });
  await page.sidebar.openTab('filebrowser');
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.reload();
    await expect(
      page.locator('#jp-main-statusbar').getByText(/^RSP: \d+ up/)
    ).toBeVisible();
    times.push(
      await page.evaluate(async () => {
        const { jupyterapp: app } = window as unknown as {
          jupyterapp: JupyterFrontEnd;
        };
        if (document.querySelector('.jp-RSPHealth-panel')) {
          throw new Error('The panel has been painted before.');
        }
        const began = performance.now();
        const row =
          '#rsp-health-panel .jp-RSPHealth-section li, ' +
          '#rsp-health-panel .jp-RSPHealth-disclosure';
        const filled = new Promise<void>(resolve => {
          const look = (): void => {
            if (document.querySelector(row)) {
              observer.disconnect();
              resolve();
            }
          };
          const observer = new MutationObserver(look);
          observer.observe(document.body, { childList: true, subtree: true });
          look();
        });
        void app.commands.execute('rsp-health:open-panel');
        await filled;
        // The frame after the one that draws it has been painted.
        await new Promise(resolve => {
          requestAnimationFrame(() => requestAnimationFrame(resolve));
        });
        return performance.now() - began;
      })
    );
    await page.sidebar.openTab('filebrowser');
  }
  process.stdout.write(`first-paint-ms ${JSON.stringify(times)}\n`);
});
