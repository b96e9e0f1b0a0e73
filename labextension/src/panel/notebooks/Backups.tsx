import React, { useEffect, useState } from 'react';

import { CommandIDs } from '../../commands';
import { TextButton } from '../../components/buttons';
import { ErrorNote } from '../../components/ErrorNote';
import { formatBytes, formatMoment } from '../../format';
import type { Backup, Repository } from '../../generated/api';
import { useHealth } from '../context';

/** What earlier checkouts have moved aside, and the way back. */
export function Backups(props: { repository: Repository }): React.ReactElement {
  const { model, trans, execute } = useHealth();
  const { id, backups: count } = props.repository;
  const [backups, setBackups] = useState<Backup[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let isCurrent = true;
    model.api
      .backups(id)
      .then(answer => {
        if (isCurrent) {
          setBackups(answer.backups);
          setError(null);
        }
      })
      .catch((reason: unknown) => {
        if (isCurrent) {
          setError(reason);
        }
      });
    return () => {
      isCurrent = false;
    };
  }, [model, id, count]);
  return (
    <>
      <ErrorNote error={error} />
      <ul className="jp-RSPHealth-list">
        {backups.map(backup => (
          <li key={backup.id} className="jp-RSPHealth-backup">
            <span className="jp-RSPHealth-name">
              {formatMoment(backup.created_at)}
              {backup.size_bytes !== null &&
                ` · ${formatBytes(backup.size_bytes)}`}
              {backup.changes.length > 0 &&
                ` · ${trans._n(
                  '%1 file of yours',
                  '%1 files of yours',
                  backup.changes.length + backup.changes_omitted
                )}`}
            </span>
            <TextButton
              label={trans.__('Restore…')}
              title={backup.directory}
              onClick={() => {
                execute(CommandIDs.restore, {
                  repository: id,
                  backup: backup.id
                });
              }}
            />
          </li>
        ))}
      </ul>
    </>
  );
}
