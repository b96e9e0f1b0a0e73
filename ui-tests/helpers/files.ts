import { execFileSync } from 'child_process';
import { createHash } from 'crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'fs';
import { join } from 'path';

import { home } from './test';

/** Where the checkouts of the lab under test are. */
export const checkouts = join(home, 'notebooks', 'rsp-health');

/** The checkout that most tests work on. */
export const systemTest = join(checkouts, 'system-test');

/** Without the settings of this machine, and of who works at it. */
export const gitEnvironment = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null'
};

/** Run git in a folder, as a user of their own would. */
export function git(folder: string, ...args: string[]): string {
  const who = ['-c', 'user.name=u', '-c', 'user.email=u@example.org'];
  return execFileSync('git', ['-C', folder, ...who, ...args], {
    encoding: 'utf8',
    env: gitEnvironment,
    stdio: ['ignore', 'pipe', 'pipe']
  });
}

/**
 * Hash every file of a tree, with its name, kind and mode.
 *
 * What Lab itself keeps beside an open notebook is left out.
 */
export function hashTree(folder: string): string {
  const hash = createHash('sha256');
  const walk = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      if (name === '.ipynb_checkpoints') {
        continue;
      }
      const child = join(path, name);
      const stat = lstatSync(child);
      hash.update(`${child.slice(folder.length)}\0${stat.mode}\0`);
      if (stat.isDirectory()) {
        walk(child);
      } else {
        hash.update(
          stat.isSymbolicLink() ? readlinkSync(child) : readFileSync(child)
        );
      }
    }
  };
  walk(folder);
  return hash.digest('hex');
}

/** The folders of a checkout's backups, oldest first. */
export function backupsOf(id: string): string[] {
  return readdirSync(checkouts)
    .filter(name => name.startsWith(`${id}.backup-`))
    .sort()
    .map(name => join(checkouts, name));
}
