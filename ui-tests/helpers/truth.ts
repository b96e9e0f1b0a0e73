import type { Page } from '@playwright/test';

/** How long an answer may take on a machine that is busy, in ms. */
const PATIENCE = 300_000;

/** What the server knows to be true. */
export interface ITruth {
  /** Runs that have not ended. */
  active: number;
  /** Changes of checkouts that are under way. */
  operations: number;
  /** The titles of the services that do not work. */
  bad: string[];
  /** Whether the checkout is there, and a backup of it. */
  isPresent: boolean;
  hasBackup: boolean;
  /** How the run that ended last ended. */
  last: ILast | null;
}

interface ILast {
  state: string;
  finished_at: string | null;
  totals: Partial<Record<string, number>>;
}

/** What a page shows of itself. */
export interface IShown {
  /** The notices in view, with the labels of their buttons. */
  notices: { text: string; buttons: string[] }[];
  /** Notices that show a bar or a wheel. */
  working: string[];
  /** What turns in the panel, or says there that it is busy. */
  busy: string[];
  /** The words of the status bar. */
  bar: string;
}

function endOf({ finished_at: end }: ILast): number {
  return Date.parse(end ?? '');
}

/** Ask the server's own records. */
export async function truth(page: Page): Promise<ITruth> {
  const ask = async <T>(route: string): Promise<T> => {
    const answer = await page.request.get(`/rsp-health/${route}`, {
      timeout: PATIENCE
    });
    if (!answer.ok()) {
      throw new Error(`${route}: ${answer.status()}`);
    }
    return (await answer.json()) as T;
  };
  const { runs } = await ask<{ runs: ILast[] }>('runs');
  const { repositories } = await ask<{
    repositories: {
      id: string;
      state: string;
      operation: { state: string } | null;
    }[];
  }>('repositories');
  const { backups } = await ask<{ backups: unknown[] }>(
    'repositories/system-test/backups'
  );
  const { services } = await ask<{
    services: { title: string; state: string }[];
  }>('services?look=false');
  const isActive = ({ state }: ILast): boolean =>
    state === 'running' || state === 'queued';
  return {
    active: runs.filter(isActive).length,
    operations: repositories.filter(
      ({ operation }) => operation?.state === 'running'
    ).length,
    bad: services
      .filter(({ state }) => state === 'down' || state === 'blocked')
      .map(({ title }) => title),
    isPresent: repositories.some(
      ({ id, state }) => id === 'system-test' && state !== 'absent'
    ),
    hasBackup: backups.length > 0,
    // The list goes by their start, and two may be under way at a time.
    last:
      runs
        .filter(run => run.finished_at !== null)
        .sort((a, b) => endOf(b) - endOf(a))[0] ?? null
  };
}

/** Read what a page shows, and nothing that is fading away. */
export async function shown(page: Page): Promise<IShown> {
  return page.evaluate(() => {
    const seen = (node: Element): boolean =>
      node.getClientRects().length > 0 && !/exit/i.test(node.className);
    const text = (node: Element | null): string =>
      (node?.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 160);
    const all = (selector: string): Element[] =>
      [...document.querySelectorAll(selector)].filter(seen);
    const toasts = all('.Toastify__toast');
    const message = (toast: Element): string =>
      text(toast.querySelector('.jp-toast-message') ?? toast);
    const panel = '#rsp-health-panel';
    const tree = all(`${panel} [role="treeitem"]`).filter(node =>
      /, (running|queued|starting…|opening…)(,|$)/.test(
        node.getAttribute('aria-label') ?? ''
      )
    );
    return {
      notices: toasts.map(toast => ({
        text: message(toast),
        buttons: [...toast.querySelectorAll('button')].map(text)
      })),
      working: toasts
        .filter(toast => toast.querySelector('.Toastify__spinner'))
        .map(message),
      busy: [
        ...tree,
        ...all(`${panel} [aria-busy="true"], ${panel} progress`)
      ].map(node => node.getAttribute('aria-label') ?? text(node)),
      bar: text(document.querySelector('.jp-RSPHealth-statusItem'))
    };
  });
}

/** Says what is wrong with a notice of its kind; null if nothing is. */
type Judge = (found: RegExpExecArray, real: ITruth) => string | null;

const isThere: Judge = (_, real) =>
  real.isPresent ? null : 'nothing is checked out';

/** All that may be told in this story; a notice of no kind cannot be judged. */
const KINDS: [RegExp, Judge][] = [
  [
    /^(\S[^.:]*) is (?:down|blocked)\./,
    ([, title], real) => (real.bad.includes(title) ? null : 'it is not down')
  ],
  [
    /^(\d+) services do not work: /,
    ([, count], real) =>
      real.bad.length === Number(count) ? null : `${real.bad.length} do not`
  ],
  [
    /(?:^|\. )(\S[^.:]*) is (?!down|blocked)[a-z ]+\.$/,
    ([, title], real) => (real.bad.includes(title) ? 'it is down' : null)
  ],
  [
    /(?:^|\. )\d+ services are no longer down: (.+)\.$/,
    ([, titles], real) =>
      real.bad.some(title => titles.split(', ').includes(title))
        ? 'one is down'
        : null
  ],
  [
    /^Checks ended after [^:]+: (.+)\.$/,
    ([, counts], { last }) => {
      const wrong = counts.split(', ').filter(part => {
        const [, count, state] = /^(\d+) (.+)$/.exec(part) ?? [];
        // What is rarer, such as stopped, has no total of its own.
        return Number(count) !== (last?.totals[state] ?? Number(count));
      });
      return wrong.length ? `the last ended ${JSON.stringify(last)}` : null;
    }
  ],
  [
    /^Nothing was run/,
    (_, { last }) => (last?.state === 'skipped' ? null : 'something was run')
  ],
  [/^System test is in /, isThere],
  [/^System test: the backup is back in /, isThere],
  [/^System test: already up to date/, isThere],
  [
    /^System test: [^.]*(?:%|…)?$/,
    (_, real) => (real.operations ? null : 'nothing is done')
  ]
];

/** What is said that is not so; it may stand for a moment, not for long. */
export function untrue(page: IShown, real: ITruth): string[] {
  const wrong: string[] = [];
  for (const { text, buttons } of page.notices) {
    const kinds = KINDS.flatMap(([kind, judge]) => {
      const found = kind.exec(text);
      return found ? [judge(found, real)] : [];
    });
    if (!kinds.length) {
      wrong.push(`of no kind that can be judged: ${text}`);
    }
    for (const reason of kinds) {
      if (reason !== null) {
        wrong.push(`${reason}: ${text}`);
      }
    }
    if (buttons.includes('Restore previous') && !real.hasBackup) {
      wrong.push(`there is no backup to restore: ${text}`);
    }
  }
  const { active, operations } = real;
  if (!operations) {
    wrong.push(...page.working.map(text => `nothing is done: ${text}`));
  }
  if (!operations && !active) {
    wrong.push(...page.busy.map(text => `nothing is busy: ${text}`));
  }
  const counts = /\d+ of \d+ checks|checks are starting/.test(page.bar);
  if (counts !== active > 0 && !page.bar.includes('last seen')) {
    wrong.push(`${active} runs are under way: ${page.bar}`);
  }
  return wrong;
}

/** The kind of a notice, to count which were met: its text without numbers. */
export function kindOf(text: string): string {
  return text.replace(/\d[\d.]*/g, 'N').slice(0, 40);
}
