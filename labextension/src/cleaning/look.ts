import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import type { ITarget } from '../filebrowser';
import type { CleanPolicy, CleanReport } from '../generated/api';
import type { IHealthModel } from '../tokens';
import type { IStripCounts } from './policy';
import { previewStrip } from './policy';

/** What goes from one notebook. */
export interface IPreviewRow extends IStripCounts {
  path: string;
  isOpen: boolean;
}

/** A notebook that cannot be stripped, and why. */
export interface IPreviewError {
  path: string;
  /** As the server says it; null if the file is read-only. */
  message: string | null;
}

/** The document of an open notebook, in however many tabs. */
export type NotebookContext = NotebookPanel['context'];

/** A notebook that is open, and what holds for it. */
export interface IOpenNotebook {
  path: string;
  context: NotebookContext;
  policy: CleanPolicy;
}

/** What stripping would do, before it does. */
export interface IPreview {
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
 * @param model - The state of RSP Health.
 * @param tracker - Lab's open notebooks; null where there are none.
 * @throws HealthError if the server refuses.
 */
export async function look(
  targets: ITarget[],
  model: IHealthModel,
  tracker: INotebookTracker | null
): Promise<IPreview> {
  const contexts = openContexts(targets, tracker);
  const open = await Promise.all(
    [...contexts].map(([path, context]) => lookAtOpen(path, context, model))
  );
  const rest = targets.filter(({ path }) => !contexts.has(path));
  let closed: IPreview['closed'] = null;
  if (rest.length) {
    const paths = rest.map(({ path }) => path);
    const exclude = [...contexts.keys()];
    const report = await model.api.clean({ paths, exclude, dry_run: true });
    closed = { paths, exclude, report };
  }
  return summarise(open, closed);
}

/** The open notebooks among the targets, each once. */
function openContexts(
  targets: ITarget[],
  tracker: INotebookTracker | null
): Map<string, NotebookContext> {
  const contexts = new Map<string, NotebookContext>();
  tracker?.forEach(({ context }) => {
    const { localPath } = context;
    if (targets.some(target => covers(target, localPath))) {
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

async function lookAtOpen(
  path: string,
  context: NotebookContext,
  { api }: IHealthModel
): Promise<IOpenNotebook> {
  await context.ready;
  // The judgement on the file does not matter here, its policy does.
  const { policy } = await api.clean({ paths: [path], dry_run: true });
  return { path, context, policy };
}

function summarise(
  open: IOpenNotebook[],
  closed: IPreview['closed']
): IPreview {
  const preview: IPreview = {
    rows: [],
    errors: [],
    clean: 0,
    keptOutputs: 0,
    oversized: 0,
    open,
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
  for (const { path, context, policy } of open) {
    const counts = previewStrip(context.model.sharedModel, policy);
    add({ path, isOpen: true, ...counts });
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
