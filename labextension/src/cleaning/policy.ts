import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { CleanPolicy } from '../generated/api';

type SharedNotebook = INotebookModel['sharedModel'];
type SharedCell = SharedNotebook['cells'][number];
type SharedCodeCell = Extract<SharedCell, { cell_type: 'code' }>;

/** What was stripped from an open notebook, and how to put it back. */
export interface IStripResult {
  outputs: number;
  executionCounts: number;
  metadata: number;
  /** The size of what went, as JSON. */
  bytes: number;
  /** Put it back, where the notebook has not got something newer. */
  undo: () => void;
}

/** A step that puts one thing back. */
type Restore = () => void;

/**
 * Strip an open notebook as the server would strip its file.
 *
 * All changes are one transaction, so that Lab's own undo reverts them too.
 *
 * @param notebook - The document.
 * @param policy - What goes and what stays, as the server says.
 */
export function stripNotebook(
  notebook: SharedNotebook,
  policy: CleanPolicy
): IStripResult {
  const strip = new Strip(policy);
  notebook.transact(() => {
    for (const cell of notebook.cells) {
      strip.cellMetadata(cell);
      if (cell.cell_type === 'code') {
        strip.codeCell(cell as SharedCodeCell);
      }
    }
    strip.notebookMetadata(notebook);
  });
  const { outputs, executionCounts, metadata, bytes, restores } = strip;
  return {
    outputs,
    executionCounts,
    metadata,
    bytes,
    undo: () => {
      notebook.transact(() => {
        restores.forEach(restore => {
          restore();
        });
      });
    }
  };
}

/**
 * One pass over a notebook: what it takes, it notes.
 *
 * The steps are those of `CleanPolicy` in rsp_health/cleaning/models.py. An
 * open document holds `collapsed` and `jupyter.outputs_hidden` as one: they go
 * together here by themselves.
 */
class Strip {
  constructor(private readonly _policy: CleanPolicy) {}

  outputs = 0;
  executionCounts = 0;
  metadata = 0;
  bytes = 0;
  readonly restores: Restore[] = [];

  codeCell(cell: SharedCodeCell): void {
    const outputs = cell.getOutputs();
    if (outputs.length) {
      if (this._keepsOutputs(cell, outputs)) {
        this._dropCounts(cell, outputs);
      } else {
        this._dropOutputs(cell, outputs);
      }
    }
    const count = cell.execution_count;
    if (count !== null) {
      cell.execution_count = null;
      this.executionCounts += 1;
      this.restores.push(() => {
        cell.execution_count ??= count;
      });
    }
  }

  cellMetadata(cell: SharedCell): void {
    for (const key of this._policy.drop_cell_metadata) {
      const value = cell.getMetadata(key);
      if (value !== undefined) {
        cell.deleteMetadata(key);
        this._note(value);
        this.restores.push(() => {
          cell.setMetadata(key, value);
        });
      }
    }
  }

  notebookMetadata(notebook: SharedNotebook): void {
    for (const key of this._policy.drop_notebook_metadata) {
      const value = notebook.getMetadata(key);
      if (value !== undefined) {
        notebook.deleteMetadata(key);
        this._note(value);
        this.restores.push(() => {
          notebook.setMetadata(key, value);
        });
      }
    }
    const language = notebook.getMetadata('language_info') as
      nbformat.ILanguageInfoMetadata | undefined;
    if (this._policy.drop_language_version && language?.version !== undefined) {
      const { version, ...rest } = language;
      notebook.setMetadata('language_info', rest);
      this._note(version);
      this.restores.push(() => {
        notebook.setMetadata('language_info', language);
      });
    }
  }

  private _dropOutputs(
    cell: SharedCodeCell,
    outputs: nbformat.IOutput[]
  ): void {
    cell.setOutputs([]);
    this.outputs += outputs.length;
    this.bytes += sizeOf(outputs);
    this.restores.push(() => {
      // Not over the outputs of a later execution.
      if (!cell.getOutputs().length) {
        cell.setOutputs(outputs);
      }
    });
  }

  /** Outputs that stay do not say when they were made. */
  private _dropCounts(cell: SharedCodeCell, outputs: nbformat.IOutput[]): void {
    const counted = outputs.filter(
      output => (output.execution_count ?? null) !== null
    );
    if (!counted.length) {
      return;
    }
    cell.setOutputs(
      outputs.map(output =>
        counted.includes(output) ? { ...output, execution_count: null } : output
      )
    );
    this.executionCounts += counted.length;
    this.restores.push(() => {
      cell.setOutputs(outputs);
    });
  }

  private _keepsOutputs(
    cell: SharedCodeCell,
    outputs: nbformat.IOutput[]
  ): boolean {
    const tags = cell.getMetadata('tags');
    return (
      Array.isArray(tags) &&
      this._policy.keep_output_tags.some(tag => tags.includes(tag)) &&
      sizeOf(outputs) <= this._policy.keep_output_max_bytes
    );
  }

  private _note(value: unknown): void {
    this.metadata += 1;
    this.bytes += sizeOf(value);
  }
}

/** Bytes of the compact JSON in UTF-8, with texts in lists of lines joined. */
export function sizeOf(value: unknown): number {
  const json = JSON.stringify(value, (_, part: unknown) =>
    isLines(part) ? part.join('') : part
  );
  return new TextEncoder().encode(json).length;
}

function isLines(part: unknown): part is string[] {
  return (
    Array.isArray(part) &&
    part.length > 0 &&
    part.every(line => typeof line === 'string')
  );
}
