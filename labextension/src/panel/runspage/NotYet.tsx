import React from 'react';

import { ErrorNote } from '../../components/ErrorNote';
import { useHealth } from '../../components/context';

/** Stands in the place of what is not known yet: why, if that is known. */
export function NotYet(props: { error: unknown }): React.ReactElement {
  const { trans } = useHealth();
  return props.error === null ? (
    <p className="jp-RSPHealth-hint">{trans.__('Reading the runs…')}</p>
  ) : (
    <ErrorNote error={props.error} />
  );
}
