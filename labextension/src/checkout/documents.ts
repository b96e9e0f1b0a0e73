import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';

/** An open document below a folder. */
export interface IOpenDocument {
  /** The path below the folder. */
  name: string;
  context: DocumentRegistry.Context;
}

/**
 * The documents that are open from a folder.
 *
 * @param shell - Lab's shell.
 * @param documents - Lab's document manager; without it none are known.
 * @param directory - The folder, relative to Lab's root.
 */
export function openDocuments(
  shell: JupyterFrontEnd.IShell,
  documents: IDocumentManager | null,
  directory: string
): IOpenDocument[] {
  const prefix = `${directory.replace(/^\/|\/$/g, '')}/`;
  const found = new Map<string, IOpenDocument>();
  for (const widget of shell.widgets('main')) {
    const context = documents?.contextForWidget(widget);
    if (context?.path.startsWith(prefix)) {
      found.set(context.path, {
        name: context.path.slice(prefix.length),
        context
      });
    }
  }
  return [...found.values()];
}

/**
 * Show the new files in the tabs that have nothing unsaved.
 *
 * @returns The names of those that have, and so were left as they are.
 */
export async function reloadClean(open: IOpenDocument[]): Promise<string[]> {
  const kept: string[] = [];
  for (const { name, context } of open) {
    if (context.model.dirty) {
      kept.push(name);
      continue;
    }
    // A file that the new checkout lacks stays open with its text; Lab asks
    // when it is saved.
    await context.revert().catch(() => undefined);
  }
  return kept;
}
