import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef } from 'react';

import type {
  LabResources,
  QuotaDocument,
  QuotaEntry,
  TestBots,
  TokenStatus
} from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { ErrorNote } from '../../components/ErrorNote';
import { Meter } from '../../components/Meter';
import { Section } from '../../components/Section';
import { useHealth } from '../../components/context';
import { useNow, useSignals } from '../../components/hooks';
import {
  formatAge,
  formatBytes,
  formatMemory,
  formatSpan
} from '../../text/format';
import { secondsUntil } from '../services/countdown';

/** How often shown ages and the times to an end are looked at, in ms. */
const TICK = 5000;

/** How often the lab's own counters are read while they are in view, in ms. */
const LIVE = 10_000;

/** After this many seconds figures of "now" are told with their age. */
const OLD = 180;

/** This lab's own limits, the user's token and quotas. */
export function LabSection(): React.ReactElement {
  const { model, trans } = useHealth();
  useSignals(model.quota.changed);
  useNow(TICK);
  const { data, error, age } = model.quota;
  const left = (moment: string): number => secondsUntil(moment, data, age);
  return (
    <Section
      name="lab"
      title={trans.__('My lab')}
      summary={data?.lab.size ?? ''}
    >
      <ErrorNote error={error} />
      {data && (
        <>
          {(error !== null || age > OLD) && (
            <p className="jp-RSPHealth-hint">
              {trans.__('What follows was read %1.', formatAge(age, trans))}
            </p>
          )}
          <Resources lab={data.lab} />
          <p className="jp-RSPHealth-fact">
            {tokenText(data.token, left, trans)}
          </p>
          {data.token.scopes.length > 0 && (
            <Disclosure
              name="scopes"
              label={trans._n(
                '%1 scope',
                '%1 scopes',
                data.token.scopes.length
              )}
            >
              <p className="jp-RSPHealth-facts">
                {data.token.scopes.join(', ')}
              </p>
            </Disclosure>
          )}
          <Concurrent queries={data.concurrent_queries} />
          {data.api.length > 0 && <Quotas entries={data.api} left={left} />}
          {data.test_bots && <TestBotsView bots={data.test_bots} />}
        </>
      )}
    </Section>
  );
}

function Resources(props: { lab: LabResources }): React.ReactElement {
  const { model, trans } = useHealth();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const timer = window.setInterval(() => {
      const isSeen = place.current?.checkVisibility() ?? false;
      if (isSeen && document.visibilityState !== 'hidden') {
        void model.quota.load();
      }
    }, LIVE);
    return () => {
      window.clearInterval(timer);
    };
  }, [model]);
  const {
    memory_used_bytes: memory,
    memory_limit_bytes: memoryLimit,
    disk_free_bytes: free,
    disk_total_bytes: disk,
    cpu_limit: cpu,
    cpu_used: cpuUsed,
    quota_cpu: allCpu,
    quota_memory_bytes: allMemory,
    disk_quotas: diskQuotas,
    hints
  } = props.lab;
  return (
    <div ref={place}>
      {memory !== null && memoryLimit !== null && (
        <Meter
          label={trans.__('Memory')}
          text={trans.__(
            '%1 of %2',
            formatMemory(memory),
            formatMemory(memoryLimit)
          )}
          used={memory}
          limit={memoryLimit}
        />
      )}
      {free !== null && disk !== null && (
        <Meter
          label={trans.__('Disk')}
          text={trans.__('%1 free', formatBytes(free))}
          used={disk - free}
          limit={disk}
        />
      )}
      {cpu !== null && cpuUsed !== null && (
        <Meter
          label={trans.__('CPU')}
          text={trans.__('%1 of %2 cores', cpuUsed.toFixed(1), cpu)}
          used={cpuUsed}
          limit={cpu}
        />
      )}
      {allCpu !== null && allMemory !== null && (
        <p className="jp-RSPHealth-fact">
          {trans.__(
            'All your labs together: %1 cores, %2',
            allCpu,
            formatMemory(allMemory)
          )}
        </p>
      )}
      {Object.keys(diskQuotas).length > 0 && (
        <p className="jp-RSPHealth-fact">
          {trans.__(
            'Disk quotas: %1',
            Object.entries(diskQuotas)
              .map(([name, size]) => `${name} ${formatBytes(size)}`)
              .join(', ')
          )}
        </p>
      )}
      {hints.map(hint => (
        <p key={hint} className="jp-RSPHealth-hint">
          {hint}
        </p>
      ))}
    </div>
  );
}

