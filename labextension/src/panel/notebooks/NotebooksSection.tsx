import React, { useEffect } from 'react';

import type { Repository } from '../../api/generated/api';
import { ErrorNote } from '../../components/ErrorNote';
import { Section } from '../../components/Section';
import { TextButton } from '../../components/buttons';
import { useHealth } from '../../components/context';
import { useSignals } from '../../components/hooks';
import { CommandIDs } from '../../jupyterlab/commands';
import { shortCommit } from '../../text/format';
import { NotebookTree } from './NotebookTree';
import { RepositoryBar } from './RepositoryBar';

/** The notebooks of a checkout, and how they ran. */
export function NotebooksSection(): React.ReactElement {
  const { model, trans } = useHealth();
  useSignals(
    model.repositories.changed,
    model.selectionChanged,
    model.operations.changed
  );
  const { data, error, loading } = model.repositories;
  const repository = model.selected;
  return (
    <Section
      name="notebooks"
      title={trans.__('Notebooks')}
      summary={repository ? title(repository) : ''}
    >
      <ErrorNote error={error} />
      {!data && loading && (
        <p className="jp-RSPHealth-hint">{trans.__('Looking…')}</p>
      )}
      {data && !repository && (
        <p className="jp-RSPHealth-hint">
          {trans.__(
            'No repository is configured. An operator names them in HealthApp.repositories.'
          )}
        </p>
      )}
      {data?.problems.map(problem => (
        <p key={problem} className="jp-RSPHealth-hint">
          {problem}
        </p>
      ))}
      {repository && (
        <>
          <RepositoryBar
            repository={repository}
            all={data?.repositories ?? []}
          />
          {repository.state === 'absent' ? (
            <NoCheckout repository={repository} />
          ) : (
            <Checkout key={repository.id} repository={repository} />
          )}
        </>
      )}
    </Section>
  );
}

function title(repository: Repository): string {
  const { provenance } = repository;
  return provenance
    ? `${repository.id} @ ${provenance.ref} ${shortCommit(provenance.commit)}`
    : repository.id;
}

/** Nothing is checked out yet: what it would bring, and one button. */
function NoCheckout(props: { repository: Repository }): React.ReactElement {
  const { model, trans, execute } = useHealth();
  const { repository } = props;
  const isBusy = model.operations.get(repository.id)?.state === 'running';
  return (
    <div className="jp-RSPHealth-empty">
      <p>
        {trans.__(
          '%1 is a set of notebooks, each of which tries one service from here, as you would use it. Check it out to run them, and to change them as you like.',
          repository.title
        )}
      </p>
      <TextButton
        accent
        label={trans.__('Check out %1…', repository.title)}
        disabled={isBusy}
        onClick={() =>
          execute(CommandIDs.checkout, { repository: repository.id })
        }
      />
    </div>
  );
}

function Checkout(props: { repository: Repository }): React.ReactElement {
  const { model, trans } = useHealth();
  const { repository } = props;
  const list = model.notebooks(repository.id);
  useSignals(list.changed);
  useEffect(() => {
    if (!list.data) {
      void list.load();
    }
  }, [list]);
  return (
    <>
      <ErrorNote error={list.error} />
      {list.data?.problems.map(problem => (
        <p key={problem} className="jp-RSPHealth-hint">
          {problem}
        </p>
      ))}
      {list.data ? (
        <NotebookTree repository={repository} list={list.data} />
      ) : (
        list.loading && (
          <p className="jp-RSPHealth-hint">{trans.__('Looking…')}</p>
        )
      )}
    </>
  );
}
