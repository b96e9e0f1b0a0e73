import React, { useState } from 'react';

import type { Finding, Repair } from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { ErrorNote } from '../../components/ErrorNote';
import { StateIcon } from '../../components/StateLabel';
import { TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { whoseWord } from '../../doctor/whose';
import { findingLook } from '../../states/states';
import { formatAge } from '../../text/format';

/** Evidence that is older than this is told with its age, in seconds. */
const OLD = 1;

/** What was found: problems first, each with its evidence. */
export function Findings(props: {
  findings: Finding[];
  /** Something was moved: what was found may be otherwise now. */
  onFixed: () => Promise<void>;
}): React.ReactElement {
  const { trans } = useHealth();
  const { findings, onFixed } = props;
  const problems = findings.filter(f => f.whose !== null);
  const blind = findings.filter(f => f.state === 'cannot_tell');
  const well = findings.filter(f => f.state === 'ok');
  const none = findings.filter(f => f.state === 'not_applicable');
  return (
    <>
      {problems.map((finding, index) => (
        <FindingView
          key={finding.check}
          finding={finding}
          isOpen={index === 0}
          onFixed={onFixed}
        />
      ))}
      {blind.map(finding => (
        <FindingView
          key={finding.check}
          finding={finding}
          isOpen={false}
          onFixed={onFixed}
        />
      ))}
      <Folded
        name="doctor-well"
        label={trans._n(
          '%1 check found nothing wrong',
          '%1 checks found nothing wrong',
          well.length
        )}
        findings={well}
      />
      <Folded
        name="doctor-none"
        label={trans._n(
          '%1 check has nothing to look at here',
          '%1 checks have nothing to look at here',
          none.length
        )}
        findings={none}
      />
    </>
  );
}

/** Findings that want no look, one line each. */
function Folded(props: {
  name: string;
  label: string;
  findings: Finding[];
}): React.ReactElement | null {
  const { trans } = useHealth();
  const { name, label, findings } = props;
  if (findings.length === 0) {
    return null;
  }
  return (
    <Disclosure name={name} label={label}>
      <ul className="jp-RSPHealth-steps">
        {findings.map(({ check, state, title, sentence }) => (
          <li key={check}>
            <StateIcon look={findingLook(state, trans)} />
            <span>
              <strong>{title}:</strong> {sentence}
            </span>
          </li>
        ))}
      </ul>
    </Disclosure>
  );
}

function FindingView(props: {
  finding: Finding;
  isOpen: boolean;
  onFixed: () => Promise<void>;
}): React.ReactElement {
  const { trans } = useHealth();
  const { finding, isOpen, onFixed } = props;
  const look = findingLook(finding.state, trans);
  return (
    <div data-finding={finding.check}>
      <Disclosure
        name={`doctor:${finding.check}`}
        initiallyOpen={isOpen}
        label={
          <>
            <StateIcon look={look} />
            <span>
              {finding.title} <em>{look.word}</em>
            </span>
          </>
        }
      >
        <div className="jp-RSPHealth-details">
          <p>{finding.sentence}</p>
          {finding.whose && (
            <p>{trans.__('Whose: %1', whoseWord(finding.whose, trans))}</p>
          )}
          {finding.evidence.length > 0 && (
            <ul className="jp-RSPHealth-list">
              {finding.evidence.map(({ source, value, age_s: age }) => (
                <li key={`${source} ${value}`}>
                  {source}: {value}
                  {age > OLD && ` (${formatAge(age, trans)})`}
                </li>
              ))}
            </ul>
          )}
          {finding.next_step && <p>{trans.__('Now: %1', finding.next_step)}</p>}
          {finding.fix && <FixView finding={finding} onFixed={onFixed} />}
        </div>
      </Disclosure>
    </div>
  );
}

/** A fix: what it would move, then the move, then the way back. */
function FixView(props: {
  finding: Finding;
  onFixed: () => Promise<void>;
}): React.ReactElement {
  const { model, trans } = useHealth();
  const [repair, setRepair] = useState<Repair | null>(null);
  const [error, setError] = useState<unknown>(null);
  const { finding, onFixed } = props;
  const call = async (next: () => Promise<Repair>): Promise<void> => {
    setError(null);
    try {
      setRepair(await next());
    } catch (reason) {
      setError(reason);
    }
  };
  return (
    <>
      {repair && (
        <ul className="jp-RSPHealth-list">
          {repair.moves.map(({ source, target, problem }) => (
            <li key={source}>
              {trans.__('%1 → %2', source, target)} {problem}
            </li>
          ))}
        </ul>
      )}
      <ErrorNote error={error} />
      <div className="jp-RSPHealth-actions">
        {(repair === null || repair.state === 'undone') && (
          <TextButton
            label={trans.__('%1…', finding.fix?.title ?? '')}
            title={trans.__('Show what would be moved')}
            onClick={() => call(() => model.api.fix(finding.check, true))}
          />
        )}
        {repair?.state === 'planned' && (
          <TextButton
            accent
            label={trans.__('Move it')}
            onClick={() => call(() => model.api.fix(finding.check, false))}
          />
        )}
        {(repair?.state === 'done' || repair?.state === 'partly_undone') && (
          <>
            <TextButton
              label={trans.__('Put it back')}
              onClick={() => call(() => model.api.undoFix(repair.id))}
            />
            <TextButton label={trans.__('Look again')} onClick={onFixed} />
          </>
        )}
      </div>
    </>
  );
}
