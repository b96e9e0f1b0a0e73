import type { TranslationBundle } from '@jupyterlab/translation';

import { visible } from '../text/format';
import type { IStripCounts } from './policy';

/** How long a notice is shown before it moves to the list, in ms. */
export const SHOWN = 15_000;

/** How many errors get a notice of their own. */
export const NAMED = 3;

/** The numbers that are told of a strip. */
export type Numbers = Pick<
  IStripCounts,
  'outputs' | 'executionCounts' | 'metadata' | 'bytes'
>;

/** Add up what goes from several notebooks. */
export function total(parts: Iterable<Numbers>): Numbers {
  const sum = { outputs: 0, executionCounts: 0, metadata: 0, bytes: 0 };
  for (const part of parts) {
    sum.outputs += part.outputs;
    sum.executionCounts += part.executionCounts;
    sum.metadata += part.metadata;
    sum.bytes += part.bytes;
  }
  return sum;
}

/** What goes, in words; what there is none of is left out. */
export function whatGoes(numbers: Numbers, trans: TranslationBundle): string {
  const { outputs, executionCounts: counts, metadata } = numbers;
  const parts: [number, string][] = [
    [outputs, trans._n('%1 output', '%1 outputs', outputs)],
    [counts, trans._n('%1 execution count', '%1 execution counts', counts)],
    [metadata, trans._n('%1 metadata field', '%1 metadata fields', metadata)]
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([, text]) => text)
    .join(', ');
}

/** A notebook by its name, several by their number. */
export function whichNotebooks(
  paths: string[],
  trans: TranslationBundle
): string {
  const [first, ...rest] = paths;
  return first !== undefined && !rest.length
    ? visible(baseName(first))
    : trans.__('%1 notebooks', paths.length);
}

/**
 * Why an open notebook is not stripped: not all outputs that the server keeps
 * for it could be read. Empty if all could.
 *
 * @param gone - Outputs that the server does not have any more.
 * @param unread - Outputs that it did not give for another reason.
 */
export function whyUnread(
  { gone, unread }: { gone: number; unread: number },
  trans: TranslationBundle
): string {
  if (unread) {
    return trans._n(
      '%1 of its outputs could not be read from the server, so Undo could not put it back. Try again; if it stays so, run its cell again',
      '%1 of its outputs could not be read from the server, so Undo could not put them back. Try again; if it stays so, run their cells again',
      gone + unread
    );
  }
  return gone
    ? trans._n(
        '%1 of its outputs is no longer on the server, so Undo could not put it back. Run its cell again, or remove the output with Edit > Clear Cell Output',
        '%1 of its outputs are no longer on the server, so Undo could not put them back. Run their cells again, or remove the outputs with Edit > Clear Outputs of All Cells',
        gone
      )
    : '';
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What of the notebooks is not saved. */
export function unsaved(
  open: number,
  all: number,
  trans: TranslationBundle
): string {
  if (!open) {
    return '';
  }
  return open === all
    ? trans.__('Not saved yet.')
    : trans._n(
        '%1 of them is open, and not saved yet.',
        '%1 of them are open, and not saved yet.',
        open
      );
}
