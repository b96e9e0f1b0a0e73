import type { TranslationBundle } from '@jupyterlab/translation';

import type { FileChange, Inspection } from '../api/generated/api';
import { formatBytes, shortCommit, visible } from '../text/format';

/** How many names of one kind are listed before the rest is counted. */
const LISTED = 200;

/** One kind of thing that would be replaced. */
export interface ILoss {
  term: string;
  /** What there is of it, in words. */
  text: string;
  /** Files, which may be many. */
  files?: FileChange[];
}

/**
 * What would be replaced, one line for each kind: first what cannot be seen in
 * the folder and no copy of its files would bring back.
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
  const { commits, stashes, objects, branches } = inspection;
  const { worktrees, kernels, processes } = inspection;
  const lines: ILoss[] = [
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
    { term: trans.__('kernels'), text: listed(kernels, trans) },
    { term: trans.__('at work there'), text: listed(processes, trans) },
    { term: trans.__('unsaved'), text: listed(unsaved, trans) },
    {
      // As `git worktree add` makes them: they find their repository by path.
      term: trans.__('work trees'),
      text: listed(worktrees, trans)
    },
    ...fileLosses(inspection, trans),
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
    }
  ];
  return lines.filter(line => line.text || line.files?.length);
}

function fileLosses(
  { changes, changes_omitted: more, ...found }: Inspection,
  trans: TranslationBundle
): ILoss[] {
  const of = (kind: FileChange['kind'], onlySaved = false): FileChange[] =>
    changes.filter(
      change => change.kind === kind && change.only_saved === onlySaved
    );
  const saved = of('modified', true);
  const { ignored_files: count, ignored_bytes: bytes } = found;
  return [
    { term: trans.__('modified'), text: '', files: of('modified') },
    { term: trans.__('new'), text: '', files: of('added') },
    { term: trans.__('deleted'), text: '', files: of('deleted') },
    {
      term: trans.__('only run or saved'),
      text: saved.length
        ? trans.__('Their text is as it was checked out:')
        : '',
      files: saved
    },
    {
      term: trans.__('ignored'),
      text: count
        ? trans._n('%1 file (%2)', '%1 files (%2)', count, formatBytes(bytes))
        : '',
      files: of('ignored')
    },
    {
      term: trans.__('more'),
      text: more ? trans._n('%1 more change', '%1 more changes', more) : ''
    }
  ];
}

function listed(names: string[], trans: TranslationBundle): string {
  const shown = names.slice(0, LISTED).map(visible).join(', ');
  const rest = names.length - LISTED;
  return rest > 0 ? trans.__('%1 and %2 more', shown, rest) : shown;
}
