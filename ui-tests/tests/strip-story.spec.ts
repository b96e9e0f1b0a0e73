// Run by `make test-packaging` on the RSP image's JupyterLab 4.5.8, as it is
// and beside each extension that keeps documents on the server: whatever
// writes the file, it holds what the tabs show. Plain Playwright: Galata's own
// helpers belong to another release of JupyterLab, and know one tab only.
import { readFileSync } from 'fs';

import type { Locator, Page } from '@playwright/test';
import { expect, test } from '@playwright/test';

import { FOLDER, emptyFolder, outputsIn, place } from '../helpers/cleaning';
import { notice } from '../helpers/panel';

/** What the lab has beside us: nothing, or who keeps the documents. */
const documents = process.env.RSP_HEALTH_UI_DOCUMENTS ?? '';

test.skip(
  !process.env.RSP_HEALTH_UI_PYTHON,
  'needs the environments that make test-packaging builds'
);

/** Cells with the outputs of an earlier run; the last one keeps its own. */
function story(): string {
  const stream = (text: string) => ({
    output_type: 'stream',
    name: 'stdout',
    text: [text]
  });
  const cell = (id: string, source: string, outputs: object[], tags = {}) => ({
    cell_type: 'code',
    execution_count: 1,
    id,
    metadata: tags,
    outputs,
    source: [source]
  });
  const result = {
    output_type: 'execute_result',
    data: { 'text/plain': ['42'] },
    metadata: {},
    execution_count: 1
  };
  return `${JSON.stringify({
    cells: [
      cell('first', 'print("one")\nprint("two")', [stream('one\n')]),
      cell('second', '6 * 7', [stream('once'), result]),
      cell('kept', '"kept"', [result], { tags: ['keep_output'] })
    ],
    metadata: {
      kernelspec: {
        display_name: 'Python 3 (ipykernel)',
        language: 'python',
        name: 'python3'
      }
    },
    nbformat: 4,
    nbformat_minor: 5
  })}\n`;
}

/** Open the notebook in a lab of its own; return what its tab shows. */
async function open(page: Page, workspace: string): Promise<Locator> {
  await page.goto(
    `/lab/workspaces/${workspace}/tree/${FOLDER}/story.ipynb?reset`
  );
  const outputs = page.locator(
    '.jp-NotebookPanel:visible .jp-OutputArea-output'
  );
  await expect(page.getByText(/\| Idle$/)).toBeVisible({ timeout: 60_000 });
  return outputs;
}

/** Where documents are not saved by the server, the user does. */
async function save(page: Page): Promise<void> {
  if (!documents) {
    await page.keyboard.press('ControlOrMeta+s');
  }
}

async function strip(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: 'Strip outputs', exact: true })
    .click();
  await page.getByRole('button', { name: 'Strip 1 notebook' }).click();
}

async function run(page: Page, source: string): Promise<void> {
  const cell = page
    .locator('.jp-NotebookPanel:visible .jp-CodeCell')
    .filter({ hasText: source });
  await cell.locator('.cm-content').click();
  await page.keyboard.press('Control+Enter');
}

test('the file holds what the tabs show: stripped, put back, live', async ({
  page,
  context
}) => {
  test.setTimeout(240_000);
  emptyFolder();
  const path = place('story.ipynb', story());
  const inFile = (): Promise<number> =>
    new Promise(resolve => {
      resolve(outputsIn(path));
    });
  const outputs = await open(page, 'one');
  await expect(outputs).toHaveCount(4);
  const other = documents ? await context.newPage() : null;
  const seen = other ? await open(other, 'two') : null;
  if (seen) {
    await expect(seen).toHaveCount(4);
  }

  await test.step('a cell is run, and the file has its outputs', async () => {
    await run(page, 'print("two")');
    await expect(outputs.first()).toContainText('two');
    await save(page);
    await expect
      .poll(() => readFileSync(path, 'utf8'), { timeout: 20_000 })
      .toMatch(/"one\\n"[^]*"two\\n"|"one\\ntwo\\n"/);
  });
  let whole = NaN;
  await expect
    .poll(async () => {
      whole = await inFile();
      return whole;
    })
    .toBeGreaterThan(0);

  await test.step('stripped, and it stays so', async () => {
    await strip(page);
    await expect(outputs).toHaveCount(1);
    await save(page);
    await expect.poll(inFile, { timeout: 20_000 }).toBe(1);
    const text = readFileSync(path, 'utf8');
    expect(text).not.toMatch(/"execution_count": [0-9]/);
    if (seen) {
      await expect(seen).toHaveCount(1);
    }
    // The next save, of something else, brings nothing back.
    const cell = page.locator('.jp-NotebookPanel:visible .cm-content').first();
    await cell.click();
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type(' # changed');
    await save(page);
    await expect
      .poll(() => readFileSync(path, 'utf8'), { timeout: 20_000 })
      .toContain('# changed');
    await expect.poll(inFile).toBe(1);
    // Nothing says of what is saved that it is not.
    const told = notice(page, /^Stripped story\.ipynb/).first();
    await expect(told).toBeVisible();
    await expect(told).not.toContainText('Not saved');
  });

  await test.step('put back', async () => {
    await notice(page, /^Stripped story\.ipynb/)
      .first()
      .getByRole('button', { name: 'Undo' })
      .click();
    await expect(outputs.first()).toContainText('two');
    await save(page);
    await expect.poll(inFile, { timeout: 20_000 }).toBe(whole);
    expect(readFileSync(path, 'utf8')).toContain('# changed');
    if (seen) {
      await expect(seen.first()).toContainText('two');
    }
    await page.screenshot({
      path: `screenshots/strip-story-${documents || 'plain'}.png`
    });
  });

  await test.step('stripped, and read from the file again', async () => {
    await strip(page);
    await expect(outputs).toHaveCount(1);
    await save(page);
    await expect.poll(inFile, { timeout: 20_000 }).toBe(1);
    await other?.close();
    await page.reload();
    await expect(page.getByText(/\| Idle$/)).toBeVisible({ timeout: 60_000 });
    await expect(outputs).toHaveCount(1);
    await expect.poll(inFile).toBe(1);
  });
});
