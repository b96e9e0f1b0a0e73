import { mkdirSync, readFileSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';

import type { Locator, Page } from '@playwright/test';

import { home, removeFolder } from './test';

/** Where the notebooks are, below the root. */
export const FOLDER = 'outputs';

/** A notebook with as many outputs as wanted, each of a size. */
export function notebook(
  outputs: number,
  size = 20,
  tags: string[] = []
): string {
  const cells = Array.from({ length: Math.max(1, outputs) }, (_, index) => ({
    cell_type: 'code',
    execution_count: outputs ? index + 1 : null,
    id: `c${index}`,
    metadata: tags.length ? { tags } : {},
    outputs: outputs
      ? [{ name: 'stdout', output_type: 'stream', text: ['x'.repeat(size)] }]
      : [],
    source: [`print(${index})`]
  }));
  const kernelspec = {
    display_name: 'Python 3 (ipykernel)',
    language: 'python',
    name: 'python3'
  };
  return `${JSON.stringify(
    { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 },
    null,
    1
  )}\n`;
}

/** Write a file into the folder; return its path. */
export function place(name: string, text: string): string {
  const path = join(home, FOLDER, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/**
 * How many outputs a file has; not a number while a lab is writing it, which
 * some do in place.
 */
export function outputsIn(path: string): number {
  let content: { cells: { outputs: unknown[] }[] };
  try {
    content = JSON.parse(readFileSync(path, 'utf8')) as typeof content;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return NaN;
    }
    throw error;
  }
  return content.cells.reduce((sum, cell) => sum + cell.outputs.length, 0);
}

/** The outputs that the open notebook shows. */
export function outputsOf(page: Page): Locator {
  return page.locator('.jp-NotebookPanel:visible .jp-OutputArea-output');
}

/** Make the folder, empty. */
export function emptyFolder(): void {
  removeFolder(join(home, FOLDER));
  mkdirSync(join(home, FOLDER));
}
