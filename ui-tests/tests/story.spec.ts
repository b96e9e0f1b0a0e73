import { expectAccessible } from '../helpers/axe';
import { chooseFromMenu } from '../helpers/panel';
import { recover } from '../helpers/status';
import { expect, removeCheckouts, test } from '../helpers/test';

test.beforeEach(removeCheckouts);

// The whole day of a user in one go: everything below works on what the
// steps above have left, as in a lab. The part `packaging` runs it, in three
// labs with the wheel; the part `browser` leaves it out.
test(
  'checks out, runs, opens a failing cell, sees TAP go down, strips',
  {
    tag: '@packaging'
  },
  async ({ page, panel, sandbox }) => {
    test.setTimeout(240_000);

    await test.step('the panel is filled from the platform', async () => {
      await panel.open();
      await recover(panel, sandbox);
      await panel.unfold(/services? up/);
      await expect(panel.service('tap')).toHaveAttribute('data-state', 'up');
      await expect(panel.service('tap')).toContainText('ago');
    });

    await test.step('check out from the menu, by keyboard', async () => {
      await chooseFromMenu(page, 'Check out', 'System test…');
      const dialog = page.getByRole('dialog');
      await expect(dialog).toContainText('notebooks/rsp-health/system-test');
      await expect(
        dialog.getByRole('button', { name: 'Cancel' })
      ).toBeFocused();
      await page.keyboard.press('Tab');
      await expect(
        dialog.getByRole('button', { name: 'Check out' })
      ).toBeFocused();
      await page.keyboard.press('Enter');
      await expect(panel.line('tap')).toBeVisible({ timeout: 30_000 });
    });

    await test.step('run all checks; they report cell by cell', async () => {
      const notebooks = panel.section('Notebooks');
      await notebooks.getByRole('button', { name: 'Run checks' }).click();
      await expect(
        notebooks.getByRole('button', { name: 'Stop' })
      ).toBeVisible();
      await expect(panel.line('tap')).toHaveAttribute('data-state', 'passed', {
        timeout: 90_000
      });
      await expect(panel.line('squareone')).toHaveAttribute(
        'data-state',
        'failed',
        { timeout: 90_000 }
      );
      await expect(notebooks.getByRole('button', { name: 'Stop' })).toBeHidden({
        timeout: 90_000
      });
      // What was not run says why; the tree opens by keyboard.
      await expect(panel.line('ppdbtap')).toHaveAttribute(
        'data-state',
        'skipped'
      );
      await panel.line('ppdbtap').press('ArrowRight');
      await expect(panel.line('ppdbtap.ipynb, skipped')).toContainText(
        'ppdbtap is not deployed'
      );
    });

    await test.step('the error stands under the failed cell; open it', async () => {
      const open = panel.root.getByRole('button', { name: 'Open at cell' });
      await expect(open).toBeVisible();
      await expect(panel.root).toContainText('AssertionError');
      await open.focus();
      await page.keyboard.press('Enter');
      const notebook = page.getByRole('main').locator('.jp-NotebookPanel');
      await expect(notebook).toBeVisible();
      await expect(
        page.getByRole('tab', { name: 'squareone_broken.ipynb' })
      ).toBeVisible();
      await expect(notebook.locator('.jp-Cell.jp-mod-active')).toBeInViewport();
    });

    await test.step('TAP goes down, and its row says so', async () => {
      await sandbox.setScenario('tap-down');
      const row = panel.service('tap');
      await expect(async () => {
        await panel.refresh();
        await expect(row).not.toHaveAttribute('data-state', 'up', {
          timeout: 1000
        });
      }).toPass({ timeout: 60_000 });
      await expect(row).toHaveAttribute('data-state', 'down');
      await expect(panel.section('Services')).toContainText('1 down');
    });

    await test.step('strip the outputs of the open notebook, and undo', async () => {
      const notebook = page.getByRole('main').locator('.jp-NotebookPanel');
      await page.getByRole('tab', { name: 'squareone_broken.ipynb' }).click();
      await page.menu.clickMenuItem('Run>Run All Cells');
      const outputs = notebook.locator('.jp-OutputArea-output');
      await expect(outputs.last()).toContainText('it fails on purpose');
      const before = await outputs.count();
      await chooseFromMenu(page, 'Strip outputs…');
      await page.getByRole('button', { name: 'Strip 1 notebook' }).click();
      await expect(outputs).toHaveCount(0);
      await page
        .getByText(/^Stripped squareone_broken\.ipynb/)
        .locator(
          'xpath=ancestor::*[@role="alert" or contains(@class, "Toast")][1]'
        )
        .getByRole('button', { name: 'Undo' })
        .click();
      await expect(outputs).toHaveCount(before);
    });

    await expectAccessible(page, '#rsp-health-panel');
  }
);
