import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type {
  CellResult,
  Finding,
  NotebookResult,
  PlatformVerdict,
  RunSummary,
  ServiceStatus
} from '../api/generated/api';
import type { IGeneratedLook, Tone } from '../api/generated/states';
import {
  FINDING_STATES,
  RUN_STATES,
  SERVICE_STATES,
  VERDICT_STATES
} from '../api/generated/states';
import { stateIcons } from './icons';

/** A service's state on the wire. */
export type ServiceState = ServiceStatus['state'];

/** A run's, a notebook's or a cell's state on the wire. */
export type RunState =
  RunSummary['state'] | NotebookResult['state'] | CellResult['state'];

export type { Tone };

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
  return look(SERVICE_STATES[state](trans));
}

/**
 * How the state of a run, a notebook or a cell is shown.
 *
 * @param state - The state on the wire.
 * @param trans - The translations.
 */
export function runLook(state: RunState, trans: TranslationBundle): IStateLook {
  return look(RUN_STATES[state](trans));
}

/**
 * How a kind of cause is shown.
 *
 * @param state - The verdict's state on the wire.
 * @param trans - The translations.
 */
export function verdictLook(
  state: PlatformVerdict['state'],
  trans: TranslationBundle
): IStateLook {
  return look(VERDICT_STATES[state](trans));
}

/**
 * How the state of one of the doctor's findings is shown.
 *
 * @param state - The state on the wire.
 * @param trans - The translations.
 */
export function findingLook(
  state: Finding['state'],
  trans: TranslationBundle
): IStateLook {
  return look(FINDING_STATES[state](trans));
}

function look({ word, icon, tone }: IGeneratedLook): IStateLook {
  return { word, icon: stateIcons[icon], tone };
}

// From the worst to the best, as the tables are written.
const SERVICE_ORDER = Object.keys(SERVICE_STATES);
const RUN_ORDER = Object.keys(RUN_STATES);

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
