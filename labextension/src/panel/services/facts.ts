import type { TranslationBundle } from '@jupyterlab/translation';

import type { ServiceStatus } from '../../api/generated/api';
import { formatDuration, formatSpan } from '../../text/format';

/**
 * What else is known of a service, in few words.
 *
 * @param service - The service.
 * @param resetsIn - Seconds until the user's quota begins anew, if known.
 * @param trans - The translations.
 */
export function facts(
  service: ServiceStatus,
  resetsIn: number | null,
  trans: TranslationBundle
): string {
  const parts: string[] = [];
  if (service.latency_s !== null) {
    const span = formatDuration(service.latency_s, trans);
    parts.push(
      service.state === 'up' || service.state === 'degraded'
        ? trans.__('answered in %1', span)
        : trans.__('took %1', span)
    );
  }
  if (service.version !== null && service.state === 'up') {
    parts.push(trans.__('version %1', service.version));
  }
  const { quota } = service;
  // What is left of a minute that is over says nothing.
  const isOver = resetsIn !== null && resetsIn <= 0;
  if (quota && (quota.remaining !== null || isQuotaTold(service))) {
    parts.push(
      quota.remaining === null || isOver
        ? trans.__('your quota: %1 a minute', quota.limit)
        : trans.__(
            'your quota: %1 of %2 a minute left',
            quota.remaining,
            quota.limit
          )
    );
    if (resetsIn !== null && !isOver) {
      parts.push(trans.__('resets in %1', formatSpan(resetsIn, trans)));
    }
  }
  return parts.join(' · ');
}

/** Whether the user's quota is what the state is about. */
function isQuotaTold(service: ServiceStatus): boolean {
  const { state, spends_quota: spends } = service;
  return state === 'throttled' || state === 'blocked' || spends;
}
