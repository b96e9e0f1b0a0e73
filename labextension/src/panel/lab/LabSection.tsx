import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Disclosure } from '../../components/Disclosure';
import { ErrorNote } from '../../components/ErrorNote';
import { Meter } from '../../components/Meter';
import { Section } from '../../components/Section';
import { useNow, useSignals } from '../../components/hooks';
import {
  formatBytes,
  formatMemory,
  formatMoment,
  formatSpan
} from '../../format';
import type {
  LabResources,
  QuotaEntry,
  TestBots,
  TokenStatus
} from '../../generated/api';
import { useHealth } from '../context';

/** How often the time to the token's end is looked at, in ms. */
const TICK = 60_000;

/** This lab's own limits, the user's token and quotas. */
export function LabSection(): React.ReactElement {
  const { model, trans } = useHealth();
  useSignals(model.quota.changed);
  useNow(TICK);
  const { data, error } = model.quota;
  return (
    <Section
      name="lab"
      title={trans.__('My lab')}
      summary={data?.lab.size ?? ''}
    >
      <ErrorNote error={error} />
      {data && (
        <>
          <Resources lab={data.lab} />
          <p className="jp-RSPHealth-fact">{tokenText(data.token, trans)}</p>
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
          {data.api.length > 0 && <Quotas entries={data.api} />}
          {data.test_bots && <TestBotsView bots={data.test_bots} />}
        </>
      )}
    </Section>
  );
}

function Resources(props: { lab: LabResources }): React.ReactElement {
  const { trans } = useHealth();
  const {
    memory_used_bytes: memory,
    memory_limit_bytes: memoryLimit,
    disk_free_bytes: free,
    disk_total_bytes: disk,
    cpu_limit: cpu,
    cpu_used: cpuUsed,
    oom_kills: kills,
    quota_cpu: allCpu,
    quota_memory_bytes: allMemory,
    hints
  } = props.lab;
  return (
    <>
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
      {kills !== null && kills > 0 && (
        <p className="jp-RSPHealth-hint">
          {trans._n(
            '%1 process was ended because memory ran out.',
            '%1 processes were ended because memory ran out.',
            kills
          )}
        </p>
      )}
      {hints.map(hint => (
        <p key={hint} className="jp-RSPHealth-hint">
          {hint}
        </p>
      ))}
    </>
  );
}

function tokenText(token: TokenStatus, trans: TranslationBundle): string {
  if (token.message) {
    return trans.__('Token: %1', token.message);
  }
  switch (token.state) {
    case 'valid': {
      if (token.expires_at === null) {
        return trans.__('Token: valid');
      }
      const left = (Date.parse(token.expires_at) - Date.now()) / 1000;
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

function Quotas(props: { entries: QuotaEntry[] }): React.ReactElement {
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
          {props.entries.map(entry => (
            <tr key={entry.service}>
              <th scope="row">{entry.service}</th>
              <td>{entry.remaining ?? ''}</td>
              <td>
                {entry.limit === 0 ? trans.__('blocked') : entry.limit}
                {entry.overridden && ` ${trans.__('(changed for now)')}`}
              </td>
              <td>
                {entry.resets_at === null ? '' : formatMoment(entry.resets_at)}
              </td>
            </tr>
          ))}
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
