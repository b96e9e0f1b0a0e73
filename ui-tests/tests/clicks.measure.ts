// How long a click waits for the first honest change of what is seen: run,
// stop, check out, probe, strip, open, restore. `tests/benchmarks/
// bench_clicks.py` reads the lines that are printed.
import type { Locator, Page } from '@playwright/test';

import { Gate, placeCheckout, removeRuns } from '../helpers/notebooks';
import { chooseFromMenu, notice } from '../helpers/panel';
import { expect, removeCheckouts, test } from '../helpers/test';

/** How often each is clicked. */
const ROUNDS = Number(process.env.RSP_HEALTH_CLICKS ?? 10);

/** How long what follows a click may take on a machine that is busy, in ms. */
const PATIENCE = 180_000;

const gate = new Gate('clicks');

/** What one click took, in ms, and how far what stood there moved after it. */
interface IClick {
  ms: number;
  shift: number;
}

/**
 * Click, and wait for something that says that it was heard.
 *
 * @param button - What is clicked, with the mouse.
 * @param shown - A selector of what there is more of then than before.
 */
async function click(button: Locator, shown: string): Promise<IClick> {
  await expect(button).toBeVisible();
  const page = button.page();
  const seen = await page.evaluateHandle(
    ({ selector, patience }) => {
      let shift = 0;
      let began = 0;
      const shifts = new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
          shift += (entry as unknown as { value: number }).value;
        }
      });
      shifts.observe({ type: 'layout-shift' });
      const before = document.querySelectorAll(selector).length;
      const changed = new Promise<void>((resolve, reject) => {
        setTimeout(() => {
          reject(new Error(`no more of ${selector} in ${patience} ms`));
        }, patience);
        const observer = new MutationObserver(() => {
          if (document.querySelectorAll(selector).length > before) {
            observer.disconnect();
            resolve();
          }
        });
        observer.observe(document.body, {
          childList: true,
          subtree: true,
          attributes: true,
          characterData: true
        });
        document.addEventListener(
          'pointerdown',
          event => {
            began = event.timeStamp;
          },
          { capture: true, once: true }
        );
      });
      const measured = async (): Promise<IClick> => {
        await changed;
        // The frame after the one that draws it has been painted.
        await new Promise(resolve => {
          requestAnimationFrame(() => requestAnimationFrame(resolve));
        });
        const ms = performance.now() - began;
        await new Promise(resolve => setTimeout(resolve, 500));
        shifts.disconnect();
        return { ms, shift };
      };
      return { measured: measured() };
    },
    { selector: shown, patience: 20_000 }
  );
  await button.click();
  return seen.evaluate(({ measured }) => measured);
}

function tell(name: string, clicks: IClick[]): void {
  const rounded = clicks.map(({ ms, shift }) => [
    Math.round(ms),
    Number(shift.toFixed(4))
  ]);
  process.stdout.write(`click ${name} ${JSON.stringify(rounded)}\n`);
}

async function cancel(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

test('clicks', async ({ page, panel }) => {
  test.setTimeout(3_600_000);
  removeCheckouts();
  removeRuns();
  placeCheckout({
    'gafaelfawr.ipynb': { greet: 'print("hello")' },
    'portal.ipynb': { wait: gate.source },
    'tap.ipynb': { query: 'raise ValueError("no")' }
  });
  gate.open();
  await panel.open();
  const notebooks = panel.section('Notebooks');
  const button = (name: string | RegExp): Locator =>
    notebooks.getByRole('button', { name, exact: typeof name === 'string' });
  await expect(panel.line('tap')).toBeVisible({ timeout: PATIENCE });
  // The buttons of lines are always there in a panel that has the room.
  await page.sidebar.setWidth(450);
  await button('Expand all').click();
  const dialog = '.jp-Dialog';
  const measure = async (
    name: string,
    once: () => Promise<IClick>
  ): Promise<void> => {
    const clicks: IClick[] = [];
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      clicks.push(await once());
    }
    tell(name, clicks);
  };

  await measure('probe', async () => {
    const probe = panel.root.getByRole('button', {
      name: 'Probe the services now'
    });
    await expect(probe).toHaveAttribute('aria-disabled', 'false');
    return click(
      probe,
      '.jp-RSPHealth-titleRow [aria-disabled="true"], .jp-RSPHealth-titleRow [aria-busy="true"]'
    );
  });
  await measure('check out', async () => {
    const found = await click(button('Check out again…'), dialog);
    await cancel(page);
    return found;
  });
  await measure('run', async () => {
    const found = await click(
      button('Run gafaelfawr.ipynb'),
      '.jp-RSPHealth-progress'
    );
    await expect(panel.line('gafaelfawr.ipynb, passed')).toBeVisible({
      timeout: PATIENCE
    });
    await expect(notebooks.getByRole('progressbar')).toHaveCount(0);
    return found;
  });
  await measure('stop', async () => {
    gate.close();
    await button('Run portal.ipynb').click();
    await expect(panel.line('[1] wait, running')).toBeVisible({
      timeout: PATIENCE
    });
    const stop = button('Stop');
    const found = await click(stop, '.jp-RSPHealth-toolbar [aria-busy="true"]');
    await expect(notebooks.getByRole('progressbar')).toHaveCount(0, {
      timeout: PATIENCE
    });
    gate.open();
    return found;
  });
  // Its cells, and the failed one among them, are in the tree from then on.
  await button('Run tap.ipynb').click();
  await expect(panel.line('tap.ipynb, failed')).toBeVisible({
    timeout: PATIENCE
  });
  await measure('open', async () => {
    // Lab itself writes what the kernel says of its language into it.
    if (await page.notebook.isAnyActive()) {
      await page.notebook.close(true);
    }
    const line = panel.line('tap.ipynb');
    if ((await line.getAttribute('aria-expanded')) === 'false') {
      await line.click();
    }
    await expect(panel.line('[1] query')).toBeVisible();
    const found = await click(
      panel.line('[1] query').locator('.jp-RSPHealth-nodeLine'),
      '.jp-RSPHealth-node[aria-busy="true"], #jp-main-dock-panel .jp-NotebookPanel'
    );
    await expect(page.locator('.jp-NotebookPanel')).toBeVisible({
      timeout: PATIENCE
    });
    return found;
  });
  await measure('strip', async () => {
    await page.notebook.activate('tap.ipynb');
    // What is told already would be no answer to this click.
    for (const close of await page.locator('.Toastify__close-button').all()) {
      await close.click();
    }
    await expect(page.locator('.Toastify__toast')).toHaveCount(0);
    const found = await click(
      page.getByRole('button', { name: 'Strip outputs', exact: true }),
      `${dialog}, .Toastify__toast`
    );
    if (await page.getByRole('dialog').count()) {
      await cancel(page);
    }
    return found;
  });

  await chooseFromMenu(page, 'Check out', 'System test…');
  await page.getByRole('button', { name: 'Back up and replace' }).click();
  await expect(notice(page, /^System test is in/)).toBeVisible({
    timeout: PATIENCE
  });
  await notebooks
    .getByRole('button', { name: /backup/ })
    .first()
    .click();
  await measure('restore', async () => {
    const found = await click(button('Restore…').first(), dialog);
    await cancel(page);
    return found;
  });
});
