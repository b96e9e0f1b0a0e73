import React, { useEffect, useState } from 'react';

import type { Repository, UpdateStatus } from '../../api/generated/api';
import { useHealth } from '../../components/context';

/** Whether upstream is newer than the checkout; nothing if it is not. */
export function Updates(props: {
  repository: Repository;
}): React.ReactElement | null {
  const { model } = useHealth();
  const { id } = props.repository;
  const [updates, setUpdates] = useState<UpdateStatus | null>(null);
  useEffect(() => {
    let isCurrent = true;
    model.api
      .updates(id)
      .then(answer => {
        if (isCurrent) {
          setUpdates(answer);
        }
      })
      // It is an extra: whoever checks out is told what is wrong upstream.
      .catch(() => undefined);
    return () => {
      isCurrent = false;
    };
  }, [model, id]);
  return updates?.available ? (
    <p className="jp-RSPHealth-hint">{updates.message}</p>
  ) : null;
}
