import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { PlatformVerdict } from '../api/generated/api';
import type { IHealthModel } from '../model/tokens';
import { stateIcons } from '../states/icons';
import type { Tone } from '../states/states';
import { verdictLook } from '../states/states';
import { formatAge, formatMoment } from '../text/format';

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
  const { state, sentence, since, whose, next_step: step } = data.verdict;
  if (error !== null || age > OUTDATED_AFTER) {
    return {
      icon: stateIcons.unknown,
      tone: 'muted',
      sentence: trans.__(
        'Not known now. %1: %2',
        formatAge(age, trans),
        sentence
      ),
      next: ''
    };
  }
  const { icon, tone } = verdictLook(state, trans);
  return {
    icon,
    tone,
    sentence:
      since === null || state === 'well'
        ? sentence
        : trans.__('%1 Since %2.', sentence, formatMoment(since)),
    next: [whoseText(whose, trans), step].filter(Boolean).join(' ')
  };
}

/**
 * Whether a verdict speaks of more than services of their own: then it is what
 * the status bar says. What is muted is not told there.
 *
 * @param verdict - The verdict.
 * @param isMuted - Whether the user does not want to hear of a service.
 */
export function isRootCause(
  verdict: PlatformVerdict,
  isMuted: (id: string) => boolean
): boolean {
  switch (verdict.state) {
    case 'login':
    case 'root_service':
    case 'lab':
    case 'network':
      return true;
    case 'announced':
    case 'quota':
      return !verdict.services.every(isMuted);
    default:
      return false;
  }
}

function whoseText(whose: string, trans: TranslationBundle): string {
  switch (whose) {
    case '':
    case 'nobody yet':
      return '';
    case 'you':
      return trans.__('Yours to fix.');
    case 'your site':
      return trans.__('For your site to fix.');
    default:
      return trans.__('For %1 to fix.', whose);
  }
}
