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

/** A lab on a sandbox platform of its own. */
interface ILab {
  port: string;
  sandboxPort: string;
  home: string;
}

// Two at once, and each has its own, as two users have. Other environments,
// and measurements, get one.
const count =
  process.env.RSP_HEALTH_UI_PYTHON || process.env.RSP_HEALTH_UI_BENCH ? 1 : 2;
const labs = JSON.parse(
  once('RSP_HEALTH_UI_LABS', () =>
    JSON.stringify(
      Array.from({ length: count }, () => ({
        port: freePort(),
        sandboxPort: freePort(),
        home: mkdtempSync(join(tmpdir(), 'rsp-health-ui-'))
      }))
    )
  )
) as ILab[];
// In Gafaelfawr's form. It must be seen by the platform, and nowhere else.
once(
  'RSP_HEALTH_UI_CANARY',
  () =>
    `gt-${randomBytes(16).toString('base64url')}.${randomBytes(16).toString('base64url')}`
);
// Playwright's own number of this worker; the main process starts nothing.
const lab = labs[Number(process.env.TEST_PARALLEL_INDEX ?? 0)] ?? labs[0];
const url = urlOf(lab.port);
process.env.TARGET_URL = url;
process.env.SANDBOX_URL = urlOf(lab.sandboxPort);
process.env.RSP_HEALTH_UI_HOME = lab.home;

function urlOf(port: string): string {
  return `http://127.0.0.1:${port}`;
}

export default defineConfig({
  testDir: 'tests',
  workers: labs.length,
  // The tests of a file share one lab and one sandbox, as a user has one.
  fullyParallel: false,
  retries: 0,
  // Limits for a busy machine; who waits for them has found a fault.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    baseURL: url,
    video: 'off',
    actionTimeout: 30_000,
    // A trace of every step costs a third of the time: on request.
    trace: process.env.RSP_HEALTH_UI_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    contextOptions: { reducedMotion: 'reduce' },
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
  webServer: labs.map(({ port, sandboxPort, home }) => ({
    command: `${process.env.RSP_HEALTH_UI_PYTHON ?? 'python'} serve.py`,
    env: {
      RSP_HEALTH_UI_PORT: port,
      RSP_HEALTH_UI_SANDBOX_PORT: sandboxPort,
      RSP_HEALTH_UI_HOME: home
    },
    url: `${urlOf(port)}/lab`,
    timeout: 120_000,
    reuseExistingServer: false,
    stdout: 'pipe' as const,
    gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 10_000 }
  }))
});
