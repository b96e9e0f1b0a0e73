import { Context } from '@jupyterlab/docregistry';
import type * as nbformat from '@jupyterlab/nbformat';
import type {
  INotebookModel,
  INotebookTracker,
  NotebookPanel
} from '@jupyterlab/notebook';
import { NotebookModelFactory } from '@jupyterlab/notebook';
import type { Contents, ServiceManager } from '@jupyterlab/services';
import { ContentsManager, ServerConnection } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import type { SharedCodeCell } from '../changes';
import { isCode } from '../changes';

/** The context of an open notebook. */
export type NotebookContext = Context<INotebookModel>;

/** A code cell, as a file has it. */
export function codeCell(fields: object = {}): object {
  return {
    cell_type: 'code',
    source: 'print("hi")',
    metadata: {},
    execution_count: 1,
    outputs: [{ output_type: 'stream', name: 'stdout', text: 'hi' }],
    ...fields
  };
}

/** A notebook, as a file has it. */
export function notebookFile(cells: object[], metadata: object = {}): object {
  return { nbformat: 4, nbformat_minor: 5, metadata, cells };
}

/** A drive whose files are in memory. */
class MemoryDrive implements Partial<Contents.IDrive> {
  constructor(readonly name: string) {}

  readonly serverSettings = ServerConnection.makeSettings();
  readonly fileChanged = new Signal<Contents.IDrive, Contents.IChangedArgs>(
    this as unknown as Contents.IDrive
  );
  readonly files = new Map<string, object>();
  readonly isDisposed = false;

  dispose(): void {
    Signal.clearData(this);
  }

  get(path: string): Promise<Contents.IModel> {
    const content = this.files.get(path);
    if (!content) {
      return Promise.reject(new Error(`There is no ${path}.`));
    }
    const time = '2026-11-20T12:00:00Z';
    return Promise.resolve({
      name: path,
      path,
      type: 'notebook',
      writable: true,
      created: time,
      last_modified: time,
      mimetype: '',
      format: 'json',
      content
    } as Contents.IModel);
  }

  listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return Promise.resolve([{ id: 'one', last_modified: '' }]);
  }
}

/**
 * JupyterLab's documents, contexts and drives, all real but for the disk.
 *
 * Its tracker holds the contexts only: nothing is shown.
 */
export class OpenNotebooks {
  constructor() {
    this.contents.addDrive(this._others as unknown as Contents.IDrive);
  }

  private readonly _disk = new MemoryDrive('');
  private readonly _others = new MemoryDrive('S3');
  private readonly _contexts: NotebookContext[] = [];

  readonly contents = new ContentsManager({
    defaultDrive: this._disk as unknown as Contents.IDrive
  });

  /** Write a file; a path may begin with the name of the drive, as `S3:`. */
  write(path: string, content: object): void {
    const drive = this.contents.driveName(path) ? this._others : this._disk;
    drive.files.set(this.contents.localPath(path), content);
  }

  /** Rename a file, as from the file browser. */
  rename(path: string, name: string): void {
    this._disk.fileChanged.emit({
      type: 'rename',
      oldValue: { path },
      newValue: { path: name, name }
    });
  }

  /** Open a file. */
  async open(path: string, content?: object): Promise<NotebookContext> {
    const context = this.opening(path, content);
    await context.initialize(false);
    await context.ready;
    return context;
  }

  /** Open a file that takes its time: it is not loaded. */
  opening(path: string, content?: object): NotebookContext {
    if (content) {
      this.write(path, content);
    }
    const context = new Context<INotebookModel>({
      manager: {
        ready: Promise.resolve(),
        contents: this.contents,
        // No kernel is running, and none is wanted.
        kernelspecs: { ready: Promise.resolve(), specs: null },
        sessions: {
          ready: Promise.resolve(),
          refreshRunning: () => Promise.resolve(),
          running: () => []
        }
      } as unknown as ServiceManager.IManager,
      factory: new NotebookModelFactory(),
      path,
      kernelPreference: { shouldStart: false, canStart: false }
    });
    this._contexts.push(context);
    return context;
  }

  /** Lab's tracker, as far as it is asked. */
  get tracker(): INotebookTracker {
    const panels = (): NotebookPanel[] =>
      this._contexts
        .filter(({ isDisposed }) => !isDisposed)
        .map(context => ({ context }) as unknown as NotebookPanel);
    return {
      forEach: (visit: (panel: NotebookPanel) => void) => {
        panels().forEach(visit);
      }
    } as unknown as INotebookTracker;
  }

  dispose(): void {
    this._contexts.forEach(context => {
      context.dispose();
    });
    this.contents.dispose();
  }
}

/** A code cell of an open notebook. */
export function codeCellAt(
  { sharedModel }: INotebookModel,
  at: number
): SharedCodeCell {
  const cell = sharedModel.cells[at];
  if (!cell || !isCode(cell)) {
    throw new Error(`Cell ${at} is no code cell.`);
  }
  return cell;
}

/** How many outputs each cell of an open notebook has. */
export function outputsOf({ model }: NotebookContext): number[] {
  return model.sharedModel
    .toJSON()
    .cells.map(cell => ((cell.outputs ?? []) as nbformat.IOutput[]).length);
}
