import type { TranslationBundle } from '@jupyterlab/translation';

import type { Finding, PlaybookStep } from '../../api/generated/api';

/** Whose problem it is, as one says it. */
export function whoseWord(
  whose: NonNullable<Finding['whose']>,
  trans: TranslationBundle
): string {
  switch (whose) {
    case 'your_code':
      return trans.__('your code');
    case 'your_environment':
      return trans.__('your environment');
    case 'your_lab':
      return trans.__('your lab');
    case 'application':
      return trans.__('the application');
    case 'platform':
      return trans.__('the platform');
    case 'network':
      return trans.__('the network');
    case 'announced':
      return trans.__('announced; nobody needs to do anything');
    case 'unknown':
      return trans.__('not known');
  }
}

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
      return trans.__('Perhaps of the same cause:');
  }
}
