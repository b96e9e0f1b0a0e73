import React from 'react';

import type { StatusDocument } from '../../api/generated/api';
import { useHealth } from '../../components/context';
import { formatAge } from '../../text/format';

/** What limits the list itself. */
export function DiscoveryNote(props: {
  document: StatusDocument;
}): React.ReactElement | null {
  const { trans } = useHealth();
  const { discovery, services } = props.document;
  const notes: string[] = [];
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
  if (props.document.catalogue_problem) {
    notes.push(props.document.catalogue_problem);
  }
  if (discovery.message) {
    notes.push(discovery.message);
  }
  return notes.length ? (
    <p className="jp-RSPHealth-hint">{notes.join(' ')}</p>
  ) : null;
}
