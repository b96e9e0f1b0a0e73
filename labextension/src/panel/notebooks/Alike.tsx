import React from 'react';

import { Disclosure } from '../../components/Disclosure';
import { MiddleCut } from '../../components/MiddleCut';
import { StateIcon } from '../../components/StateLabel';
import { useHealth } from '../../components/context';
import type { INotebookOutcome } from '../../model/runs';
import { runLook } from '../../states/states';
import { visible } from '../../text/format';

/** What several notebooks have in common that failed. */
export interface IAlike {
  fault: string;
  paths: string[];
}

/** Faults that more than one notebook has, those of most first. */
export function alike(
  outcomes: ReadonlyMap<string, INotebookOutcome>
): IAlike[] {
  const faults = new Map<string, string[]>();
  for (const [path, { result }] of outcomes) {
    if (result.fault !== null) {
      faults.set(result.fault, [...(faults.get(result.fault) ?? []), path]);
    }
  }
  return [...faults]
    .filter(([, paths]) => paths.length > 1)
    .map(([fault, paths]) => ({ fault, paths }))
    .sort((a, b) => b.paths.length - a.paths.length);
}

/** Equal errors, told once. */
export function Alike(props: {
  outcomes: ReadonlyMap<string, INotebookOutcome>;
}): React.ReactElement | null {
  const { trans } = useHealth();
  const found = alike(props.outcomes);
  if (!found.length) {
    return null;
  }
  return (
    <ul className="jp-RSPHealth-list">
      {found.map(({ fault, paths }) => (
        <li key={fault}>
          <Disclosure
            name={`alike:${fault}`}
            label={
              <>
                <StateIcon look={runLook('failed', trans)} />
                <span className="jp-RSPHealth-name">
                  {trans.__(
                    '%1 notebooks failed in the same way: %2',
                    paths.length,
                    visible(fault)
                  )}
                </span>
              </>
            }
          >
            <ul className="jp-RSPHealth-list jp-RSPHealth-reason">
              {paths.map(path => (
                <li key={path}>
                  <MiddleCut text={visible(path)} />
                </li>
              ))}
            </ul>
          </Disclosure>
        </li>
      ))}
    </ul>
  );
}
