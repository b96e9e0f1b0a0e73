import React from 'react';

import type { ServiceStatus, StatusDocument } from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { StateIcon } from '../../components/StateLabel';
import { useHealth } from '../../components/context';
import { serviceLook } from '../../states/states';
import { datasetMatrix } from './matrix';

/** What still gives access to which dataset, at one look. */
export function DatasetMatrix(props: {
  document: StatusDocument;
  /** Whether the answer is too old to be claimed. */
  outdated: boolean;
}): React.ReactElement | null {
  const { document, outdated } = props;
  const { trans } = useHealth();
  const { datasets, lines } = datasetMatrix(document.services);
  if (!datasets.length) {
    return null;
  }
  return (
    <Disclosure
      name="datasets"
      label={trans._n('%1 dataset', '%1 datasets', datasets.length)}
    >
      <div className="jp-RSPHealth-matrix">
        <table className="jp-RSPHealth-table">
          <thead>
            <tr>
              <th scope="col">{trans.__('Service')}</th>
              {datasets.map(dataset => (
                <th key={dataset} scope="col">
                  {dataset}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => (
              <tr key={index}>
                <th scope="row">{line.title}</th>
                {line.cells.map((cell, column) => (
                  <td key={column}>
                    {cell && <Cell service={cell} outdated={outdated} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Disclosure>
  );
}

/** A state as its shape; the word is read, and shown as a tip. */
function Cell(props: {
  service: ServiceStatus;
  outdated: boolean;
}): React.ReactElement {
  const { service, outdated } = props;
  const { trans } = useHealth();
  const look = serviceLook(service.state, trans);
  const isOld = outdated || service.stale;
  return (
    <span
      className="jp-RSPHealth-state"
      title={`${look.word}: ${service.evidence}`}
    >
      <StateIcon look={isOld ? { ...look, tone: 'muted' } : look} />
      <span className="jp-RSPHealth-hidden">{look.word}</span>
    </span>
  );
}
