import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CleanPolicy, CleanReport } from '../api/generated/api';
import { HealthError } from '../api/request';
import type { ITarget } from '../jupyterlab/filebrowser';
import type { IHealthModel } from '../model/tokens';
import { sameChanges } from './changes';
import type { IStripCounts, IStripPlan } from './policy';
import { planStrip } from './policy';
import { StoredOutputs } from './stored';
import { whyUnread } from './messages';

/** What looking works with. */
export interface IPreviewOptions {
  model: IHealthModel;
  /** Lab's open notebooks; null where there are none. */
  tracker: INotebookTracker | null;
  /** Knows the drives; only the first one's files are the server's. */
  contents: Contents.IManager;
  trans: TranslationBundle;
}

/** What goes from one notebook. */
export interface IPreviewRow extends IStripCounts {
  path: string;
  isOpen: boolean;
}

/** A notebook that cannot be stripped, and why. */
export interface IPreviewError {
  path: string;
  /** Why, without a full stop; null if the file is read-only. */
  message: string | null;
}

/** The document of an open notebook, in however many tabs. */
export type NotebookContext = NotebookPanel['context'];

/** A notebook that is open, and what holds for it. */
export interface IOpenNotebook {
  path: string;
  context: NotebookContext;
  policy: CleanPolicy;
  plan: IStripPlan;
  /** What of its outputs is not in the document. */
  stored: StoredOutputs;
}

/** What stripping would do, before it does. */
export interface IPreview {
  /** What was asked for. */
  targets: ITarget[];
  /** The notebooks from which something goes, worst first. */
  rows: IPreviewRow[];
  errors: IPreviewError[];
  /** How many notebooks have nothing to strip. */
  clean: number;
  /** Outputs that stay because of a tag. */
  keptOutputs: number;
  /** Tagged cells whose outputs are too large to stay. */
  oversized: number;
  /** Stripped in their documents. */
  open: IOpenNotebook[];
  /** Whether cells of them are being run now. */
  isRunning: boolean;
  /** Stripped on disk; null if all are open. */
  closed: { paths: string[]; exclude: string[]; report: CleanReport } | null;
}

/**
 * Look at what would be stripped.
 *
 * Open notebooks are looked at as they are in the browser, with what was not
 * saved; all others as they are on disk.
 *
 * @param targets - The notebooks and folders.
 * @throws HealthError if the server refuses.
 */
export async function previewStrip(
  targets: ITarget[],
  options: IPreviewOptions
): Promise<IPreview> {
  const { model, contents, trans } = options;
  const errors: IPreviewError[] = [];
  const ours: ITarget[] = [];
  for (const target of targets) {
    const drive = contents.driveName(target.path);
    if (drive) {
      const message = trans.__(
        'the drive %1 does not belong to this server',
        drive
      );
      errors.push({ path: target.path, message });
    } else {
      ours.push(target);
    }
  }
  // One that cannot be loaded is closed by Lab: then it is a file only.
  await Promise.all([...openContexts(ours, options).values()].map(loaded));
  const contexts = openContexts(ours, options);
  const open = await Promise.all(
    [...contexts].map(([path, context]) => lookAtOpen(path, context, options))
  );
  const rest = ours.filter(({ path }) => !contexts.has(path));
  let closed: IPreview['closed'] = null;
  if (rest.length) {
    const paths = rest.map(({ path }) => path);
    const exclude = [...contexts.keys()];
    const report = await model.api.clean({ paths, exclude, dry_run: true });
    closed = { paths, exclude, report };
  }
  for (const one of open) {
    if ('message' in one) {
      errors.push(one);
    }
  }
  const notebooks = open.filter(one => 'context' in one);
  return summarise(targets, notebooks, errors, closed);
}

/** The context of an open notebook of the server. */
export function findOpen(
  path: string,
  options: IPreviewOptions
): NotebookContext | undefined {
  return openContexts([{ path, isFolder: false }], options).get(path);
}

/**
 * Whether the open notebooks are still those that were looked at, and what
 * goes from them is still what was shown.
 */
export function isAsShown(
  preview: IPreview,
  options: IPreviewOptions
): boolean {
  const { targets, open, errors } = preview;
  const now = openContexts(targets, options);
  const known = new Set([...open, ...errors].map(({ path }) => path));
  return (
    [...now.keys()].every(path => known.has(path)) &&
    open.every(one => now.get(one.path) === one.context && isUnchanged(one))
  );
}

