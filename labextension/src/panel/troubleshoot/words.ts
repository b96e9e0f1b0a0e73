import type { TranslationBundle } from '@jupyterlab/translation';

import type { PlaybookStep } from '../../api/generated/api';

/** What a step of a playbook came to. */
export function outcomeWord(
  outcome: PlaybookStep['outcome'],
  trans: TranslationBundle
): string {
  switch (outcome) {
    case 'cause':
      return trans.__('A cause:');
    case 'ruled_out':
      return trans.__('Ruled out:');
    case 'not_known':
      return trans.__('Not known:');
    case 'not_here':
      return trans.__('Not here:');
    case 'follows':
      return trans.__('Perhaps with the same cause:');
  }
}
