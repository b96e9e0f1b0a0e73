import type { TranslationBundle } from '@jupyterlab/translation';

import { HealthError } from '../api/request';

/** An error in the user's words. */
export interface IErrorText {
  /** What happened. */
  message: string;
  /** What to do next; may be empty. */
  hint: string;
}

/**
 * Put an error into words.
 *
 * @param error - Whatever was thrown.
 * @param trans - The translations.
 */
export function describeError(
  error: unknown,
  trans: TranslationBundle
): IErrorText {
  if (!(error instanceof HealthError)) {
    return { message: String(error), hint: '' };
  }
  switch (error.code) {
    case 'network':
      return {
        message: trans.__('The Jupyter server does not answer.'),
        hint: trans.__(
          'Check your connection; this page tries again by itself.'
        )
      };
    case 'not_enabled':
      return {
        message: trans.__(
          'The rsp_health server extension is not enabled in this lab.'
        ),
        hint: trans.__(
          'Run "jupyter server extension enable rsp_health" and restart the lab.'
        )
      };
    case 'signed_out':
      return {
        message: trans.__('The Jupyter server wants you to log in again.'),
        hint: trans.__('Reload this page.')
      };
    case 'bad_response':
      return {
        message: trans.__(
          'The Jupyter server answered something that rsp-health did not write (status %1).',
          error.status
        ),
        hint: trans.__('If it stays so, its log tells why.')
      };
    case 'lost':
      return {
        message: trans.__('It has ended, but this page was not told how.'),
        hint: trans.__('The panel shows what is there now.')
      };
    default:
      return { message: error.message, hint: error.hint };
  }
}

/** Message and hint as one text, for a notification. */
export function errorSentence(
  error: unknown,
  trans: TranslationBundle
): string {
  const { message, hint } = describeError(error, trans);
  return hint ? `${message} ${hint}` : message;
}
