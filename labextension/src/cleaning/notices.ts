import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { FAILURE_SHOWN } from '../jupyterlab/durations';
import { formatBytes, visible } from '../text/format';
import type { IPreview, IPreviewError } from './preview';
import { reason } from './PreviewView';
import { tellChanged } from './saving';
import type { IStripOptions, IStripped } from './stripped';
import { putBack } from './undo';
import { NAMED, SHOWN, total, whatGoes, whichNotebooks } from './messages';

/** Say that there is nothing to strip, or nothing that can be. */
export function tellNothing(
  { targets, errors, clean }: IPreview,
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
  tellChanged(
    message,
    { open: stripped.open.map(tab => tab.context), all: paths.length },
    {
      autoClose: SHOWN,
      actions: [
        {
          label: trans.__('Undo'),
          caption: trans.__('Put back what was stripped'),
          callback: () => {
            void putBack(stripped, options);
          }
        }
      ]
    },
    trans
  );
}

function tellErrors(errors: IPreviewError[], trans: TranslationBundle): void {
  for (const error of errors.slice(0, NAMED)) {
    Notification.error(
      trans.__(
        '%1 was not stripped: %2.',
        visible(error.path),
        reason(error, trans)
      ),
      { autoClose: FAILURE_SHOWN }
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
      { autoClose: FAILURE_SHOWN }
    );
  }
}
