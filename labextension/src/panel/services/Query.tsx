import React, { useState } from 'react';

import type { ServiceStatus } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { formatAge } from '../../text/format';

/** A row of the service's data: what it costs to read one, and what came. */
export function Query(props: {
  service: ServiceStatus;
  /** Seconds since the server's answer came. */
  sinceAnswer: number;
}): React.ReactElement {
  const { service, sinceAnswer } = props;
  const { model, trans } = useHealth();
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { query, query_cost: cost } = service;
  const ask = async (): Promise<void> => {
    setAsking(true);
    setError(null);
    try {
      await model.query(service.id);
    } catch (reason) {
      setError(reason);
    }
    setAsking(false);
  };
  return (
    <>
      <div className="jp-RSPHealth-checks">
        <p>
          {query === null
            ? trans.__('Data not read yet: %1', cost)
            : trans.__(
                '%1, %2',
                query.evidence,
                formatAge(query.age_s + sinceAnswer, trans)
              )}
        </p>
        <TextButton
          label={isAsking ? trans.__('Trying…') : trans.__('Try a query')}
          spoken={
            isAsking
              ? trans.__('Trying… a query of %1', service.title)
              : trans.__('Try a query of %1', service.title)
          }
          title={cost}
          disabled={isAsking}
          onClick={() => void ask()}
        />
      </div>
      <ErrorNote error={error} />
    </>
  );
}
