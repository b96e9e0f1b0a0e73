import type { TranslationBundle } from '@jupyterlab/translation';

import type { ServiceStatus } from '../api/generated/api';
import type { IHealthModel } from '../model/tokens';
import { isUnasked, runLook, serviceLook, worstFirst } from '../states/states';
import { formatAge, formatDuration } from '../text/format';
import { shownVerdict } from './verdict';

/**
 * What the panel says as plain text, for a message to the people in charge.
 *
 * @param model - The state.
 * @param trans - The translations.
 */
export function summarise(
  model: IHealthModel,
  trans: TranslationBundle
): string {
  const status = model.status.data;
  const lines = [
    trans.__(
      'RSP Health of %1 at %2',
      status?.instance ?? trans.__('this lab'),
      status?.observed_at ?? new Date().toISOString()
    )
  ];
  const shown = shownVerdict(model, trans);
  if (shown) {
    lines.push(shown.sentence, shown.next);
  }
  // What is well, or was never asked, is worth a line together.
  const well: string[] = [];
  for (const service of worstFirst(status?.services ?? [])) {
    const { state, title, evidence, age_s: age } = service;
    const { word } = serviceLook(state, trans);
    if (state === 'up') {
      well.push(title);
    } else if (isToldOf(service)) {
      const seen = formatAge(age, trans);
      lines.push(trans.__('- %1: %2 (%3). %4', title, word, seen, evidence));
    }
  }
  if (well.length) {
    lines.push(trans.__('Up: %1', well.join(', ')));
  }
  const run = model.runs.list.data?.runs[0];
  if (run) {
    lines.push(
      trans.__(
        'Last run %1: %2, %3 passed, %4 failed, %5 skipped, %6',
        run.run_id,
        runLook(run.state, trans).word,
        run.totals.passed,
        run.totals.failed,
        run.totals.skipped,
        formatDuration(run.duration_s, trans)
      )
    );
  }
  return lines.filter(Boolean).join('\n');
}

/** Whether a service that is not up says something to those in charge. */
function isToldOf(service: ServiceStatus): boolean {
  const { state } = service;
  return (
    state !== 'unmonitored' && state !== 'not_deployed' && !isUnasked(service)
  );
}
