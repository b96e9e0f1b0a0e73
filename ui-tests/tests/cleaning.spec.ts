import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';

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
import { expect, home, test } from '../helpers/test';

test.beforeEach(emptyFolder);

test('a folder: preview, strip open and closed, undo both', async ({
  page
}) => {
  const big = place('deep/sub/big.ipynb', notebook(3, 5000));
  const small = place('deep/small.ipynb', notebook(1));
  const kept = place('deep/kept.ipynb', notebook(1, 20, ['keep_output']));
  const clean = place('deep/clean.ipynb', notebook(0));
  const bad = place('deep/bad.ipynb', '{');
  const readOnly = place('deep/read-only.ipynb', notebook(1));
  chmodSync(readOnly, 0o444);
  const open = place('deep/open.ipynb', notebook(2));
  const files = [big, small, kept, clean, bad, readOnly, open];
  const before = files.map(path => readFileSync(path, 'utf8'));
  const dialog = page.getByRole('dialog');

  await page.sidebar.openTab('filebrowser');
  await page.notebook.openByPath(`${FOLDER}/deep/open.ipynb`);
  await expect(outputsOf(page)).toHaveCount(2);
  // A kernel writes its version into the notebook when it is there.
  await expect(page.getByText(/\| Idle$/)).toBeVisible();
  await openFolder(page, FOLDER, /^Name: deep/);

  await test.step('the preview says it all, with the focus on Cancel', async () => {
    await choose(page, /^Name: deep/, 'Strip outputs…');
    await expect(dialog.getByRole('row')).toContainText([
      /Notebook.*Outputs.*Counts.*Metadata.*Size/,
      /sub\/big\.ipynb330.*kB/,
      /.*/,
      /.*/,
      /.*/
    ]);
    await expect(dialog).toContainText('open.ipynb (open)');
    await expect(dialog).toContainText(/bad\.ipynb: not JSON/);
    await expect(dialog).toContainText(
      'read-only.ipynb: the file is read-only'
    );
    await expect(dialog).toContainText('1 output stays');
    await expect(dialog).toContainText('1 notebook is open');
    await expect(dialog).toContainText('1 notebook is clean already');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.screenshot({ path: 'screenshots/cleaning-preview.png' });
    await expectAccessible(page, '.jp-Dialog');
  });

  await test.step('Escape changes nothing', async () => {
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    expect(files.map(path => readFileSync(path, 'utf8'))).toEqual(before);
    await expect(outputsOf(page)).toHaveCount(2);
  });

  await test.step('strip, in the dark', async () => {
    await page.theme.setTheme('JupyterLab Dark High Contrast');
    await choose(page, /^Name: deep/, 'Strip outputs…');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.screenshot({ path: 'screenshots/cleaning-preview-dark.png' });
    await expectAccessible(page, '.jp-Dialog');
    await dialog.getByRole('button', { name: 'Strip 4 notebooks' }).click();
    await expect(
      notice(page, /^Stripped 4 notebooks: 6 outputs, 7 execution counts/)
    ).toContainText('1 of them is open, and not saved yet.');
    await page.screenshot({ path: 'screenshots/cleaning-notice-dark.png' });
    expect([big, small, kept].map(outputsIn)).toEqual([0, 0, 1]);
    await expect(outputsOf(page)).toHaveCount(0);
    // Its file waits for the user to save it.
    for (const path of [clean, bad, readOnly, open]) {
      expect(readFileSync(path, 'utf8')).toBe(before[files.indexOf(path)]);
    }
  });

  await test.step('undo', async () => {
    await notice(page, /^Stripped 4 notebooks/)
      .getByRole('button', { name: 'Undo' })
      .click();
    await expect(notice(page, /^Put back: 4 notebooks/)).toContainText(
      '1 of them is open, and not saved yet.'
    );
    expect(files.map(path => readFileSync(path, 'utf8'))).toEqual(before);
    await expect(outputsOf(page)).toHaveCount(2);
  });
});

test('by keyboard: the palette, the toolbar, undo in the document', async ({
  page
}) => {
  const path = place('one.ipynb', notebook(2));
  const dialog = page.getByRole('dialog');
  await page.sidebar.openTab('filebrowser');
  await page.notebook.openByPath(`${FOLDER}/one.ipynb`);
  await expect(outputsOf(page)).toHaveCount(2);
  // A notebook takes the focus once more when its kernel is there.
  await expect(page.getByText(/\| Idle$/)).toBeVisible();

  await test.step('from the palette', async () => {
    await page.keyboard.press('ControlOrMeta+Shift+C');
    await expect(
      page.getByPlaceholder('SEARCH', { exact: true })
    ).toBeFocused();
    await page.keyboard.type('Strip outputs');
    await expect(
      page.locator('.lm-CommandPalette-item.lm-mod-active')
    ).toContainText('Strip outputs…');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await page.keyboard.press('Tab');
    // It is called so once it is known what goes; Enter does nothing before.
    await expect(
      dialog.getByRole('button', { name: 'Strip 1 notebook' })
    ).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(outputsOf(page)).toHaveCount(0);
    await expect(notice(page, /^Stripped one\.ipynb/)).toContainText(
      'Not saved yet.'
    );
  });

  await test.step('saved without outputs, and put back all the same', async () => {
    await page.notebook.save();
    expect(outputsIn(path)).toBe(0);
    await notice(page, /^Stripped one\.ipynb/)
      .getByRole('button', { name: 'Undo' })
      .click();
    await expect(outputsOf(page)).toHaveCount(2);
    await page.notebook.save();
    expect(outputsIn(path)).toBe(2);
  });

  await test.step('a file changed meanwhile is not overwritten silently', async () => {
    const theirs = notebook(1, 30);
    await page
      .getByRole('button', { name: 'Strip outputs', exact: true })
      .click();
    await dialog.getByRole('button', { name: 'Strip 1 notebook' }).click();
    await expect(outputsOf(page)).toHaveCount(0);
    writeFileSync(path, theirs);
    await page.keyboard.press('ControlOrMeta+s');
    await expect(dialog).toContainText('changed on disk');
    expect(readFileSync(path, 'utf8')).toBe(theirs);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });
});

