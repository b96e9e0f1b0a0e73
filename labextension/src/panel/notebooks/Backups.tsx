import type { TranslationBundle } from '@jupyterlab/translation';
import { deleteIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';

import type { Backup, Repository } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { IconButton, TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { CommandIDs } from '../../jupyterlab/commands';
import { formatBytes, formatMoment, visible } from '../../text/format';

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
  const expired = backups.filter(backup => backup.expired);
  return (
    <>
      {backups.length > 1 && (
        <p className="jp-RSPHealth-hint">
          {trans.__('%1 in all', formatBytes(sizeOf(backups)))}
        </p>
      )}
      <ErrorNote error={error} />
      <ul className="jp-RSPHealth-list">
        {backups.map(backup => (
          <li key={backup.id} className="jp-RSPHealth-backup">
            <span className="jp-RSPHealth-name">
              {backupText(backup, trans)}
            </span>
            <TextButton
              label={trans.__('Restore…')}
              title={backup.directory}
              onClick={() =>
                execute(CommandIDs.restore, {
                  repository: id,
                  backup: backup.id
                })
              }
            />
            <IconButton
              icon={deleteIcon}
              label={trans.__('Delete this backup…')}
              onClick={() =>
                execute(CommandIDs.removeBackup, {
                  repository: id,
                  backup: backup.id
                })
              }
            />
          </li>
        ))}
      </ul>
      {expired.length > 0 && (
        <TextButton
          label={trans._n(
            'Delete %1 expired backup (%2)…',
            'Delete %1 expired backups (%2)…',
            expired.length,
            formatBytes(sizeOf(expired))
          )}
          title={trans.__('Over 30 days old, and not among the last three')}
          onClick={() => execute(CommandIDs.pruneBackups, { repository: id })}
        />
      )}
    </>
  );
}

function sizeOf(backups: Backup[]): number {
  return backups.reduce((sum, backup) => sum + (backup.size_bytes ?? 0), 0);
}

/** When it was made, its size, and what of the user's is in it. */
function backupText(backup: Backup, trans: TranslationBundle): string {
  const { changes, changes_omitted: omitted, kind, size_bytes: size } = backup;
  const parts = [formatMoment(backup.created_at)];
  if (size !== null) {
    parts.push(formatBytes(size));
  }
  if (kind === 'files') {
    parts.push(changes.map(change => visible(change.path)).join(', '));
  } else if (changes.length) {
    parts.push(
      trans._n(
        '%1 file of yours',
        '%1 files of yours',
        changes.length + omitted
      )
    );
  }
  return parts.join(' · ');
}
