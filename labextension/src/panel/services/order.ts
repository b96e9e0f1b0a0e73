import type { ServiceStatus, StatusDocument } from '../../api/generated/api';
import { isUnasked, worstFirst } from '../../states/states';

/** The services in the groups that the panel shows. */
export interface IServiceGroups {
  /** What is wrong, or may be: each is shown. */
  troubled: ServiceStatus[];
  /** Those that cannot be used for want of a login, and are told as one. */
  affected: ServiceStatus[];
  /** Its probe costs the user something, so it waits for their word. */
  onRequest: ServiceStatus[];
  /** A login or a scope is missing: it can't be told. */
  restricted: ServiceStatus[];
  up: ServiceStatus[];
  /** Deployed, but there is nothing that a lab could probe. */
  unmonitored: ServiceStatus[];
  notDeployed: ServiceStatus[];
}

/**
 * Group the services, the worst first.
 *
 * @param document - The server's answer.
 * @param isMuted - Whether the user does not want to hear of a service: such
 *   ones come after the others of their group.
 */
export function groupServices(
  document: StatusDocument,
  isMuted: (id: string) => boolean = () => false
): IServiceGroups {
  const groups: IServiceGroups = {
    troubled: [],
    affected: [],
    onRequest: [],
    restricted: [],
    up: [],
    unmonitored: [],
    notDeployed: []
  };
  const services = worstFirst(document.services).sort(
    (a, b) => Number(isMuted(a.id)) - Number(isMuted(b.id))
  );
  for (const service of services) {
    groups[groupOf(service)].push(service);
  }
  return groups;
}

/**
 * Whether a service fits what the user looks for: each word is in its title,
 * id, application, dataset, category or state.
 *
 * @param service - The service.
 * @param text - What was typed.
 * @param state - The word for its state.
 */
export function matchesService(
  service: ServiceStatus,
  text: string,
  state: string
): boolean {
  const { id, title, application, dataset, category } = service;
  const about = [id, title, application, dataset ?? '', category, state]
    .join(' ')
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every(word => about.includes(word));
}

/** Whether a service has a trouble of its own besides the common one. */
function isWorseByItself({ state }: ServiceStatus): boolean {
  return state !== 'restricted' && state !== 'unknown';
}

function groupOf(service: ServiceStatus): keyof IServiceGroups {
  if (service.affected_by.length && !isWorseByItself(service)) {
    return 'affected';
  }
  if (isUnasked(service)) {
    return 'onRequest';
  }
  switch (service.state) {
    case 'up':
      return 'up';
    case 'restricted':
      return 'restricted';
    case 'unmonitored':
      return 'unmonitored';
    case 'not_deployed':
      return 'notDeployed';
    default:
      return 'troubled';
  }
}
