import { execFileSync, spawnSync } from 'child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';

import { gitEnvironment, systemTest } from './files';
import { home, removeFolder } from './test';

/** Write a notebook whose cells have the ids that they are given under. */
export function writeNotebook(
  path: string,
  cells: Record<string, string>,
  heading = 'What it tries'
): void {
  const code = Object.entries(cells).map(([id, source]) => ({
    cell_type: 'code',
    id,
    metadata: {},
    execution_count: null,
    outputs: [],
    source
  }));
  const title = {
    cell_type: 'markdown',
    id: 'heading',
    metadata: {},
    source: `# ${heading}`
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    `${JSON.stringify(
      {
        cells: [title, ...code],
        metadata: {
          kernelspec: {
            display_name: 'Python 3 (ipykernel)',
            language: 'python',
            name: 'python3'
          },
          language_info: { name: 'python' }
        },
        nbformat: 4,
        nbformat_minor: 5
      },
      null,
      1
    )}\n`
  );
}

/**
 * A door that a cell waits at until the test opens it: a test then decides
 * how long a notebook takes, and no clock does.
 */
export class Gate {
  constructor(name: string) {
    this._path = join(home, `gate-${name}`);
    this.close();
  }

  /** Code that prints a line every 50 ms until the gate is open. */
  get source(): string {
    return [
      'import os, time',
      'n = 0',
      `while not os.path.exists(${JSON.stringify(this._path)}):`,
      '    n += 1',
      '    print("turn", n, flush=True)',
      '    time.sleep(0.05)'
    ].join('\n');
  }

  open(): void {
    writeFileSync(this._path, '');
  }

  close(): void {
    rmSync(this._path, { force: true });
  }

  private readonly _path: string;
}

/** Put a checkout with these notebooks, and no others, where the lab has it. */
export function placeCheckout(
  notebooks: Record<string, Record<string, string>>
): void {
  if (!existsSync(systemTest)) {
    mkdirSync(dirname(systemTest), { recursive: true });
    const url = `${process.env.SANDBOX_URL ?? ''}/git/system-test.git`;
    execFileSync('git', ['clone', '--quiet', url, systemTest], {
      env: gitEnvironment
    });
  }
  for (const name of readdirSync(systemTest)) {
    if (name.endsWith('.ipynb')) {
      rmSync(join(systemTest, name));
    }
  }
  for (const [name, cells] of Object.entries(notebooks)) {
    writeNotebook(join(systemTest, name), cells);
  }
}

/** Forget all runs of earlier tests. */
export function removeRuns(): void {
  removeFolder(join(home, '.rsp-health', 'runs'));
}

/** Call rsp-health beside the lab, with its data and its platform. */
export function callTool(...words: string[]): void {
  const { status, stderr } = spawnSync('rsp-health', words, {
    encoding: 'utf8',
    env: {
      ...process.env,
      HOME: home,
      EXTERNAL_INSTANCE_URL: process.env.SANDBOX_URL,
      REPERTOIRE_BASE_URL: `${process.env.SANDBOX_URL ?? ''}/repertoire`
    }
  });
  // Something failed, or could not be judged: what some are made for.
  if (status === null || ![0, 1, 3].includes(status)) {
    throw new Error(`rsp-health ${words.join(' ')}: ${status} ${stderr}`);
  }
}

/** Run the checkout's notebooks once, as a user does in a terminal. */
export function runChecks(): void {
  callTool('run', systemTest);
}
