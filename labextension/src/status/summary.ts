import type { TranslationBundle } from '@jupyterlab/translation';

import type { IHealthModel } from '../model/tokens';
import { runLook, serviceLook, worstFirst } from '../states/states';
import { formatAge, formatDuration } from '../text/format';

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
  if (status) {
    lines.push(status.verdict.sentence);
  }
  const services = worstFirst(status?.services ?? []);
  for (const service of services) {
    lines.push(
      trans.__(
        '- %1: %2 (%3). %4',
        service.title,
        serviceLook(service.state, trans).word,
        formatAge(service.age_s, trans),
        service.evidence
      )
    );
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
  return lines.join('\n');
}
