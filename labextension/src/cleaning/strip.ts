import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { CleanReport } from '../api/generated/api';
import { HealthError } from '../api/request';
import type { ITarget } from '../jupyterlab/filebrowser';
import type { IFilling } from '../jupyterlab/filling';
import { askAndFill } from '../jupyterlab/filling';
import type { IPreview } from './preview';
import { isAsShown, isUnchanged, previewStrip } from './preview';
import { tellNothing, tellStripped } from './notices';
import { stripNotebook } from './policy';
import { PreviewView } from './PreviewView';
import type { IStripOptions, IStripped } from './stripped';

/** How long a look may take before it is said that it is under way, in ms. */
const PATIENCE = 700;

/**
 * Show what goes, ask, and strip: open notebooks in their documents, the
 * others on disk.
 *
 * If anything changes between the question and the answer, the question is
 * asked again with what is there now: nothing goes that was not shown.
 *
 * @param targets - Notebooks and folders.
 * @throws HealthError if the server refuses.
 */
export async function strip(
  targets: ITarget[],
  options: IStripOptions
): Promise<void> {
  const { trans } = options;
  const skips =
    !!options.skipPreview && targets.length === 1 && !targets[0]?.isFolder;
  let changed = false;
  let told = false;
  for (;;) {
    const { preview, agreed } =
      skips && !changed
        ? {
            preview: await tellingOfDelay(
              previewStrip(targets, options),
              trans
            ),
            agreed: true
          }
        : await confirm(targets, changed, options);
    if (!preview) {
      return; // The user did not wait for it.
    }
    if (!preview.rows.length && !told) {
      tellNothing(preview, trans);
    }
    if (!preview.rows.length || !agreed) {
      return;
    }
    changed = true;
    if (isAsShown(preview, options)) {
      const stripped = await carryOut(preview, options);
      if (stripped) {
        tellStripped(stripped, preview, options);
        told = true;
        if (stripped.isWhole) {
          return;
        }
      }
    }
  }
}

/** Say that it takes longer, if it does. */
async function tellingOfDelay<T>(
  work: Promise<T>,
  trans: TranslationBundle
): Promise<T> {
  let notice: string | undefined;
  const timer = setTimeout(() => {
    notice = Notification.emit(
      trans.__('Looking at the notebooks…'),
      'in-progress',
      { autoClose: false }
    );
  }, PATIENCE);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (notice !== undefined) {
      Notification.dismiss(notice);
    }
  }
}

/** Look and ask; the dialog is there at once, and fills. */
async function confirm(
  targets: ITarget[],
  changed: boolean,
  options: IStripOptions
): Promise<{ preview: IPreview | null; agreed: boolean }> {
  const { trans } = options;
  const [first, ...others] = targets;
  const folder = first?.isFolder && !others.length ? first.path : null;
  const found: { preview: IPreview | null } = { preview: null };
  const fill = async (): Promise<IFilling | null> => {
    const preview = await previewStrip(targets, options);
    found.preview = preview;
    const count = preview.rows.length;
    return count
      ? {
          body: React.createElement(PreviewView, {
            preview,
            folder,
            changed,
            trans
          }),
          accept: trans._n('Strip %1 notebook', 'Strip %1 notebooks', count)
        }
      : null;
  };
  const { isAccepted } = await askAndFill(
    {
      title: folder
        ? trans.__('Strip outputs in %1', folder)
        : trans.__('Strip outputs'),
      looking: trans.__('Looking at the notebooks…')
    },
    fill(),
    trans
  );
  return { ...found, agreed: isAccepted };
}

/**
 * Strip what was shown.
 *
 * @returns Null if files changed on disk since; then nothing was stripped.
 */
async function carryOut(
  { rows, open, closed }: IPreview,
  { model }: IStripOptions
): Promise<IStripped | null> {
  let report: CleanReport | null = null;
  if (closed && rows.some(row => !row.isOpen)) {
    const { paths, exclude } = closed;
    const { fingerprint } = closed.report;
    try {
      // First, because the server refuses if a file has changed.
      report = await model.api.clean({ paths, exclude, fingerprint });
    } catch (error) {
      if (error instanceof HealthError && error.code === 'changed') {
        return null;
      }
      throw error;
    }
  }
  const dirty = new Set(rows.map(row => row.path));
  const wanted = open.filter(({ path }) => dirty.has(path));
  // The server took its time, and a kernel may have written meanwhile.
  const asShown = wanted.filter(isUnchanged);
  return {
    report,
    isWhole: asShown.length === wanted.length,
    open: asShown.map(({ path, context, plan, stored }) => ({
      path,
      context,
      stored,
      result: stripNotebook(context.model.sharedModel, plan)
    }))
  };
}
