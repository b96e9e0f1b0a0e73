import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatBytes } from '../format';
import type { CleanReport } from '../generated/api';
import type { IHealthModel } from '../tokens';
import type { IStripResult } from './policy';
import { stripNotebook } from './policy';

/** How long the notice is shown before it moves to the list, in ms. */
const SHOWN = 15_000;

/** What stripping works with. */
export interface IStripOptions {
  model: IHealthModel;
  tracker: INotebookTracker | null;
  trans: TranslationBundle;
}

/**
 * Strip notebooks: open ones in their documents, the others on disk.
 *
 * @param paths - Relative to Lab's root.
 * @throws HealthError if the server refuses.
 */
export async function strip(
  paths: string[],
  options: IStripOptions
): Promise<void> {
  const { model, tracker } = options;
  const open = new Map<string, NotebookPanel>();
  for (const path of paths) {
    const panel = tracker?.find(candidate => candidate.context.path === path);
    if (panel) {
      open.set(path, panel);
    }
  }
  const closed = paths.filter(path => !open.has(path));
  if (closed.length) {
    tellClosed(await model.api.clean({ paths: closed }), options);
  }
  for (const [path, panel] of open) {
    // The judgement on the file does not matter here, its policy does.
    const { policy } = await model.api.clean({ paths: [path], dry_run: true });
    await panel.context.ready;
    const notebook = panel.context.model.sharedModel;
    tellOpen(path, stripNotebook(notebook, policy), options);
  }
}

function tellOpen(
  path: string,
  result: IStripResult,
  { trans }: IStripOptions
): void {
  const { outputs, executionCounts, metadata, bytes } = result;
  const name = baseName(path);
  if (outputs + executionCounts + metadata === 0) {
    Notification.info(trans.__('%1 is clean: nothing to strip.', name), {
      autoClose: SHOWN
    });
    return;
  }
  Notification.success(
    trans.__(
      'Stripped %1: %2 (%3). Not saved yet.',
      name,
      whatWent(outputs, executionCounts, metadata, trans),
      formatBytes(bytes)
    ),
    {
      autoClose: SHOWN,
      actions: [
        {
          label: trans.__('Undo'),
          caption: trans.__('Put back what was stripped'),
          callback: () => {
            result.undo();
          }
        }
      ]
    }
  );
}

function tellClosed(report: CleanReport, { trans }: IStripOptions): void {
  const cleaned = report.files.filter(file => file.state === 'cleaned');
  const clean = report.files.filter(file => file.state === 'clean');
  if (cleaned.length) {
    const total = (pick: (file: (typeof cleaned)[number]) => number): number =>
      cleaned.reduce((sum, file) => sum + pick(file), 0);
    Notification.success(
      trans.__(
        'Stripped %1: %2 (%3).',
        cleaned.map(file => baseName(file.path)).join(', '),
        whatWent(
          total(file => file.outputs),
          total(file => file.execution_counts),
          total(file => file.metadata),
          trans
        ),
        formatBytes(total(file => file.removed_bytes))
      ),
      { autoClose: SHOWN }
    );
  } else if (clean.length) {
    Notification.info(
      trans.__(
        '%1: nothing to strip.',
        clean.map(file => baseName(file.path)).join(', ')
      ),
      { autoClose: SHOWN }
    );
  }
  for (const file of report.files) {
    if (file.state === 'error') {
      Notification.error(
        trans.__('%1 was not stripped: %2', baseName(file.path), file.message),
        { autoClose: false }
      );
    }
  }
}

/** What was stripped, in numbers; what there was none of is left out. */
function whatWent(
  outputs: number,
  counts: number,
  metadata: number,
  trans: TranslationBundle
): string {
  const parts: [number, string][] = [
    [outputs, trans._n('%1 output', '%1 outputs', outputs)],
    [counts, trans._n('%1 count', '%1 counts', counts)],
    [metadata, trans._n('%1 metadata field', '%1 metadata fields', metadata)]
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([, text]) => text)
    .join(', ');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
