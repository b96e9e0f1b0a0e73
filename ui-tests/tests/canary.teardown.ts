// Runs after all other tests: the lab's token is known to the platform, and is
// in nothing that the lab wrote: files, records, logs, git repositories.
import { existsSync } from 'fs';
import { join } from 'path';

import { expect, test } from '@playwright/test';

import { filesWithToken } from '../helpers/canary';
import { Sandbox } from '../helpers/sandbox';
import { home } from '../helpers/test';

test('the token was sent to the platform only, and is in no file', async () => {
  expect(await new Sandbox().tokenPlaces()).toEqual(['authorization']);
  expect(existsSync(join(home, '.log', 'jupyterlab.log'))).toBe(true);
  expect(filesWithToken(home)).toEqual([]);
});