/** Whether what goes from an open notebook is still what was shown. */
export function isUnchanged(one: IOpenNotebook): boolean {
  const { context, policy, plan, stored } = one;
  if (context.isDisposed) {
    return false;
  }
  const now = planStrip(context.model.sharedModel, policy, stored.whole);
  return sameChanges(now.changes, plan.changes);
}

/** The open notebooks of the server among the targets, each once. */
function openContexts(
  targets: ITarget[],
  { tracker, contents }: IPreviewOptions
): Map<string, NotebookContext> {
  const contexts = new Map<string, NotebookContext>();
  tracker?.forEach(({ context }) => {
    const { path, localPath } = context;
    if (
      !context.isDisposed &&
      !contents.driveName(path) &&
      targets.some(target => covers(target, localPath))
    ) {
      contexts.set(localPath, context);
    }
  });
  return contexts;
}

function covers({ path, isFolder }: ITarget, notebook: string): boolean {
  if (!isFolder) {
    return notebook === path;
  }
  return path === '' || notebook.startsWith(`${path}/`);
}

/** Wait until a notebook is there, or is closed because it cannot be. */
async function loaded(context: NotebookContext): Promise<void> {
  await Promise.race([
    context.ready,
    new Promise<void>(resolve => {
      context.disposed.connect(() => {
        resolve();
      });
    })
  ]);
}

/**
 * Look at one open notebook.
 *
 * @throws HealthError if the server refuses for a reason that is not one
 * notebook's alone.
 */
async function lookAtOpen(
  path: string,
  context: NotebookContext,
  { model, contents, trans }: IPreviewOptions
): Promise<IOpenNotebook | IPreviewError> {
  try {
    const policy = await model.api.cleanPolicy(path);
    const stored = await StoredOutputs.of(
      context.model.sharedModel,
      contents.serverSettings
    );
    const unread = whyUnread(stored, trans);
    if (unread) {
      return { path, message: unread };
    }
    const plan = planStrip(context.model.sharedModel, policy, stored.whole);
    return { path, context, policy, plan, stored };
  } catch (error) {
    if (!(error instanceof HealthError) || !isOfFile(error)) {
      throw error;
    }
    const message =
      error.code === 'no_such_file'
        ? trans.__('its file is gone; save it first')
        : error.message.replace(/\.$/, '');
    return { path, message };
  }
}

/** Whether our server said that something is wrong with what was asked for. */
function isOfFile({ code, status }: HealthError): boolean {
  return (
    status >= 400 &&
    status < 500 &&
    !['bad_response', 'not_enabled', 'signed_out'].includes(code)
  );
}

function summarise(
  targets: ITarget[],
  open: IOpenNotebook[],
  errors: IPreviewError[],
  closed: IPreview['closed']
): IPreview {
  const preview: IPreview = {
    targets,
    rows: [],
    errors,
    clean: 0,
    keptOutputs: 0,
    oversized: 0,
    open,
    isRunning: open.some(({ plan }) => plan.isRunning),
    closed
  };
  const add = (row: IPreviewRow): void => {
    preview.keptOutputs += row.keptOutputs;
    preview.oversized += row.oversized;
    if (row.outputs + row.executionCounts + row.metadata > 0) {
      preview.rows.push(row);
    } else {
      preview.clean += 1;
    }
  };
  for (const { path, plan } of open) {
    add({ path, isOpen: true, ...plan.counts });
  }
  for (const file of closed?.report.files ?? []) {
    if (file.state === 'error') {
      preview.errors.push({ path: file.path, message: file.message });
    } else if (file.read_only) {
      preview.errors.push({ path: file.path, message: null });
    } else {
      add({
        path: file.path,
        isOpen: false,
        outputs: file.outputs,
        executionCounts: file.execution_counts,
        metadata: file.metadata,
        bytes: Math.max(0, file.removed_bytes),
        keptOutputs: file.kept_outputs,
        oversized: file.oversized
      });
    }
  }
  preview.rows.sort(
    (a, b) => b.bytes - a.bytes || a.path.localeCompare(b.path)
  );
  return preview;
}
