import { runIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { ServiceStatus } from '../../api/generated/api';
import { OutLink, TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { useSignals } from '../../components/hooks';
import { CommandIDs } from '../../jupyterlab/commands';
import { isActive } from '../../model/runs';
import { runLook, serviceLook } from '../../states/states';
import { formatAge } from '../../text/format';
import { WhyButton } from '../WhyButton';
import { Query } from './Query';
import type { IServiceCheck } from './checks';
import { checksOf } from './checks';
import { secondsUntil } from './countdown';
import { dependenciesOf } from './dependencies';
import { facts } from './facts';
import { HistoryBars, HistoryTable } from './history/HistoryBars';
import {
  LastDay,
  LastDayTable,
  LastDayToCome,
  useLastDay
} from './history/LastDay';

/** States that may be asked about. */
const TROUBLE: ReadonlySet<string> = new Set([
  'down',
  'degraded',
  'blocked',
  'throttled',
  'restricted',
  'maintenance'
]);

/** Why a service is said to be in its state, and what can be done. */
export function ServiceDetails(props: {
  service: ServiceStatus;
  /** Seconds since the server's answer came. */
  sinceAnswer: number;
}): React.ReactElement {
  const { service, sinceAnswer } = props;
  const { model, trans } = useHealth();
  const resets = service.quota?.resets_at ?? null;
  const left =
    resets === null
      ? null
      : secondsUntil(resets, model.status.data, sinceAnswer);
  const [isHistoryOpen, setHistoryOpen] = useState(false);
  const day = useLastDay(service);
  return (
    <div className="jp-RSPHealth-details">
      <p className="jp-RSPHealth-evidence">
        {service.evidence}
        {hasAnswered(service) && service.looked_at !== '' && (
          <span className="jp-RSPHealth-depth">
            {' · '}
            {service.looked_at}
          </span>
        )}
      </p>
      {service.advice !== '' && <p>{service.advice}</p>}
      {service.maintenance !== null && service.state !== 'maintenance' && (
        <p>{trans.__('Announced: %1', service.maintenance)}</p>
      )}
      <Dependencies service={service} />
      <div className="jp-RSPHealth-barsRow">
        <HistoryBars history={service.history} />
        <span className="jp-RSPHealth-facts">
          {facts(service, left, trans)}
        </span>
      </div>
      {day && <LastDay day={day} title={service.title} />}
      {day === undefined && <LastDayToCome />}
      <Checks service={service}>
        {isTrouble(service) && (
          <WhyButton about={service.title} args={{ service: service.id }} />
        )}
        {(service.history.length > 0 || day) && (
          <TextButton
            label={trans.__('History')}
            spoken={trans.__('History of %1', service.title)}
            expanded={isHistoryOpen}
            onClick={() => {
              setHistoryOpen(!isHistoryOpen);
            }}
          />
        )}
        <MuteButton service={service} />
        <Links service={service} />
      </Checks>
      {service.query_cost !== '' && (
        <Query service={service} sinceAnswer={sinceAnswer} />
      )}
      {isHistoryOpen && (
        <>
          <HistoryTable history={service.history} />
          {day && <LastDayTable day={day} />}
        </>
      )}
    </div>
  );
}

/** Whether something may be said to be wrong with it. */
function isTrouble({ state, affected_by: causes }: ServiceStatus): boolean {
  return TROUBLE.has(state) || causes.length > 0;
}

/** Whether the last answer was the service's own: then it looked somewhere. */
function hasAnswered({ age_s: age, state }: ServiceStatus): boolean {
  return age !== null && (state === 'up' || state === 'degraded');
}

/** What it needs and, when it is not well, who else will feel it. */
function Dependencies(props: {
  service: ServiceStatus;
}): React.ReactElement | null {
  const { model, trans } = useHealth();
  const { service } = props;
  const { needs, neededBy } = dependenciesOf(service, model.status.data);
  const lines: string[] = [];
  if (service.affected_by.length) {
    const rows = model.status.data?.services ?? [];
    const causes = service.affected_by.map(cause =>
      cause === 'login'
        ? trans.__('your login')
        : (rows.find(row => row.application === cause)?.title ?? cause)
    );
    lines.push(trans.__('Affected by: %1', causes.join(', ')));
  }
  if (needs.length) {
    const named = needs.map(({ title, state }) =>
      state === 'up'
        ? title
        : trans.__('%1 (%2)', title, serviceLook(state, trans).word)
    );
    lines.push(trans.__('Needs: %1', named.join(', ')));
  }
  if (neededBy.length && service.state !== 'up') {
    lines.push(trans.__('Needed by: %1', neededBy.join(', ')));
  }
  return lines.length ? (
    <p className="jp-RSPHealth-facts">{lines.join(' · ')}</p>
  ) : null;
}

/** The notebooks that check the service, with their newest results. */
function Checks(props: {
  service: ServiceStatus;
  /** What else can be done, on the same line. */
  children: React.ReactNode;
}): React.ReactElement {
  const { model, trans, execute } = useHealth();
  useSignals(model.runs.changed, model.repositories.changed);
  const { service } = props;
  const checks = checksOf(service, model);
  const first = checks[0];
  const isRunning = checks.some(
    check => check.outcome && isActive(check.outcome.run.state)
  );
  const isStarting = checks.some(check => check.isAsked);
  return (
    <div className="jp-RSPHealth-checks">
      {checks.map(check => (
        <p key={`${check.repository.id}/${check.path}`}>
          {checkText(check, trans)}
        </p>
      ))}
      {first && (
        <TextButton
          icon={runIcon}
          label={
            isStarting
              ? trans.__('Starting…')
              : isRunning
                ? trans.__('Running…')
                : trans.__('Run check')
          }
          disabled={isRunning || isStarting}
          onClick={() =>
            execute(CommandIDs.runChecks, {
              repository: first.repository.id,
              paths: checks
                .filter(check => check.repository === first.repository)
                .map(check => check.path)
            })
          }
        />
      )}
      {service.spends_quota && <ProbeButton service={service} />}
      {props.children}
    </div>
  );
}

function checkText(check: IServiceCheck, trans: TranslationBundle): string {
  const { path, outcome, isAsked } = check;
  if (isAsked) {
    return trans.__('%1 is starting', path);
  }
  if (!outcome) {
    return trans.__('%1 was not run here yet', path);
  }
  const { word } = runLook(outcome.result.state, trans);
  if (isActive(outcome.run.state) || outcome.run.finished_at === null) {
    return trans.__('%1 is %2', path, word);
  }
  const age = (Date.now() - Date.parse(outcome.run.finished_at)) / 1000;
  return trans.__('%1 %2 %3', path, word, formatAge(age, trans));
}

/** A probe that costs the user something waits for their word. */
function ProbeButton(props: { service: ServiceStatus }): React.ReactElement {
  const { model, trans } = useHealth();
  return (
    <TextButton
      label={trans.__('Probe now')}
      title={
        props.service.cost || trans.__('Sends one request with your token')
      }
      onClick={() => model.probe([props.service.id])}
    />
  );
}

/** For those who know, or do not care: it stays in the panel, quietly. */
function MuteButton(props: { service: ServiceStatus }): React.ReactElement {
  const { model, trans, execute } = useHealth();
  const { id, title } = props.service;
  const isMuted = model.mutes.has(id);
  return (
    <TextButton
      label={isMuted ? trans.__('Unmute') : trans.__('Mute')}
      spoken={
        isMuted ? trans.__('Unmute %1', title) : trans.__('Mute %1', title)
      }
      title={
        isMuted
          ? trans.__('Notifications of it again, and in the status bar')
          : trans.__('No notifications of it, and not in the status bar')
      }
      onClick={() => {
        // It shows at once; while the setting is saved it can be taken back.
        void execute(CommandIDs.toggleMute, { service: id });
      }}
    />
  );
}

/** Where to go on. */
function Links(props: { service: ServiceStatus }): React.ReactElement {
  const { trans } = useHealth();
  const { open_url, runbook, docs, logs, source, owner, contact, facility } =
    props.service;
  const links: [string, string | null][] = [
    [trans.__('Open'), open_url],
    [trans.__('Runbook'), runbook],
    [trans.__('Docs'), docs],
    [trans.__('Logs'), logs],
    [trans.__('Evidence'), source]
  ];
  return (
    <>
      {links.map(
        ([label, href]) =>
          href !== null && (
            <OutLink key={label} href={href}>
              {label}
            </OutLink>
          )
      )}
      {owner !== null && <span>{trans.__('Owner: %1', owner)}</span>}
      {facility !== null && <span>{trans.__('At: %1', facility)}</span>}
      {contact !== null && <OutLink href={contact}>{contact}</OutLink>}
    </>
  );
}
