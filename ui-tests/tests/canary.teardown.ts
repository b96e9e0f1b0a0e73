// Runs after all other tests: the lab's token is known to the platform, and is
// in nothing that the lab wrote: files, records, logs, git repositories.
import { existsSync } from 'fs';
import { join } from 'path';

import { expect, test } from '@playwright/test';

import { filesWithToken } from '../helpers/canary';
import { Sandbox } from '../helpers/sandbox';

/** All labs of this run, each with its platform. */
const labs = JSON.parse(process.env.RSP_HEALTH_UI_LABS ?? '[]') as {
  sandboxPort: string;
  home: string;
}[];

test('the token was sent to the platforms only, and is in no file', async () => {
  const seen = new Set<string>();
  for (const { sandboxPort, home } of labs) {
    const platform = new Sandbox(`http://127.0.0.1:${sandboxPort}`);
    for (const place of await platform.tokenPlaces()) {
      seen.add(place);
    }
    expect(existsSync(join(home, '.log', 'jupyterlab.log'))).toBe(true);
    expect(filesWithToken(home)).toEqual([]);
  }
  // A few tests leave one of the labs without work.
  expect([...seen]).toEqual(['authorization']);
});
