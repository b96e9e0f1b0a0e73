import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type { FileChange, FileDifference } from '../api/generated/api';
import { errorSentence } from '../text/errors';
import { formatBytes, visible } from '../text/format';
import type { IEntry } from './folders';
import { inFolders, isFolder } from './folders';

/** How many files are drawn before the rest is counted. */
const LISTED = 200;

/** Bytes from which on a file's size is told. */
const WORTH_A_WORD = 1_000_000;

/** Compares a file with what was checked out. */
export type Compare = (path: string) => Promise<FileDifference>;

/** Files of one kind: full folders can be opened, and changed files compared. */
export function Files(props: {
  files: FileChange[];
  compare: Compare | null;
  trans: TranslationBundle;
}): React.ReactElement {
  return <Entries {...props} entries={inFolders(props.files)} />;
}

function Entries(props: {
  entries: IEntry[];
  /** The folder that was opened; what is in it is named without it. */
  above?: string;
  compare: Compare | null;
  trans: TranslationBundle;
}): React.ReactElement {
  const { entries, above = '', compare, trans } = props;
  const rest = entries.length - LISTED;
  return (
    <ul className="jp-RSPHealth-files">
      {entries.slice(0, LISTED).map(entry => (
        <li key={entry.path}>
          {isFolder(entry) ? (
            <Opening
              label={trans.__(
                '%1 (%2 files, %3)',
                visible(entry.path.slice(above.length)),
                entry.files,
                formatBytes(entry.bytes)
              )}
            >
              <Entries {...props} entries={entry.entries} above={entry.path} />
            </Opening>
          ) : entry.kind === 'modified' && compare ? (
            <Opening label={named(entry, above)}>
              <Difference path={entry.path} compare={compare} trans={trans} />
            </Opening>
          ) : (
            named(entry, above)
          )}
        </li>
      ))}
      {rest > 0 && <li>{trans.__('and %1 more', rest)}</li>}
    </ul>
  );
}

/** A line that opens; what is in it is made when it is first opened. */
function Opening(props: {
  label: string;
  children: React.ReactNode;
}): React.ReactElement {
  const [wasOpened, setOpened] = useState(false);
  return (
    <details
      onToggle={event => {
        if (event.currentTarget.open) {
          setOpened(true);
        }
      }}
    >
      <summary>{props.label}</summary>
      {wasOpened && props.children}
    </details>
  );
}

/** How a file differs from what was checked out; asked for when it is shown. */
function Difference(props: {
  path: string;
  compare: Compare;
  trans: TranslationBundle;
}): React.ReactElement {
  const { path, compare, trans } = props;
  const [found, setFound] = useState<FileDifference | null>(null);
  const [error, setError] = useState<unknown>(null);
  React.useEffect(() => {
    let isCurrent = true;
    compare(path)
      .then(difference => {
        if (isCurrent) {
          setFound(difference);
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
  }, [path, compare]);
  if (error !== null) {
    return <p role="alert">{errorSentence(error, trans)}</p>;
  }
  if (!found) {
    return <p role="status">{trans.__('Comparing…')}</p>;
  }
  if (!found.text) {
    return (
      <p>
        {found.kind === 'notebook'
          ? trans.__('Only outputs or editor metadata differ.')
          : trans.__('The text is the same; its permissions may differ.')}
      </p>
    );
  }
  return (
    <pre
      className="jp-RSPHealth-diff"
      tabIndex={0}
      aria-label={trans.__('Difference of %1', visible(path))}
    >
      {found.text.split('\n').map((line, index) => (
        <span key={index} className={tone(line)}>
          {visible(line)}
          {'\n'}
        </span>
      ))}
      {found.truncated && trans.__('There is more: see git diff.')}
    </pre>
  );
}

/** The colour repeats what the first character says. */
function tone(line: string): string | undefined {
  if (/^(\+\+\+|---|diff |index )/.test(line)) {
    return undefined;
  }
  return line.startsWith('+')
    ? 'jp-mod-added'
    : line.startsWith('-')
      ? 'jp-mod-removed'
      : undefined;
}

/** A file's name, and its size if that is worth a word. */
function named({ path, size_bytes: size }: FileChange, above: string): string {
  const name = visible(path.slice(above.length));
  return size !== null && size >= WORTH_A_WORD
    ? `${name} (${formatBytes(size)})`
    : name;
}
