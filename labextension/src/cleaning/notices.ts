import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { errorSentence } from '../errors';
import type { ITarget } from '../filebrowser';
import { formatBytes, visible } from '../format';
import type { UndoneFile } from '../generated/api';
import type { IPreview, IPreviewError } from './look';
import { reason } from './preview';
import type { IStripOptions, IStripped } from './strip';
import { total, whatGoes, whichNotebooks } from './words';

/** How long a notice is shown before it moves to the list, in ms. */
const SHOWN = 15_000;

/** How many errors get a notice of their own. */
const NAMED = 3;

/** Say that there is nothing to strip, or nothing that can be. */
export function tellNothing(
  targets: ITarget[],
  { errors, clean }: IPreview,
  trans: TranslationBundle
): void {
  tellErrors(errors, trans);
  if (clean || !errors.length) {
    const what = whichNotebooks(
      targets.map(({ path }) => path),
      trans
    );
    const [first] = targets;
    Notification.info(
      first?.isFolder || targets.length > 1
        ? trans._n(
            'Nothing to strip: %1 notebook is clean.',
            'Nothing to strip: %1 notebooks are clean.',
            clean
          )
        : trans.__('%1 is clean: nothing to strip.', what),
      { autoClose: SHOWN }
    );
  }
}

/** Say what was stripped, with Undo. */
export function tellStripped(
  stripped: IStripped,
  preview: IPreview,
  options: IStripOptions
): void {
  const { trans } = options;
  const files = stripped.report?.files ?? [];
  const cleaned = files.filter(file => file.state === 'cleaned');
  const paths = [
    ...cleaned.map(file => file.path),
    ...stripped.open.map(({ path }) => path)
  ];
  // What the preview said already is not said again.
  const said = new Set(preview.errors.map(({ path }) => path));
  tellErrors(
    files.filter(({ state, path }) => state === 'error' && !said.has(path)),
    trans
  );
  if (!paths.length) {
    return;
  }
  const numbers = total([
    ...cleaned.map(file => ({
      outputs: file.outputs,
      executionCounts: file.execution_counts,
      metadata: file.metadata,
      bytes: Math.max(0, file.removed_bytes)
    })),
    ...stripped.open.map(({ result }) => result)
  ]);
  const message = trans.__(
    'Stripped %1: %2 (%3).',
    whichNotebooks(paths, trans),
    whatGoes(numbers, trans),
    formatBytes(numbers.bytes)
  );
  Notification.success(
    [message, unsaved(stripped.open.length, paths.length, trans)]
      .filter(Boolean)
      .join(' '),
    {
      autoClose: SHOWN,
      actions: [
        {
          label: trans.__('Undo'),
          caption: trans.__('Put back what was stripped'),
          callback: () => {
            void undo(stripped, options);
          }
        }
      ]
    }
  );
}

/** What is stripped, but not saved. */
function unsaved(open: number, all: number, trans: TranslationBundle): string {
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

/** Put back what was stripped, where nobody has written since. */
async function undo(
  stripped: IStripped,
  { model, tracker, trans }: IStripOptions
): Promise<void> {
  for (const { path, context, result } of stripped.open) {
    if (context.isDisposed) {
      Notification.warning(
        trans.__(
          '%1 was not put back: its tab, which had the outputs, is closed.',
          visible(path)
        ),
        { autoClose: false }
      );
    } else {
      result.undo();
    }
  }
  const id = stripped.report?.undo ?? null;
  if (id === null) {
    return;
  }
  let files: UndoneFile[];
  try {
    ({ files } = await model.api.undoClean(id));
  } catch (error) {
    Notification.error(errorSentence(error, trans), { autoClose: false });
    return;
  }
  const restored = files.filter(file => file.state === 'restored');
  for (const { path } of restored) {
    // It was opened since: its tab shows what was stripped.
    const panel = tracker?.find(({ context }) => context.localPath === path);
    if (panel && !panel.context.model.dirty) {
      await panel.context.revert().catch(() => undefined);
    }
  }
  if (restored.length) {
    const paths = restored.map(({ path }) => path);
    Notification.success(
      trans.__('Put back: %1.', whichNotebooks(paths, trans)),
      { autoClose: SHOWN }
    );
  }
  for (const { path, message } of files.slice(0, NAMED)) {
    if (message) {
      Notification.warning(
        trans.__('%1 was not put back: %2.', visible(path), message),
        { autoClose: false }
      );
    }
  }
}

function tellErrors(errors: IPreviewError[], trans: TranslationBundle): void {
  for (const error of errors.slice(0, NAMED)) {
    Notification.error(
      trans.__(
        '%1 was not stripped: %2.',
        visible(error.path),
        reason(error, trans)
      ),
      { autoClose: false }
    );
  }
  const more = errors.length - NAMED;
  if (more > 0) {
    Notification.error(
      trans._n(
        '%1 more notebook was not stripped.',
        '%1 more notebooks were not stripped.',
        more
      ),
      { autoClose: false }
    );
  }
}
