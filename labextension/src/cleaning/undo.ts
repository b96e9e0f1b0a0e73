import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { UndoneFile } from '../api/generated/api';
import { FAILURE_SHOWN } from '../jupyterlab/durations';
import { errorSentence } from '../text/errors';
import { visible } from '../text/format';
import type { IUndone } from './changes';
import type { NotebookContext } from './preview';
import { findOpen } from './preview';
import { tellChanged } from './saving';
import type { IStripOptions, IStripped, IStrippedTab } from './stripped';
import { NAMED, SHOWN, whichNotebooks } from './messages';

/** Put back what was stripped, where nobody has written since. */
export async function putBack(
  stripped: Pick<IStripped, 'open' | 'report'>,
  options: IStripOptions
): Promise<void> {
  const { trans } = options;
  const tabs = await undoTabs(stripped.open, options);
  const files = await undoFiles(stripped.report?.undo ?? null, options);
  const paths = [...tabs.keys(), ...files];
  if (paths.length) {
    tellChanged(
      trans.__('Put back: %1.', whichNotebooks(paths, trans)),
      { open: [...tabs.values()], all: paths.length },
      { autoClose: SHOWN },
      trans
    );
  }
}

/** Put back what went from tabs; return those that got all, by path. */
async function undoTabs(
  open: IStrippedTab[],
  options: IStripOptions
): Promise<Map<string, NotebookContext>> {
  const { trans } = options;
  const whole = new Map<string, NotebookContext>();
  const warnings: string[] = [];
  for (const tab of open) {
    const { stored } = tab;
    const form = stored.isEmpty ? undefined : await stored.asPutBack();
    // Named anew, or closed and opened again since.
    const path = tab.context.isDisposed ? tab.path : tab.context.localPath;
    const context = tab.context.isDisposed
      ? findOpen(path, options)
      : tab.context;
    if (!context?.isReady) {
      tellClosed(tab, options);
      continue;
    }
    const undone = tab.result.undo(context.model.sharedModel, form);
    const reasons = whyNot(undone, trans).join(', ');
    const name = visible(path);
    if (!reasons) {
      whole.set(path, context);
    } else {
      warnings.push(
        undone.restored
          ? trans.__('%1 was put back, but not all of it: %2.', name, reasons)
          : trans.__('%1 was not put back: %2.', name, reasons)
      );
    }
  }
  warn(warnings, trans);
  return whole;
}

/** What was not put back, and why. */
function whyNot(undone: IUndone, trans: TranslationBundle): string[] {
  const { rerun, gone, changed, lost } = undone;
  const parts: [number, string][] = [
    [
      rerun,
      trans._n(
        '%1 cell was run again since',
        '%1 cells were run again since',
        rerun
      )
    ],
    [
      gone,
      trans._n(
        '%1 cell is no longer there',
        '%1 cells are no longer there',
        gone
      )
    ],
    [
      changed,
      trans._n(
        '%1 value was changed since',
        '%1 values were changed since',
        changed
      )
    ],
    [
      lost,
      trans._n(
        '%1 output is no longer on the server',
        '%1 outputs are no longer on the server',
        lost
      )
    ]
  ];
  return parts.filter(([number]) => number > 0).map(([, text]) => text);
}

/** Say that a tab must be open for its notebook to be put back. */
function tellClosed(tab: IStrippedTab, options: IStripOptions): void {
  const { trans } = options;
  Notification.warning(
    trans.__(
      '%1 was not put back: its tab is closed. Open it, then try again.',
      visible(tab.path)
    ),
    {
      autoClose: FAILURE_SHOWN,
      actions: [
        {
          label: trans.__('Try again'),
          caption: trans.__('Put back what was stripped'),
          callback: () => {
            void putBack({ open: [tab], report: null }, options);
          }
        }
      ]
    }
  );
}

/** Have the server put files back; return the paths of those that are. */
async function undoFiles(
  undo: string | null,
  options: IStripOptions
): Promise<string[]> {
  const { model, trans } = options;
  if (undo === null) {
    return [];
  }
  let files: UndoneFile[];
  try {
    ({ files } = await model.api.undoClean(undo));
  } catch (error) {
    Notification.error(errorSentence(error, trans), {
      autoClose: FAILURE_SHOWN
    });
    return [];
  }
  const restored = files
    .filter(({ state }) => state === 'restored')
    .map(({ path }) => path);
  for (const path of restored) {
    // It was opened since: its tab shows what was stripped.
    const context = findOpen(path, options);
    if (context && !context.model.dirty) {
      await context.revert().catch(() => undefined);
    }
  }
  warn(
    files
      .filter(({ message }) => message)
      .map(({ path, message }) =>
        trans.__('%1 was not put back: %2.', visible(path), message)
      ),
    trans
  );
  return restored;
}

/** Show the first few, and how many more there are. */
function warn(messages: string[], trans: TranslationBundle): void {
  for (const message of messages.slice(0, NAMED)) {
    Notification.warning(message, { autoClose: FAILURE_SHOWN });
  }
  const more = messages.length - NAMED;
  if (more > 0) {
    Notification.warning(
      trans._n(
        '%1 more notebook was not put back.',
        '%1 more notebooks were not put back.',
        more
      ),
      { autoClose: FAILURE_SHOWN }
    );
  }
}
