import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { formatBytes, visible } from '../text/format';
import type { IPreview, IPreviewError, IPreviewRow } from './preview';
import { total, whatGoes } from './messages';

/** How many notebooks are listed before the rest is counted. */
const LISTED = 200;

/** What the dialog shows. */
export interface IPreviewProps {
  preview: IPreview;
  /** The folder that was asked for; its name is not said in every line. */
  folder: string | null;
  /** Whether the notebooks changed while the dialog was open before. */
  changed: boolean;
  trans: TranslationBundle;
}

/** Exactly what goes from which notebook, and what stays. */
export function PreviewView(props: IPreviewProps): React.ReactElement {
  const { preview, folder, changed, trans } = props;
  const { rows, errors } = preview;
  const numbers = total(rows);
  const shown = (path: string): string =>
    visible(
      folder !== null && path.startsWith(`${folder}/`)
        ? path.slice(folder.length + 1)
        : path
    );
  return (
    <div className="jp-RSPHealth-inspection">
      {changed && (
        <p role="alert">
          {trans.__(
            'The notebooks changed while you were reading. This is how they are now:'
          )}
        </p>
      )}
      <p>
        {trans.__(
          'Removes %1 (%2). Sources, tags, ids and attachments stay.',
          whatGoes(numbers, trans),
          formatBytes(numbers.bytes)
        )}
      </p>
      <div
        className="jp-RSPHealth-strips"
        role="region"
        aria-label={trans.__('What goes from each notebook')}
        tabIndex={0}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">{trans.__('Notebook')}</th>
              <th scope="col">{trans.__('Outputs')}</th>
              <th scope="col">{trans.__('Counts')}</th>
              <th scope="col">{trans.__('Metadata')}</th>
              <th scope="col">{trans.__('Size')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, LISTED).map(row => (
              <Row key={row.path} row={row} shown={shown} trans={trans} />
            ))}
          </tbody>
        </table>
        {rows.length > LISTED && (
          <p>{trans.__('and %1 more', rows.length - LISTED)}</p>
        )}
      </div>
      <Errors errors={errors} shown={shown} trans={trans} />
      {notes(preview, trans).map(note => (
        <p key={note}>{note}</p>
      ))}
    </div>
  );
}

function Row(props: {
  row: IPreviewRow;
  shown: (path: string) => string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { row, shown, trans } = props;
  return (
    <tr>
      <th scope="row">
        {shown(row.path)}
        {row.isOpen && (
          <span className="jp-RSPHealth-openMark"> {trans.__('(open)')}</span>
        )}
      </th>
      <td>{row.outputs}</td>
      <td>{row.executionCounts}</td>
      <td>{row.metadata}</td>
      <td>{formatBytes(row.bytes)}</td>
    </tr>
  );
}

function Errors(props: {
  errors: IPreviewError[];
  shown: (path: string) => string;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { errors, shown, trans } = props;
  if (!errors.length) {
    return null;
  }
  return (
    <>
      <p>{trans.__('Left as they are:')}</p>
      <ul
        className="jp-RSPHealth-stripErrors"
        aria-label={trans.__('Left as they are')}
        tabIndex={0}
      >
        {errors.slice(0, LISTED).map(error => (
          <li key={error.path}>
            {trans.__('%1: %2', shown(error.path), reason(error, trans))}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Why a notebook cannot be stripped. */
export function reason(
  { message }: IPreviewError,
  trans: TranslationBundle
): string {
  return message ?? trans.__('the file is read-only');
}

/** What else the user should know, a sentence each. */
function notes(preview: IPreview, trans: TranslationBundle): string[] {
  const { keptOutputs, oversized, clean, rows, isRunning } = preview;
  const open = rows.filter(row => row.isOpen).length;
  const sentences: [number, string][] = [
    [
      keptOutputs,
      trans._n(
        '%1 output stays, because its cell is tagged.',
        '%1 outputs stay, because their cells are tagged.',
        keptOutputs
      )
    ],
    [
      oversized,
      trans._n(
        '%1 tagged cell has too much output: that goes, too.',
        '%1 tagged cells have too much output: that goes, too.',
        oversized
      )
    ],
    [
      open,
      trans._n(
        '%1 notebook is open: it is stripped in its tab, and not saved.',
        '%1 notebooks are open: they are stripped in their tabs, and not saved.',
        open
      )
    ],
    [
      isRunning ? 1 : 0,
      trans.__(
        'Cells are running. What they write while you read is listed again before it goes.'
      )
    ],
    [
      clean,
      trans._n(
        '%1 notebook is clean already.',
        '%1 notebooks are clean already.',
        clean
      )
    ]
  ];
  return [
    ...sentences.filter(([number]) => number > 0).map(([, text]) => text),
    trans.__('You can undo this afterwards.')
  ];
}
