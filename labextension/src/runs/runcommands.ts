import type { TranslationBundle } from '@jupyterlab/translation';

import type { Repository, RunDocument, RunSummary } from '../api/generated/api';
import { HealthError } from '../api/request';
import type { INotebookOutcome } from '../model/runs';
import type { IHealthModel } from '../model/tokens';
import type { RunState } from '../states/states';
import { isProblem } from '../states/states';
import { startAsking } from './asking';

/** Whether the tags of cells are heeded. */
type RunMode = RunDocument['mode'];

/** What to run. */
export interface IRunTarget {
  /** Id of a repository; the chosen one if undefined. */
  repository?: string | undefined;
  /** Notebooks, relative to the checkout; those that apply if undefined. */
  paths?: string[] | undefined;
  /** Run also those that the rules leave out here. */
  all?: boolean;
  mode?: RunMode | undefined;
  /** How many at once. */
  jobs?: number | undefined;
}

/**
 * Run notebooks of a checkout.
 *
 * @throws HealthError when there is nothing to run, or the server refuses.
 */
export async function runNotebooks(
  model: IHealthModel,
  trans: TranslationBundle,
  target: IRunTarget
): Promise<RunSummary | null> {
  const repository = await present(model, trans, target.repository);
  const { mode, jobs } = target;
  return startAsking(model, trans, {
    repository: repository.id,
    paths: target.paths ?? [],
    all: target.all ?? false,
    ...(mode && { mode }),
    ...(jobs && { jobs })
  });
}

/**
 * Run again what a run ran, in the same mode.
 *
 * @param model - Knows the runs.
 * @param trans - The translations.
 * @param runId - The run; the newest if undefined.
 * @param rest - Only what it was stopped before or in.
 * @throws HealthError when it ran nothing, or its folder is not in the lab.
 */
export async function runAgain(
  model: IHealthModel,
  trans: TranslationBundle,
  runId: string | undefined,
  rest = false
): Promise<RunSummary | null> {
  const id = runId ?? model.runs.list.data?.runs[0]?.run_id;
  const run = id === undefined ? null : await model.runs.load(id);
  const folder = run?.folder ?? null;
  const paths = (run?.notebooks ?? [])
    .filter(({ state }) => (rest ? isCutOff(state) : state !== 'skipped'))
    .map(({ path }) => path);
  if (!run || folder === null || !paths.length) {
    throw new HealthError(
      'nothing_ran',
      trans.__('There is nothing that could run again.'),
      trans.__('Run checks runs what applies here.')
    );
  }
  const { mode } = run;
  const repository = model.repositories.data?.repositories.find(
    one => one.state !== 'absent' && model.folder(one) === folder
  );
  if (repository) {
    const left = await existing(model, repository, paths);
    if (left.length) {
      return startAsking(model, trans, {
        repository: repository.id,
        paths: left,
        mode
      });
    }
  }
  const inLab = paths.map(path => model.labPath(`${folder}/${path}`));
  if (inLab.some(path => path === null)) {
    throw new HealthError(
      'outside_root',
      trans.__('%1 is not in this lab.', folder),
      trans.__('Run it again in a terminal: rsp-health run.')
    );
  }
  return startAsking(model, trans, {
    paths: inLab.filter(path => path !== null),
    mode
  });
}

/**
 * Run again those notebooks of the chosen checkout whose newest result is bad.
 *
 * @throws HealthError when none is.
 */
export async function runFailed(
  model: IHealthModel,
  trans: TranslationBundle
): Promise<RunSummary | null> {
  const repository = await present(model, trans, undefined);
  const failed = failedIn(model, repository);
  const paths = await existing(
    model,
    repository,
    failed.map(({ result }) => result.path)
  );
  if (!paths.length) {
    throw new HealthError(
      'nothing_failed',
      trans.__('No notebook of %1 has failed.', repository.title),
      trans.__('Run checks runs all of them.')
    );
  }
  const isMobu = failed.every(({ run }) => run.mode === 'mobu');
  return startAsking(model, trans, {
    repository: repository.id,
    paths,
    ...(isMobu && { mode: 'mobu' as const })
  });
}

/** The notebooks of a checkout whose newest result is bad. */
export function failedIn(
  model: IHealthModel,
  repository: Repository | null
): INotebookOutcome[] {
  const folder = repository && model.folder(repository);
  return folder === null
    ? []
    : [...model.runs.outcomes(folder).values()].filter(({ result }) =>
        isProblem(result.state)
      );
}

/** Whether a run ended before its notebook did. */
function isCutOff(state: RunState): boolean {
  return state === 'stopped' || state === 'interrupted';
}

/** Stop a run or, if none is named, every run that is under way. */
export async function stopRuns(
  model: IHealthModel,
  trans: TranslationBundle,
  runId?: string
): Promise<void> {
  const runs = model.runs.active.map(run => run.run_id);
  if (!runs.length) {
    throw new HealthError(
      'nothing_runs',
      trans.__('No checks are running.'),
      ''
    );
  }
  const wanted = runs.filter(run => runId === undefined || run === runId);
  await Promise.all(wanted.map(run => model.runs.stop(run)));
}

/** Those of some notebooks that are still in a checkout. */
async function existing(
  model: IHealthModel,
  repository: Repository,
  paths: string[]
): Promise<string[]> {
  const list = model.notebooks(repository.id);
  await list.load();
  const known = list.data?.notebooks.map(({ path }) => path);
  return known ? paths.filter(path => known.includes(path)) : paths;
}

async function present(
  model: IHealthModel,
  trans: TranslationBundle,
  id: string | undefined
): Promise<Repository> {
  if (!model.repositories.data) {
    await model.repositories.load();
  }
  if (model.repositories.error !== null) {
    throw model.repositories.error;
  }
  const repository =
    id === undefined
      ? model.selected
      : model.repositories.data?.repositories.find(one => one.id === id);
  if (!repository || repository.state === 'absent') {
    throw new HealthError(
      'no_checkout',
      repository
        ? trans.__('%1 is not checked out yet.', repository.title)
        : trans.__('There is no such repository.'),
      trans.__('Check it out first: RSP Health ▸ Check out.')
    );
  }
  return repository;
}
