import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { PlatformVerdict } from '../api/generated/api';
import type { IHealthModel } from '../model/tokens';
import { stateIcons } from '../states/icons';
import type { Tone } from '../states/states';
import { verdictLook } from '../states/states';
import { formatAge } from '../text/format';

/**
 * After this many seconds without news nothing is claimed any more: as many as
 * evidence holds on the server, three rounds of probes.
 */
export const OUTDATED_AFTER = 180;

/** The verdict of the server as it may be shown now. */
export interface IShownVerdict {
  icon: LabIcon;
  tone: Tone;
  /** What is wrong, and since when. */
  sentence: string;
  /** Whose it is, and what to do now; empty if there is nothing to do. */
  next: string;
}

/**
 * The verdict as it may be shown now, or null before the first answer.
 *
 * @param model - The state.
 * @param trans - The translations.
 */
export function shownVerdict(
  model: IHealthModel,
  trans: TranslationBundle
): IShownVerdict | null {
  const { data, error, age } = model.status;
  if (!data) {
    return null;
  }
  const { state, told, advice } = data.verdict;
  if (error !== null || age > OUTDATED_AFTER) {
    return {
      icon: stateIcons.unknown,
      tone: 'muted',
      sentence: trans.__('Not known now. %1: %2', formatAge(age, trans), told),
      next: ''
    };
  }
  const { icon, tone } = verdictLook(state, trans);
  return { icon, tone, sentence: told, next: advice };
}

/**
 * Whether a verdict speaks of services that the user does not want to hear of.
 * A cause that all services share is always told; what is up is no trouble.
 *
 * @param verdict - The verdict.
 * @param isMuted - Whether the user does not want to hear of a service.
 */
export function isMutedVerdict(
  verdict: PlatformVerdict,
  isMuted: (id: string) => boolean
): boolean {
  switch (verdict.state) {
    case 'login':
    case 'root_service':
    case 'lab':
    case 'network':
    case 'checks':
    case 'well':
      return false;
    default:
      return verdict.services.some(isMuted);
  }
}
