import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { FileChange, GitHistory, Inspection } from '../api/generated/api';
import { formatBytes, shortCommit, visible } from '../text/format';

/** How many names of one kind are listed before the rest is counted. */
const LISTED = 200;

/** Bytes from which on a file's size is told. */
const WORTH_A_WORD = 1_000_000;

/** What the dialog shows. */
export interface IInspectionProps {
  inspection: Inspection;
  /** Paths, below the checkout, of open documents with unsaved changes. */
  unsaved: string[];
  /** Whether the tree changed while the dialog was open before. */
  changed: boolean;
  trans: TranslationBundle;
}

/** Exactly what a checkout would replace, and where it would go. */
export function InspectionView(props: IInspectionProps): React.ReactElement {
  const { inspection, unsaved, changed, trans } = props;
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
              <dd>{line.text}</dd>
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

/** One kind of thing that would be replaced. */
export interface ILoss {
  term: string;
  text: string;
}

/**
 * What would be replaced, one line for each kind.
 *
 * @param inspection - What the server found.
 * @param unsaved - What only the browser knows.
 * @param trans - The translations.
 */
export function losses(
  inspection: Inspection,
  unsaved: string[],
  trans: TranslationBundle
): ILoss[] {
  const {
    changes,
    commits,
    stashes,
    objects,
    branches,
    worktrees,
    kernels,
    processes
  } = inspection;
  const names = (kind: FileChange['kind']): string =>
    listed(changes.filter(change => change.kind === kind).map(named), trans);
  const lines: ILoss[] = [
    { term: trans.__('modified'), text: names('modified') },
    { term: trans.__('new'), text: names('added') },
    { term: trans.__('deleted'), text: names('deleted') },
    {
      term: trans.__('ignored'),
      text: [names('ignored'), ignored(inspection, trans)]
        .filter(text => text)
        .join('; ')
    },
    {
      term: trans.__('more'),
      text: inspection.changes_omitted
        ? trans._n(
            '%1 more change',
            '%1 more changes',
            inspection.changes_omitted
          )
        : ''
    },
    {
      term: trans.__('commits'),
      text: listed(
        commits.map(
          commit => `${shortCommit(commit.commit)} ${commit.subject}`
        ),
        trans
      )
    },
    { term: trans.__('branches'), text: listed(branches, trans) },
    {
      term: trans.__('stashes'),
      text: stashes ? trans._n('%1 stash', '%1 stashes', stashes) : ''
    },
    {
      // Versions of files that were staged once, what a dropped stash held.
      term: trans.__('other objects'),
      text: objects
        ? trans._n(
            "%1 in git's store that no commit holds",
            "%1 in git's store that no commit holds",
            objects
          )
        : ''
    },
    {
      // As `git worktree add` makes them: they find their repository by path.
      term: trans.__('work trees'),
      text: listed(worktrees, trans)
    },
    { term: trans.__('unsaved'), text: listed(unsaved, trans) },
    { term: trans.__('kernels'), text: listed(kernels, trans) },
    { term: trans.__('at work there'), text: listed(processes, trans) }
  ];
  return lines.filter(line => line.text);
}

/** Files that git ignores are told by their number: they may be many. */
function ignored(inspection: Inspection, trans: TranslationBundle): string {
  const { ignored_files: count, ignored_bytes: bytes } = inspection;
  return count
    ? trans._n('%1 file (%2)', '%1 files (%2)', count, formatBytes(bytes))
    : '';
}

/** A file's path, and its size if that is worth a word. */
function named({ path, size_bytes: size }: FileChange): string {
  return size !== null && size >= WORTH_A_WORD
    ? `${path} (${formatBytes(size)})`
    : path;
}

function listed(names: string[], trans: TranslationBundle): string {
  const shown = names.slice(0, LISTED).map(visible).join(', ');
  const rest = names.length - LISTED;
  return rest > 0 ? trans.__('%1 and %2 more', shown, rest) : shown;
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
  sentences.push(upstream(inspection, trans));
  return sentences;
}

/** What upstream has. */
function upstream(inspection: Inspection, trans: TranslationBundle): string {
  const { upstream_commit: commit, upstream_error: error } = inspection;
  if (error !== null) {
    return `${error.message} ${error.hint}`;
  }
  const base = inspection.base_commit ?? inspection.commit;
  if (base !== null && base === commit) {
    return trans.__('It is up to date with upstream (%1).', shortCommit(base));
  }
  if (commit === null) {
    return trans.__('On this disk: %1.', room(inspection, trans));
  }
  if (inspection.behind) {
    return trans._n(
      'Upstream is at %2, %1 commit ahead; %3.',
      'Upstream is at %2, %1 commits ahead; %3.',
      inspection.behind,
      shortCommit(commit),
      room(inspection, trans)
    );
  }
  return trans.__(
    'Upstream is at %1; %2.',
    shortCommit(commit),
    room(inspection, trans)
  );
}

/** How much room there is. */
function room(inspection: Inspection, trans: TranslationBundle): string {
  const { free_bytes: free, quota_bytes: quota } = inspection;
  if (free === null) {
    return trans.__('free space is not known');
  }
  return quota === null
    ? trans.__('%1 free', formatBytes(free))
    : trans.__('%1 free; quota %2', formatBytes(free), formatBytes(quota));
}