test('files that changed meanwhile, and nothing to strip', async ({ page }) => {
  const path = place('two.ipynb', notebook(1));
  const readOnly = place('read-only.ipynb', notebook(1));
  chmodSync(readOnly, 0o444);
  const dialog = page.getByRole('dialog');
  await page.sidebar.openTab('filebrowser');
  await openFolder(page, FOLDER, /^Name: two\.ipynb/);

  await test.step('it is listed again', async () => {
    await choose(page, /^Name: two\.ipynb/, 'Strip outputs…');
    const strip = dialog.getByRole('button', { name: 'Strip 1 notebook' });
    await expect(strip).toBeVisible();
    writeFileSync(path, notebook(4));
    await strip.click();
    await expect(dialog.getByRole('alert')).toContainText(
      'The notebooks changed while you were reading'
    );
    await expect(dialog).toContainText('4 outputs, 4 execution counts');
    expect(outputsIn(path)).toBe(4);
    await expectAccessible(page, '.jp-Dialog');
    await strip.click();
    await expect(notice(page, /^Stripped two\.ipynb: 4 outputs/)).toBeVisible();
    expect(outputsIn(path)).toBe(0);
  });

  await test.step('what somebody wrote since is not put back', async () => {
    const theirs = notebook(2);
    writeFileSync(path, theirs);
    await notice(page, /^Stripped two\.ipynb/)
      .getByRole('button', { name: 'Undo' })
      .click();
    await expect(
      notice(page, /two\.ipynb was not put back: it was changed since/)
    ).toBeVisible();
    expect(readFileSync(path, 'utf8')).toBe(theirs);
  });

  await test.step('a read-only file says so', async () => {
    await choose(page, /^Name: read-only\.ipynb/, 'Strip outputs…');
    await expect(
      notice(page, /read-only\.ipynb was not stripped: the file is read-only/)
    ).toBeVisible();
    expect(outputsIn(readOnly)).toBe(1);
  });

  await test.step('nothing to strip is a notice', async () => {
    place('three.ipynb', notebook(0));
    await page.filebrowser.refresh();
    await choose(page, /^Name: three\.ipynb/, 'Strip outputs…');
    await expect(
      notice(page, /^three\.ipynb is clean: nothing to strip/)
    ).toBeVisible();
  });
});

test('strip on save: the file has no outputs, the tab keeps them', async ({
  page
}) => {
  const path = place('chosen/four.ipynb', notebook(2));
  const dialog = page.getByRole('dialog');
  await page.sidebar.openTab('filebrowser');
  await openFolder(page, FOLDER, /^Name: chosen/);

  await test.step('choose the folder', async () => {
    const told = page.waitForResponse(
      response =>
        response.url().includes('clean/on-save') &&
        (response.request().postData() ?? '').includes(`${FOLDER}/chosen`)
    );
    await choose(page, /^Name: chosen/, 'Strip outputs on save');
    expect((await told).ok()).toBe(true);
  });

  await test.step('save, twice, and Lab has no question', async () => {
    await page.notebook.openByPath(`${FOLDER}/chosen/four.ipynb`);
    await expect(outputsOf(page)).toHaveCount(2);
    for (const source of ['first', 'second']) {
      await page.notebook.setCell(0, 'code', `print("${source}")`);
      await page.notebook.save();
      expect(readFileSync(path, 'utf8')).toContain(source);
      expect(outputsIn(path)).toBe(0);
      await expect(outputsOf(page)).toHaveCount(2);
      await expect(dialog).toBeHidden();
    }
  });

  await test.step('what cannot be stripped is saved, and says so', async () => {
    mkdirSync(join(home, FOLDER, 'chosen', '.git'));
    place('chosen/.rsp-health.toml', '[clean]\nnonsense = 1\n');
    await page.notebook.setCell(0, 'code', 'print("third")');
    await page.notebook.save();
    await expect(
      notice(page, /four\.ipynb was saved with its outputs: .*nonsense/)
    ).toBeVisible();
    expect(readFileSync(path, 'utf8')).toContain('third');
    expect(outputsIn(path)).toBe(2);
  });

  await test.step('no longer', async () => {
    await openFolder(page, FOLDER, /^Name: chosen/);
    const told = page.waitForResponse(response =>
      response.url().includes('clean/on-save')
    );
    await choose(page, /^Name: chosen/, 'Strip outputs on save');
    expect((await told).request().postDataJSON()).toEqual({ folders: [] });
  });
});
