import { rmSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';

import { expectAccessible } from '../helpers/axe';
import {
  FOLDER,
  emptyFolder,
  notebook,
  outputsIn,
  outputsOf,
  place
} from '../helpers/cleaning';
import { choose, openFolder } from '../helpers/filebrowser';
import { notice } from '../helpers/panel';
import { expect, test } from '../helpers/test';

/** Three cells with outputs; the first runs until there is a file `go`. */
function waiting(): string {
  const content = JSON.parse(notebook(3)) as {
    cells: [{ source: string[] }];
  };
  const [first] = content.cells;
  first.source = [
    'import pathlib, time\n',
    'print("early", flush=True)\n',
    'while not pathlib.Path("go").exists():\n',
    '    time.sleep(0.05)\n',
    'print("late", flush=True)'
  ];
  return JSON.stringify(content);
}

test.beforeEach(emptyFolder);

test('what a kernel writes meanwhile, and since', async ({ page }) => {
  const path = place('five.ipynb', waiting());
  const dialog = page.getByRole('dialog');
  const strip = page.getByRole('button', {
    name: 'Strip outputs',
    exact: true
  });
  await page.sidebar.openTab('filebrowser');
  await page.notebook.openByPath(`${FOLDER}/five.ipynb`);
  await expect(page.getByText(/\| Idle$/)).toBeVisible();

  await test.step('it is shown before it goes', async () => {
    await page.notebook.selectCells(0);
    await page.menu.clickMenuItem('Run>Run Selected Cell');
    await expect(outputsOf(page).first()).toContainText('early');
    await strip.click();
    await expect(dialog).toContainText('Cells are running.');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.screenshot({ path: 'screenshots/cleaning-running.png' });
    writeFileSync(join(dirname(path), 'go'), '');
    await expect(outputsOf(page).first()).toContainText('late');
    await dialog.getByRole('button', { name: 'Strip 1 notebook' }).click();
    await expect(dialog.getByRole('alert')).toContainText(
      'The notebooks changed while you were reading'
    );
    await expect(outputsOf(page)).toHaveCount(3);
    await page.screenshot({ path: 'screenshots/cleaning-changed.png' });
    await expectAccessible(page, '.jp-Dialog');
  });

  await test.step('what is newer is not overwritten by Undo', async () => {
    // The cell may have to get its count yet, which is one more change.
    await expect(async () => {
      const button = dialog.getByRole('button', { name: 'Strip 1 notebook' });
      if (await button.isVisible()) {
        await button.click({ timeout: 2000 });
      }
      await expect(outputsOf(page)).toHaveCount(0, { timeout: 2000 });
    }).toPass({ timeout: 60_000 });
    await page.notebook.setCell(1, 'code', 'print("newer")');
    await page.notebook.selectCells(1);
    await page.menu.clickMenuItem('Run>Run Selected Cell');
    await expect(outputsOf(page)).toContainText(['newer']);
    await notice(page, /^Stripped five\.ipynb/)
      .getByRole('button', { name: 'Undo' })
      .click();
    await expect(
      notice(page, /five\.ipynb was put back, but not all of it/)
    ).toContainText('1 cell was run again since');
    await expect(outputsOf(page)).toContainText(['late', 'newer', 'xxx']);
    await page.screenshot({ path: 'screenshots/cleaning-undo.png' });
  });

  await test.step('a file that is gone is an error of its own', async () => {
    const other = place('six.ipynb', notebook(1));
    rmSync(path);
    const folder = new RegExp(`^Name: ${FOLDER}`);
    await openFolder(page, '', folder);
    await choose(page, folder, 'Strip outputs…');
    await expect(dialog).toContainText('five.ipynb: its file is gone');
    await page.screenshot({ path: 'screenshots/cleaning-gone.png' });
    await expectAccessible(page, '.jp-Dialog');
    await dialog.getByRole('button', { name: 'Strip 1 notebook' }).click();
    await expect(notice(page, /^Stripped six\.ipynb/)).toBeVisible();
    expect(outputsIn(other)).toBe(0);
    await strip.click();
    await expect(
      notice(page, /five\.ipynb was not stripped: its file is gone/)
    ).toBeVisible();
    await page.screenshot({ path: 'screenshots/cleaning-errors.png' });
  });
});
