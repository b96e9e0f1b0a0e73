import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Disclosure } from '../../components/Disclosure';
import { ErrorNote } from '../../components/ErrorNote';
import { Section } from '../../components/Section';
import { StateIcon } from '../../components/StateLabel';
import { useNow, useSignals } from '../../components/hooks';
import { formatAge } from '../../format';
import type { ServiceStatus, StatusDocument } from '../../generated/api';
import type { ServiceState } from '../../states';
import { serviceLook } from '../../states';
import { useHealth } from '../context';
import type { IServiceGroups } from './order';
import { groupServices } from './order';
import { ServiceRow } from './ServiceRow';

/** After this many seconds without an answer the panel claims nothing. */
const OUTDATED_AFTER = 300;

/** How many of the worst rows are open; with more, nobody sees the list. */
const OPEN = 3;

/** How often shown ages grow, in ms. */
const TICK = 5000;

/** The state of the platform's services, the worst first. */
export function ServicesSection(): React.ReactElement {
  const { model, trans } = useHealth();
  useSignals(
    model.status.changed,
    model.repositories.changed,
    model.runs.changed
  );
  const now = useNow(TICK);
  const { data, error, loading, receivedAt } = model.status;
  const since = Math.max(0, (now - receivedAt) / 1000);
  const groups = data ? groupServices(data) : null;
  const isOutdated = error !== null || since > OUTDATED_AFTER;
  return (
    <Section
      name="services"
      title={trans.__('Services')}
      summary={
        groups && !isOutdated
          ? summary(groups, trans)
          : data
            ? trans.__('not known now')
            : ''
      }
    >
      <ErrorNote error={error} />
      {error !== null && data && (
        <p className="jp-RSPHealth-hint">
          {trans.__('What follows was read %1.', formatAge(since, trans))}
        </p>
      )}
      {data && groups ? (
        <Groups
          document={data}
          groups={groups}
          since={since}
          outdated={isOutdated}
        />
      ) : (
        loading && <p className="jp-RSPHealth-hint">{trans.__('Looking…')}</p>
      )}
    </Section>
  );
}

function Groups(props: {
  document: StatusDocument;
  groups: IServiceGroups;
  since: number;
  outdated: boolean;
}): React.ReactElement {
  const { document, groups, since, outdated } = props;
  const { trans } = useHealth();
  const rows = (
    services: ServiceStatus[],
    open: number
  ): React.ReactElement => (
    <ul className="jp-RSPHealth-services">
      {services.map((service, index) => (
        <ServiceRow
          key={service.id}
          service={service}
          sinceAnswer={since}
          outdated={outdated}
          open={index < open}
        />
      ))}
    </ul>
  );
  const group = (
    state: ServiceState,
    services: ServiceStatus[],
    label: string
  ): React.ReactElement | null =>
    services.length ? (
      <Disclosure
        name={`group:${state}`}
        label={
          <>
            <StateIcon
              look={{
                ...serviceLook(state, trans),
                ...(outdated ? { tone: 'muted' as const } : {})
              }}
            />
            <span className="jp-RSPHealth-name">{label}</span>
          </>
        }
      >
        {rows(services, 0)}
      </Disclosure>
    ) : null;
  const { troubled, onRequest, restricted, up, unmonitored, notDeployed } =
    groups;
  return (
    <>
      <Discovery document={document} />
      {troubled.length > 0 && rows(troubled, OPEN)}
      {group('up', up, trans._n('%1 service up', '%1 services up', up.length))}
      {group(
        'unknown',
        onRequest,
        trans._n(
          '%1 checked on request only',
          '%1 checked on request only',
          onRequest.length
        )
      )}
      {group(
        'restricted',
        restricted,
        trans._n('%1 not open to you', '%1 not open to you', restricted.length)
      )}
      {group(
        'unmonitored',
        unmonitored,
        trans._n(
          '%1 not probed from a lab',
          '%1 not probed from a lab',
          unmonitored.length
        )
      )}
      {group(
        'not_deployed',
        notDeployed,
        trans._n(
          '%1 not deployed here',
          '%1 not deployed here',
          notDeployed.length
        )
      )}
    </>
  );
}

/** What limits the list itself. */
function Discovery(props: {
  document: StatusDocument;
}): React.ReactElement | null {
  const { trans } = useHealth();
  const { discovery, observer_offline: isOffline, services } = props.document;
  const notes: string[] = [];
  if (isOffline) {
    notes.push(
      trans.__(
        'Nothing answers at all: the cause is more likely this lab or its network than every service at once.'
      )
    );
  }
  if (discovery.state === 'stale') {
    notes.push(
      trans.__(
        'The list of services was read %1: the platform does not say at present what is deployed.',
        formatAge(discovery.age_s, trans)
      )
    );
  } else if (discovery.state === 'file') {
    notes.push(
      trans.__(
        'The list of services comes from a file of this lab: the platform does not say at present what is deployed.'
      )
    );
  } else if (discovery.state === 'none') {
    notes.push(
      services.length
        ? trans.__(
            'The platform does not say what is deployed here, so services may be missing.'
          )
        : trans.__(
            'The platform does not say what is deployed here, so there are no services to show. Checking out and running notebooks still works.'
          )
    );
  }
  if (discovery.message) {
    notes.push(discovery.message);
  }
  return notes.length ? (
    <p className="jp-RSPHealth-hint">{notes.join(' ')}</p>
  ) : null;
}

/** The states that the section's title counts, besides up. */
const COUNTED: readonly ServiceState[] = [
  'down',
  'blocked',
  'degraded',
  'throttled',
  'maintenance',
  'unknown'
];

function summary(groups: IServiceGroups, trans: TranslationBundle): string {
  const parts: string[] = [];
  for (const state of COUNTED) {
    const count = groups.troubled.filter(one => one.state === state).length;
    if (count) {
      parts.push(`${count} ${serviceLook(state, trans).word}`);
    }
  }
  parts.push(`${groups.up.length} ${serviceLook('up', trans).word}`);
  return parts.join(' · ');
}
