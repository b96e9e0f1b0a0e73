import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ServiceStatus } from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { StateIcon } from '../../components/StateLabel';
import { useHealth } from '../../components/context';
import type { IStateLook } from '../../states/states';
import { serviceLook } from '../../states/states';
import { formatAge, formatMoment, formatSpan } from '../../text/format';
import { ServiceDetails } from './ServiceDetails';
import { secondsUntil } from './countdown';

/** A longer word than this is broken where the line ends. */
const LONGEST_WORD = 20;

/** A service: what state it is in, how old that news is, and the evidence. */
export function ServiceRow(props: {
  service: ServiceStatus;
  /** Seconds since the server's answer came. */
  sinceAnswer: number;
  /** Whether the answer itself is too old to be claimed. */
  outdated: boolean;
  /** Whether the details are open until the user says otherwise. */
  open: boolean;
}): React.ReactElement {
  const { service, sinceAnswer, outdated, open } = props;
  const { model, trans } = useHealth();
  const isStale = service.stale || outdated;
  const look = withAge(serviceLook(service.state, trans), isStale);
  const left =
    service.until === null
      ? null
      : secondsUntil(service.until, model.status.data, sinceAnswer);
  const age = service.age_s === null ? null : service.age_s + sinceAnswer;
  return (
    <li
      className="jp-RSPHealth-service"
      data-rsp-health-service={service.id}
      data-state={service.state}
    >
      <Disclosure
        name={`service:${service.id}`}
        initiallyOpen={open}
        label={
          <>
            <StateIcon look={look} />
            <span
              className={`jp-RSPHealth-name${isWhole(service) ? ' jp-mod-whole' : ''}`}
            >
              {service.title}
              {service.dataset !== null &&
                !service.title.includes(service.dataset) && (
                  <span className="jp-RSPHealth-dataset">
                    {' '}
                    {service.dataset}
                  </span>
                )}
            </span>{' '}
            <span className="jp-RSPHealth-word">{look.word}</span>
          </>
        }
        aside={
          <span className="jp-RSPHealth-age">
            {service.until !== null
              ? untilText(service.until, left, trans)
              : age !== null && formatAge(age, trans)}
            {isStale && (
              <span className="jp-RSPHealth-tag">{trans.__('stale')}</span>
            )}
            {model.mutes.has(service.id) && (
              <span className="jp-RSPHealth-tag">{trans.__('muted')}</span>
            )}
          </span>
        }
      >
        <ServiceDetails service={service} sinceAnswer={sinceAnswer} />
      </Disclosure>
    </li>
  );
}

/** Whether even a narrow panel has room for each word of its name. */
function isWhole({ title, dataset }: ServiceStatus): boolean {
  const words = `${title} ${dataset ?? ''}`.split(/\s/);
  return words.every(word => word.length <= LONGEST_WORD);
}

/** When it ends; if that is soon, counted down. */
function untilText(
  until: string,
  left: number | null,
  trans: TranslationBundle
): string {
  const moment = formatMoment(until);
  return left !== null && left > 0 && left < 3600
    ? trans.__('until %1 (%2)', moment, formatSpan(left, trans))
    : trans.__('until %1', moment);
}

/** Old news keeps its word, but loses its colour: it is no longer a claim. */
function withAge(look: IStateLook, isStale: boolean): IStateLook {
  return isStale ? { ...look, tone: 'muted' } : look;
}