function tokenText(
  token: TokenStatus,
  secondsLeft: (moment: string) => number,
  trans: TranslationBundle
): string {
  if (token.message) {
    return trans.__('Token: %1', token.message);
  }
  switch (token.state) {
    case 'valid': {
      if (token.expires_at === null) {
        return trans.__('Token: valid');
      }
      const left = secondsLeft(token.expires_at);
      return left > 0
        ? trans.__('Token: expires in %1', formatSpan(left, trans))
        : trans.__('Token: expired. Restart the lab to get a new one.');
    }
    case 'rejected':
      return trans.__(
        'Token: the platform does not accept it. Restart the lab to get a new one.'
      );
    case 'missing':
      return trans.__('Token: this lab has none.');
    case 'unknown':
      return trans.__('Token: its state is not known.');
  }
}

/** How many TAP queries may run at a time. */
function Concurrent(props: {
  queries: QuotaDocument['concurrent_queries'];
}): React.ReactElement | null {
  const { trans } = useHealth();
  const parts = Object.entries(props.queries).map(
    ([database, count]) => `${count} (${database})`
  );
  return parts.length ? (
    <p className="jp-RSPHealth-fact">
      {trans.__('TAP queries at a time: %1', parts.join(', '))}
    </p>
  ) : null;
}

function Quotas(props: {
  entries: QuotaEntry[];
  /** Seconds until a moment, by the server's clock. */
  left: (moment: string) => number;
}): React.ReactElement {
  const { trans } = useHealth();
  return (
    <Disclosure
      name="quotas"
      label={trans._n(
        'Quota of %1 service',
        'Quotas of %1 services',
        props.entries.length
      )}
    >
      <table className="jp-RSPHealth-table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Service')}</th>
            <th scope="col">{trans.__('Left')}</th>
            <th scope="col">{trans.__('A minute')}</th>
            <th scope="col">{trans.__('Resets')}</th>
          </tr>
        </thead>
        <tbody>
          {props.entries.map(entry => {
            const { resets_at: resetsAt } = entry;
            const left = resetsAt === null ? null : props.left(resetsAt);
            // What is left of a minute that is over says nothing.
            const isOver = left !== null && left <= 0;
            return (
              <tr key={entry.service}>
                <th scope="row">{entry.service}</th>
                <td>{isOver ? '' : (entry.remaining ?? '')}</td>
                <td>
                  {entry.limit === 0 ? trans.__('blocked') : entry.limit}
                  {entry.overridden && ` ${trans.__('(changed for now)')}`}
                </td>
                <td>
                  {left === null || isOver
                    ? ''
                    : trans.__('in %1', formatSpan(left, trans))}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Disclosure>
  );
}

/** The platform's own tests, in their own words. */
function TestBotsView(props: { bots: TestBots }): React.ReactElement | null {
  const { trans } = useHealth();
  const { state, message, flocks } = props.bots;
  if (state === 'not_deployed' || (!message && !flocks.length)) {
    return null;
  }
  return (
    <Disclosure name="test-bots" label={trans.__("The platform's own tests")}>
      {message && <p className="jp-RSPHealth-hint">{message}</p>}
      <ul className="jp-RSPHealth-list">
        {flocks.map(flock => (
          <li key={flock.name}>
            {flock.summary ||
              trans.__(
                '%1: %2 passed, %3 failed',
                flock.name,
                flock.successes,
                flock.failures
              )}
          </li>
        ))}
      </ul>
    </Disclosure>
  );
}
