import type { ServiceStatus, StatusDocument } from '../../api/generated/api';
import { serviceRank } from '../../states/states';

/** The rows that a service needs, and those that need it. */
export interface IDependencies {
  /** The worst row of each application that it needs. */
  needs: ServiceStatus[];
  /** The titles of those that need it. */
  neededBy: string[];
}

/**
 * What a service depends on, and what depends on it, as far as it has rows.
 *
 * @param service - The service.
 * @param document - All rows.
 */
export function dependenciesOf(
  service: ServiceStatus,
  document: StatusDocument | null
): IDependencies {
  const rows = document?.services ?? [];
  const needs = service.depends_on.flatMap(application => {
    const [worst] = rows
      .filter(row => row.application === application)
      .sort((a, b) => serviceRank(a.state) - serviceRank(b.state));
    return worst && worst.state !== 'not_deployed' ? [worst] : [];
  });
  const neededBy = rows
    .filter(row => row.depends_on.includes(service.application))
    .filter(row => row.state !== 'not_deployed')
    .map(row => row.title);
  return { needs, neededBy };
}
