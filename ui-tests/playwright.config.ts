import { execFileSync } from 'child_process';
import { randomBytes } from 'crypto';
import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

import { defineConfig } from '@playwright/test';

// This file is read by the main process and again by each worker: what the
// first reading decides is handed on through the environment.
function once(name: string, decide: () => string): string {
  return (process.env[name] ??= decide());
}

function freePort(): string {
  const code =
    'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])';
  return execFileSync('python', ['-c', code]).toString().trim();
}

const port = once('RSP_HEALTH_UI_PORT', freePort);
const sandboxPort = once('RSP_HEALTH_UI_SANDBOX_PORT', freePort);
once('RSP_HEALTH_UI_HOME', () => mkdtempSync(join(tmpdir(), 'rsp-health-ui-')));
// In Gafaelfawr's form. It must be seen by the platform, and nowhere else.
once(
  'RSP_HEALTH_UI_CANARY',
  () =>
    `gt-${randomBytes(16).toString('base64url')}.${randomBytes(16).toString('base64url')}`
);
const url = `http://127.0.0.1:${port}`;
process.env.TARGET_URL = url;
process.env.SANDBOX_URL = `http://127.0.0.1:${sandboxPort}`;

export default defineConfig({
  testDir: 'tests',
  // All tests share one lab and one sandbox, as a user has one.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    baseURL: url,
    video: 'off',
    actionTimeout: 15_000,
    trace: 'retain-on-failure',
    viewport: { width: 1280, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  },
  projects: [
    { name: 'lab', testMatch: '*.spec.ts', teardown: 'canary' },
    // Looks through what all the others have left behind.
    { name: 'canary', testMatch: 'canary.teardown.ts' },
    // Figures of `make bench`; a measurement is no test.
    ...(process.env.RSP_HEALTH_UI_BENCH
      ? [{ name: 'bench', testMatch: '*.measure.ts' }]
      : [])
  ],
  webServer: {
    command: `${process.env.RSP_HEALTH_UI_PYTHON ?? 'python'} serve.py`,
    url: `${url}/lab`,
    timeout: 120_000,
    reuseExistingServer: false,
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 }
  }
});
