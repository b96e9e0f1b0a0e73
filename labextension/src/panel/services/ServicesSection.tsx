import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import type { ServiceStatus, StatusDocument } from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { ErrorNote } from '../../components/ErrorNote';
import { Section } from '../../components/Section';
import { StateIcon } from '../../components/StateLabel';
import { useHealth } from '../../components/context';
import { useNow, useSignals } from '../../components/hooks';
import type { Mutes } from '../../model/mutes';
import type { ServiceState } from '../../states/states';
import { serviceLook } from '../../states/states';
import { OUTDATED_AFTER } from '../../status/verdict';
import { formatAge, formatCount } from '../../text/format';
import { DatasetMatrix } from './DatasetMatrix';
import { DiscoveryNote } from './DiscoveryNote';
import { ServiceRow } from './ServiceRow';
import type { IServiceGroups } from './order';
import { groupServices, matchesService } from './order';

/** How many of the worst rows are open; with more, nobody sees the list. */
const OPEN = 3;

/** How often shown ages grow, in ms. */
const TICK = 5000;

/** The state of the platform's services, the worst first. */
export function ServicesSection(): React.ReactElement {
  const { model, trans } = useHealth();
  useSignals(
    model.status.changed,
    model.mutes.changed,
    model.repositories.changed,
    model.runs.changed
  );
  useNow(TICK);
  const { data, error, loading, age: since } = model.status;
  const groups = data ? groupServices(data, id => model.mutes.has(id)) : null;
  const isOutdated = error !== null || since > OUTDATED_AFTER;
  return (
    <Section
      name="services"
      title={trans.__('Services')}
      summary={
        groups && !isOutdated
          ? summary(groups, model.mutes, trans)
          : data
            ? trans.__('not known now')
            : ''
      }
    >
      <ErrorNote error={error} />
      {isOutdated && data && (
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
  const { model, trans } = useHealth();
  const [filter, setFilter] = useState('');
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
          open={index < open && !model.mutes.has(service.id)}
        />
      ))}
    </ul>
  );
  const group = (
    state: ServiceState,
    services: ServiceStatus[],
    label: string,
    name: string = state
  ): React.ReactElement | null =>
    services.length ? (
      <Disclosure
        name={`group:${name}`}
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
  const {
    troubled,
    affected,
    onRequest,
    restricted,
    up,
    unmonitored,
    notDeployed
  } = groups;
  if (filter.trim()) {
    const found = [
      ...troubled,
      ...affected,
      ...onRequest,
      ...restricted,
      ...up,
      ...unmonitored,
      ...notDeployed
    ].filter(service =>
      matchesService(service, filter, serviceLook(service.state, trans).word)
    );
    return (
      <>
        <DiscoveryNote document={document} />
        <Filter text={filter} onChange={setFilter} />
        {found.length ? (
          rows(found, 0)
        ) : (
          <p className="jp-RSPHealth-hint">
            {trans.__('No service matches the filter.')}
          </p>
        )}
      </>
    );
  }
  return (
    <>
      <DiscoveryNote document={document} />
      {document.services.length > 0 && (
        <Filter text={filter} onChange={setFilter} />
      )}
      {troubled.length > 0 && rows(troubled, OPEN)}
      {group(
        isOfTheUser(affected) ? 'restricted' : 'unknown',
        affected,
        affectedText(affected, trans),
        'affected'
      )}
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
      <DatasetMatrix document={document} outdated={outdated} />
    </>
  );
}

/** Narrows the list to what the user looks for. */
function Filter(props: {
  text: string;
  onChange: (text: string) => void;
}): React.ReactElement {
  const { trans } = useHealth();
  const inputId = useId();
  return (
    <div className="jp-RSPHealth-toolbar">
      <label className="jp-RSPHealth-hidden" htmlFor={inputId}>
        {trans.__('Filter services')}
      </label>
      <input
        id={inputId}
        type="search"
        className="jp-RSPHealth-filter"
        placeholder={trans.__('Filter')}
        value={props.text}
        onChange={event => {
          props.onChange(event.currentTarget.value);
        }}
      />
    </div>
  );
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

/** Whether it is the user's own login that is wanting, or everybody's. */
function isOfTheUser(services: readonly ServiceStatus[]): boolean {
  return services.some(({ affected_by: causes }) => causes.includes('login'));
}

/** How many cannot be used for want of a login. */
function affectedText(
  services: readonly ServiceStatus[],
  trans: TranslationBundle
): string {
  return isOfTheUser(services)
    ? trans._n('%1 needs your login', '%1 need your login', services.length)
    : trans._n(
        '%1 needs the login service',
        '%1 need the login service',
        services.length
      );
}

function summary(
  groups: IServiceGroups,
  mutes: Mutes,
  trans: TranslationBundle
): string {
  const parts: string[] = [];
  const heard = groups.troubled.filter(({ id }) => !mutes.has(id));
  for (const state of COUNTED) {
    const count = heard.filter(one => one.state === state).length;
    if (count) {
      parts.push(formatCount(count, serviceLook(state, trans).word, trans));
    }
  }
  const muted = groups.troubled.length - heard.length;
  if (muted) {
    parts.push(trans.__('%1 muted', muted));
  }
  if (groups.affected.length) {
    parts.push(affectedText(groups.affected, trans));
  }
  parts.push(
    formatCount(groups.up.length, serviceLook('up', trans).word, trans)
  );
  return parts.join(' · ');
}
