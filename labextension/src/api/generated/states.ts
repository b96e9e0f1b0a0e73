/**
 * Made from rsp_health/states.py by labextension/generate-api.mjs.
 * Do not edit: change the states there, then run `jlpm generate`.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** The shape of a state. */
export type StateIcon =
  | 'good'
  | 'bad'
  | 'warn'
  | 'paused'
  | 'none'
  | 'unknown'
  | 'locked'
  | 'maintenance'
  | 'running'
  | 'queued'
  | 'timedOut'
  | 'died'
  | 'stopped'
  | 'notRun';

/** How a state is to be taken; the style sheet colours the icon by it. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'muted';

/** How a state is shown: always a shape and a word, never colour alone. */
export interface IGeneratedLook {
  word: string;
  icon: StateIcon;
  tone: Tone;
}

type StateTable = Record<string, (trans: TranslationBundle) => IGeneratedLook>;

/** The states of a service, from the worst to the best. */
export const SERVICE_STATES = {
  down: trans => ({ word: trans.__('down'), icon: 'bad', tone: 'bad' }),
  blocked: trans => ({
    word: trans.__('blocked'),
    icon: 'stopped',
    tone: 'bad'
  }),
  degraded: trans => ({
    word: trans.__('degraded'),
    icon: 'warn',
    tone: 'warn'
  }),
  throttled: trans => ({
    word: trans.__('throttled'),
    icon: 'paused',
    tone: 'warn'
  }),
  maintenance: trans => ({
    word: trans.__('maintenance'),
    icon: 'maintenance',
    tone: 'warn'
  }),
  unknown: trans => ({
    word: trans.__('unknown'),
    icon: 'unknown',
    tone: 'muted'
  }),
  restricted: trans => ({
    word: trans.__('restricted'),
    icon: 'locked',
    tone: 'muted'
  }),
  up: trans => ({ word: trans.__('up'), icon: 'good', tone: 'good' }),
  unmonitored: trans => ({
    word: trans.__('not probed'),
    icon: 'none',
    tone: 'muted'
  }),
  not_deployed: trans => ({
    word: trans.__('not deployed'),
    icon: 'none',
    tone: 'muted'
  })
} satisfies StateTable;

/** The states of a run, from the worst to the best. */
export const RUN_STATES = {
  interrupted: trans => ({
    word: trans.__('interrupted'),
    icon: 'died',
    tone: 'warn'
  }),
  error: trans => ({ word: trans.__('error'), icon: 'warn', tone: 'bad' }),
  died: trans => ({ word: trans.__('died'), icon: 'died', tone: 'bad' }),
  timed_out: trans => ({
    word: trans.__('timed out'),
    icon: 'timedOut',
    tone: 'bad'
  }),
  failed: trans => ({ word: trans.__('failed'), icon: 'bad', tone: 'bad' }),
  invalid: trans => ({ word: trans.__('invalid'), icon: 'warn', tone: 'bad' }),
  unreadable: trans => ({
    word: trans.__('unreadable'),
    icon: 'warn',
    tone: 'warn'
  }),
  stopped: trans => ({
    word: trans.__('stopped'),
    icon: 'stopped',
    tone: 'warn'
  }),
  running: trans => ({
    word: trans.__('running'),
    icon: 'running',
    tone: 'busy'
  }),
  queued: trans => ({
    word: trans.__('queued'),
    icon: 'queued',
    tone: 'muted'
  }),
  not_run: trans => ({
    word: trans.__('not run'),
    icon: 'notRun',
    tone: 'muted'
  }),
  passed: trans => ({ word: trans.__('passed'), icon: 'good', tone: 'good' }),
  skipped: trans => ({ word: trans.__('skipped'), icon: 'none', tone: 'muted' })
} satisfies StateTable;

/** The states of a finding, from the worst to the best. */
export const FINDING_STATES = {
  fault: trans => ({ word: trans.__('fault'), icon: 'bad', tone: 'bad' }),
  attention: trans => ({
    word: trans.__('attention'),
    icon: 'warn',
    tone: 'warn'
  }),
  cannot_tell: trans => ({
    word: trans.__('cannot tell'),
    icon: 'unknown',
    tone: 'muted'
  }),
  ok: trans => ({ word: trans.__('ok'), icon: 'good', tone: 'good' }),
  not_applicable: trans => ({
    word: trans.__('not applicable'),
    icon: 'none',
    tone: 'muted'
  })
} satisfies StateTable;

/** The states of a verdict, from the worst to the best. */
export const VERDICT_STATES = {
  announced: trans => ({
    word: trans.__('announced'),
    icon: 'maintenance',
    tone: 'warn'
  }),
  login: trans => ({ word: trans.__('login'), icon: 'locked', tone: 'bad' }),
  quota: trans => ({ word: trans.__('quota'), icon: 'paused', tone: 'warn' }),
  root_service: trans => ({
    word: trans.__('root service'),
    icon: 'bad',
    tone: 'bad'
  }),
  lab: trans => ({ word: trans.__('lab'), icon: 'warn', tone: 'warn' }),
  network: trans => ({
    word: trans.__('network'),
    icon: 'unknown',
    tone: 'muted'
  }),
  service: trans => ({ word: trans.__('service'), icon: 'bad', tone: 'bad' }),
  checks: trans => ({ word: trans.__('checks'), icon: 'warn', tone: 'warn' }),
  well: trans => ({ word: trans.__('well'), icon: 'good', tone: 'good' }),
  unknown: trans => ({
    word: trans.__('unknown'),
    icon: 'unknown',
    tone: 'muted'
  })
} satisfies StateTable;
