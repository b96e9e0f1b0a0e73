import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  ConflictBody,
  RunRequest,
  RunSummary
} from '../api/generated/api';
import { HealthError } from '../api/request';
import type { IHealthModel } from '../model/tokens';

/**
 * Start a run; for what a run must be asked for, ask the user, for this one.
 *
 * @returns The run; null if the user would rather not.
 * @throws HealthError when the server refuses.
 */
export async function startAsking(
  model: IHealthModel,
  trans: TranslationBundle,
  request: RunRequest
): Promise<RunSummary | null> {
  try {
    return await model.runs.start(request);
  } catch (error) {
    if (!(error instanceof HealthError) || error.code !== 'must_ask') {
      throw error;
    }
    const { effects, load } = error.body as ConflictBody;
    if (effects === null || load === null) {
      throw error;
    }
    const answer = await showDialog({
      title: trans.__('Run these notebooks?'),
      body: error.message,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Run this once') })
      ],
      defaultButton: 0
    });
    // It may do more by now: then that is asked for as well.
    return answer.button.accept
      ? startAsking(model, trans, { ...request, effects, load })
      : null;
  }
}
