import type { TranslationBundle } from '@jupyterlab/translation';

/** Whose problem it is, as one says it. */
export function whoseWord(whose: string, trans: TranslationBundle): string {
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
    default:
      return trans.__('not known');
  }
}
