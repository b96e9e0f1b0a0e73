import { downloadIcon, folderIcon } from '@jupyterlab/ui-components';
import React, { useId } from 'react';

import type { Operation, Repository } from '../../api/generated/api';
import { Disclosure } from '../../components/Disclosure';
import { MenuButton } from '../../components/MenuButton';
import { IconButton, TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { CommandIDs } from '../../jupyterlab/commands';
import { formatMoment, shortCommit } from '../../text/format';
import { Backups } from './Backups';
import { Updates } from './Updates';

/** What else can be done with a checkout. */
const CHECKOUT_MENU: readonly string[] = [
  CommandIDs.checkoutRef,
  CommandIDs.lookForUpdates,
  CommandIDs.removeCheckout
];

/** Which repository is shown, what is checked out, and what is going on. */
export function RepositoryBar(props: {
  repository: Repository;
  all: Repository[];
}): React.ReactElement {
  const { repository, all } = props;
  const { model, trans, execute } = useHealth();
  const selectId = useId();
  const operation = model.operations.get(repository.id);
  const isBusy = operation?.state === 'running';
  return (
    <div className="jp-RSPHealth-repository">
      <div className="jp-RSPHealth-chooser">
        {all.length > 1 ? (
          <>
            <label className="jp-RSPHealth-hidden" htmlFor={selectId}>
              {trans.__('Repository')}
            </label>
            <select
              id={selectId}
              value={repository.id}
              onChange={event => {
                model.select(event.currentTarget.value);
              }}
            >
              {all.map(one => (
                <option key={one.id} value={one.id}>
                  {one.title}
                </option>
              ))}
            </select>
          </>
        ) : (
          <span className="jp-RSPHealth-name">{repository.title}</span>
        )}
        {repository.state !== 'absent' && (
          <>
            <IconButton
              icon={folderIcon}
              label={trans.__('Open folder')}
              onClick={() =>
                execute(CommandIDs.openFolder, { path: repository.directory })
              }
            />
            <IconButton
              icon={downloadIcon}
              label={trans.__('Check out again…')}
              disabled={isBusy}
              onClick={() =>
                execute(CommandIDs.checkout, { repository: repository.id })
              }
            />
            <MenuButton
              label={trans.__('More about this checkout')}
              commands={CHECKOUT_MENU}
              args={{ repository: repository.id }}
            />
          </>
        )}
      </div>
      <Standing repository={repository} />
      {repository.provenance && (
        <Updates key={repository.provenance.commit} repository={repository} />
      )}
      {isBusy && <Progress operation={operation} />}
      {repository.backups > 0 && (
        <Disclosure
          name={`backups:${repository.id}`}
          label={trans._n('%1 backup', '%1 backups', repository.backups)}
        >
          <Backups repository={repository} />
        </Disclosure>
      )}
    </div>
  );
}

/** What stands in the folder. */
function Standing(props: {
  repository: Repository;
}): React.ReactElement | null {
  const { trans } = useHealth();
  const { repository } = props;
  const {
    provenance,
    state,
    directory,
    locked_by: lock,
    output_filter
  } = repository;
  if (lock) {
    return (
      <p className="jp-RSPHealth-hint">
        {trans.__(
          'The folder is locked by process %1 on %2 (%3) since %4.',
          lock.pid,
          lock.host,
          lock.action,
          formatMoment(lock.since)
        )}
      </p>
    );
  }
  if (state === 'foreign') {
    return (
      <p className="jp-RSPHealth-hint">
        {trans.__(
          'What stands at %1 was not checked out by RSP Health. A checkout moves it to a backup first.',
          directory
        )}
      </p>
    );
  }
  if (!provenance) {
    return null;
  }
  return (
    <p className="jp-RSPHealth-where" title={provenance.url}>
      {trans.__(
        '%1 %2, checked out %3',
        provenance.ref,
        shortCommit(provenance.commit),
        formatMoment(provenance.checked_out_at)
      )}
      {output_filter === false &&
        ` · ${trans.__('outputs would be committed')}`}
    </p>
  );
}

/** How far a checkout is. */
function Progress(props: { operation: Operation }): React.ReactElement {
  const { model, trans } = useHealth();
  const { operation } = props;
  const { percent, phase, repository } = operation;
  return (
    <div className="jp-RSPHealth-progress">
      <progress
        aria-label={phase || trans.__('Working')}
        max={100}
        {...(percent === null ? {} : { value: percent })}
      />
      <span>{phase}</span>
      <TextButton
        label={trans.__('Cancel')}
        onClick={() => void model.api.cancel(repository)}
      />
    </div>
  );
}
