import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type {
  CellResult,
  NotebookResult,
  RunSummary,
  ServiceStatus
} from './generated/api';
import { stateIcons } from './icons';

/** A service's state on the wire. */
export type ServiceState = ServiceStatus['state'];

/** A run's, a notebook's or a cell's state on the wire. */
export type RunState =
  RunSummary['state'] | NotebookResult['state'] | CellResult['state'];

/** How a state is to be taken; the style sheet colours the icon by it. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'muted';

/** How a state is shown: always a shape and a word, never colour alone. */
export interface IStateLook {
  word: string;
  icon: LabIcon;
  tone: Tone;
}

/**
 * How a service's state is shown.
 *
 * @param state - The state on the wire.
 * @param trans - The translations.
 */
export function serviceLook(
  state: ServiceState,
  trans: TranslationBundle
): IStateLook {
  switch (state) {
    case 'up':
      return { word: trans.__('up'), icon: stateIcons.good, tone: 'good' };
    case 'degraded':
      return {
        word: trans.__('degraded'),
        icon: stateIcons.warn,
        tone: 'warn'
      };
    case 'down':
      return { word: trans.__('down'), icon: stateIcons.bad, tone: 'bad' };
    case 'restricted':
      return {
        word: trans.__('restricted'),
        icon: stateIcons.locked,
        tone: 'muted'
      };
    case 'blocked':
      return {
        word: trans.__('blocked'),
        icon: stateIcons.stopped,
        tone: 'bad'
      };
    case 'throttled':
      return {
        word: trans.__('throttled'),
        icon: stateIcons.paused,
        tone: 'warn'
      };
    case 'maintenance':
      return {
        word: trans.__('maintenance'),
        icon: stateIcons.maintenance,
        tone: 'warn'
      };
    case 'not_deployed':
      return {
        word: trans.__('not deployed'),
        icon: stateIcons.none,
        tone: 'muted'
      };
    case 'unmonitored':
      return {
        word: trans.__('not probed'),
        icon: stateIcons.none,
        tone: 'muted'
      };
    case 'unknown':
      return {
        word: trans.__('unknown'),
        icon: stateIcons.unknown,
        tone: 'muted'
      };
  }
}

/**
 * How the state of a run, a notebook or a cell is shown.
 *
 * @param state - The state on the wire.
 * @param trans - The translations.
 */
export function runLook(state: RunState, trans: TranslationBundle): IStateLook {
  switch (state) {
    case 'queued':
      return {
        word: trans.__('queued'),
        icon: stateIcons.queued,
        tone: 'muted'
      };
    case 'running':
      return {
        word: trans.__('running'),
        icon: stateIcons.running,
        tone: 'busy'
      };
    case 'passed':
      return { word: trans.__('passed'), icon: stateIcons.good, tone: 'good' };
    case 'failed':
      return { word: trans.__('failed'), icon: stateIcons.bad, tone: 'bad' };
    case 'timed_out':
      return {
        word: trans.__('timed out'),
        icon: stateIcons.timedOut,
        tone: 'bad'
      };
    case 'died':
      return { word: trans.__('died'), icon: stateIcons.died, tone: 'bad' };
    case 'invalid':
      return { word: trans.__('invalid'), icon: stateIcons.warn, tone: 'bad' };
    case 'error':
      return { word: trans.__('error'), icon: stateIcons.warn, tone: 'bad' };
    case 'interrupted':
      return {
        word: trans.__('interrupted'),
        icon: stateIcons.died,
        tone: 'warn'
      };
    case 'unreadable':
      return {
        word: trans.__('unreadable'),
        icon: stateIcons.warn,
        tone: 'warn'
      };
    case 'stopped':
      return {
        word: trans.__('stopped'),
        icon: stateIcons.stopped,
        tone: 'warn'
      };
    case 'skipped':
      return {
        word: trans.__('skipped'),
        icon: stateIcons.none,
        tone: 'muted'
      };
    case 'not_run':
      return {
        word: trans.__('not run'),
        icon: stateIcons.notRun,
        tone: 'muted'
      };
  }
}

/** Services from the worst to the best: what is wrong comes first. */
const SERVICE_ORDER: readonly ServiceState[] = [
  'down',
  'blocked',
  'degraded',
  'throttled',
  'maintenance',
  'unknown',
  'restricted',
  'up',
  'unmonitored',
  'not_deployed'
];

/** Run states from the worst to the best. */
const RUN_ORDER: readonly RunState[] = [
  'error',
  'died',
  'timed_out',
  'failed',
  'invalid',
  'interrupted',
  'unreadable',
  'stopped',
  'running',
  'queued',
  'not_run',
  'passed',
  'skipped'
];

/**
 * Whether nothing is known of a service because nobody asked: its probe costs
 * the user something. That the answer to a click grew old is no trouble either.
 */
export function isUnasked(service: ServiceStatus): boolean {
  const { state, spends_quota: spends, age_s: age, stale } = service;
  return state === 'unknown' && spends && (age === null || stale);
}

/** The place of a service's state in the order from worst to best. */
export function serviceRank(state: ServiceState): number {
  return SERVICE_ORDER.indexOf(state);
}

/**
 * The services from the worst to the best. Among those that are equally bad,
 * what most others of them need comes first: it may be the cause.
 *
 * @param services - In the server's order, which is that of importance.
 */
export function worstFirst(
  services: readonly ServiceStatus[]
): ServiceStatus[] {
  const dependents = new Map<string, number>();
  const isWell = ({ state }: ServiceStatus): boolean =>
    serviceRank(state) > serviceRank('unknown');
  for (const service of services) {
    for (const application of isWell(service) ? [] : service.depends_on) {
      dependents.set(application, (dependents.get(application) ?? 0) + 1);
    }
  }
  const weight = (service: ServiceStatus): number =>
    isWell(service) ? 0 : (dependents.get(service.application) ?? 0);
  return [...services].sort(
    (a, b) =>
      serviceRank(a.state) - serviceRank(b.state) || weight(b) - weight(a)
  );
}

/** The place of a run state in the order from worst to best. */
export function runRank(state: RunState): number {
  return RUN_ORDER.indexOf(state);
}

/** Whether a run, notebook or cell ended in a way that wants a look. */
export function isProblem(state: RunState): boolean {
  return runRank(state) < runRank('stopped');
}
