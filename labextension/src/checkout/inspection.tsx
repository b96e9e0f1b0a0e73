import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { GitHistory, Inspection } from '../api/generated/api';
import { formatBytes, shortCommit, visible } from '../text/format';
import type { Compare } from './files';
import { Files } from './files';
import { losses } from './losses';

/** What the dialog shows. */
export interface IInspectionProps {
  inspection: Inspection;
  /** Paths, below the checkout, of open documents with unsaved changes. */
  unsaved: string[];
  /** Whether the tree changed while the dialog was open before. */
  changed: boolean;
  /** Compares a file with what was checked out; without it none is. */
  compare?: Compare;
  trans: TranslationBundle;
}

/** Exactly what a checkout would replace, and where it would go. */
export function InspectionView(props: IInspectionProps): React.ReactElement {
  const { inspection, unsaved, changed, compare = null, trans } = props;
  const lines = losses(inspection, unsaved, trans);
  return (
    <div className="jp-RSPHealth-inspection">
      {changed && (
        <p role="alert">
          {trans.__(
            'The folder changed while you were reading. This is how it is now:'
          )}
        </p>
      )}
      <p>{intro(inspection, lines.length > 0, trans)}</p>
      {lines.length > 0 && (
        <dl
          className="jp-RSPHealth-losses"
          tabIndex={0}
          aria-label={trans.__('What is there now')}
        >
          {lines.map(line => (
            <div key={line.term}>
              <dt>{line.term}</dt>
              <dd>
                {line.text}
                {line.files && line.files.length > 0 && (
                  <Files files={line.files} compare={compare} trans={trans} />
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {outlook(inspection, trans).map(sentence => (
        <p key={sentence}>{sentence}</p>
      ))}
      {unsaved.length > 0 && (
        <p>
          {trans.__(
            'Unsaved changes stay in their tabs; they are not in the backup.'
          )}
        </p>
      )}
    </div>
  );
}

function intro(
  inspection: Inspection,
  hasLosses: boolean,
  trans: TranslationBundle
): string {
  const folder = inspection.directory;
  if (inspection.state === 'absent') {
    return trans.__('A fresh copy goes to %1.', folder);
  }
  if (inspection.history) {
    return repository(folder, inspection.history, trans);
  }
  if (inspection.at_risk) {
    return inspection.state === 'foreign'
      ? trans.__(
          'Something that RSP Health did not check out stands at %1:',
          folder
        )
      : trans.__('%1 already holds your work:', folder);
  }
  return hasLosses
    ? trans.__('%1 is as it was checked out. In use there:', folder)
    : trans.__(
        '%1 is as it was checked out: nothing of yours is there.',
        folder
      );
}

/** A git repository that is no checkout of ours. */
function repository(
  folder: string,
  { commits, branch, shallow }: GitHistory,
  trans: TranslationBundle
): string {
  const count = shallow
    ? trans._n('%1 commit, shallow', '%1 commits, shallow', commits)
    : trans._n('%1 commit', '%1 commits', commits);
  return branch === null
    ? trans.__(
        'A git repository that RSP Health did not check out stands at %1 (%2, no branch).',
        folder,
        count
      )
    : trans.__(
        'A git repository that RSP Health did not check out stands at %1 (%2, branch %3).',
        folder,
        count,
        visible(branch)
      );
}

/** Where the old tree goes, and what would come in its place. */
function outlook(inspection: Inspection, trans: TranslationBundle): string[] {
  const sentences = [];
  if (inspection.at_risk && inspection.backup !== null) {
    const size =
      inspection.size_bytes === null
        ? trans.__('size is not known')
        : formatBytes(inspection.size_bytes);
    sentences.push(
      trans.__(
        'All of it moves to a backup such as %1 (%2; %3). You can restore it from the panel.',
        inspection.backup,
        size,
        room(inspection, trans)
      )
    );
  }
  // The room is told once, where it is asked for first.
  sentences.push(upstream(inspection, sentences.length > 0, trans));
  return sentences.filter(Boolean);
}

/** What upstream has. */
function upstream(
  inspection: Inspection,
  isRoomTold: boolean,
  trans: TranslationBundle
): string {
  const { upstream_commit: commit, upstream_error: error } = inspection;
  if (error !== null) {
    return `${error.message} ${error.hint}`;
  }
  const base = inspection.base_commit ?? inspection.commit;
  if (base !== null && base === commit) {
    return trans.__('It is up to date with upstream (%1).', shortCommit(base));
  }
  if (commit === null) {
    return isRoomTold
      ? ''
      : trans.__('Room for it: %1.', room(inspection, trans));
  }
  const at = shortCommit(commit);
  const told = inspection.behind
    ? trans._n(
        'Upstream is at %2, %1 commit ahead.',
        'Upstream is at %2, %1 commits ahead.',
        inspection.behind,
        at
      )
    : trans.__('Upstream is at %1.', at);
  return isRoomTold
    ? told
    : `${told} ${trans.__('Room for it: %1.', room(inspection, trans))}`;
}

/** How much room there is. */
function room(inspection: Inspection, trans: TranslationBundle): string {
  const { free_bytes: free, quota_bytes: quota } = inspection;
  if (free === null) {
    return trans.__('free space is not known');
  }
  // The disk is shared: a quota may end before it does.
  return quota === null
    ? trans.__('%1 free on this disk', formatBytes(free))
    : trans.__(
        '%1 free on this disk; you may use %2 of it in all',
        formatBytes(free),
        formatBytes(quota)
      );
}
