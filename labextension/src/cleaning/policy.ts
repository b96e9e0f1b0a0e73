import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { PartialJSONObject } from '@lumino/coreutils';

import type { CleanPolicy } from '../generated/api';

type SharedNotebook = INotebookModel['sharedModel'];
type SharedCell = SharedNotebook['cells'][number];
type SharedCodeCell = Extract<SharedCell, { cell_type: 'code' }>;

/** What goes from an open notebook, and what its tags keep. */
export interface IStripCounts {
  outputs: number;
  executionCounts: number;
  metadata: number;
  /** The size of what goes, as JSON. */
  bytes: number;
  /** Outputs that stay because of their cell's tag. */
  keptOutputs: number;
  /** Cells whose tag would keep their outputs, were they smaller. */
  oversized: number;
}

/** What was stripped from an open notebook, and how to put it back. */
export interface IStripResult extends IStripCounts {
  /** Put it back, where the notebook has not got something newer. */
  undo: () => void;
}

/** A step that puts one thing back. */
type Restore = () => void;

/** A step that takes one thing away. */
type Step = () => Restore;

/**
 * Metadata that Lab keeps in a document, but never writes to its file.
 *
 * Without `trusted`, the outputs that a tag keeps would no longer be shown.
 */
const TRANSIENT: readonly string[] = ['trusted'];

/**
 * Say what would go from an open notebook, and change nothing.
 *
 * @param notebook - The document.
 * @param policy - What goes and what stays, as the server says.
 */
export function previewStrip(
  notebook: SharedNotebook,
  policy: CleanPolicy
): IStripCounts {
  return new Strip(notebook, policy).counts;
}

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
  const { counts, steps } = new Strip(notebook, policy);
  const restores: Restore[] = [];
  notebook.transact(() => {
    for (const step of steps) {
      restores.push(step());
    }
  });
  return {
    ...counts,
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
 * One look at a notebook: what goes, and the steps that take it away.
 *
 * The rules are those of `CleanPolicy` in rsp_health/cleaning/models.py.
 */
class Strip {
  constructor(
    notebook: SharedNotebook,
    private readonly _policy: CleanPolicy
  ) {
    for (const cell of notebook.cells) {
      this._cellMetadata(cell);
      if (cell.cell_type === 'code') {
        this._codeCell(cell as SharedCodeCell);
      }
    }
    this._notebookMetadata(notebook);
  }

  readonly counts: IStripCounts = {
    outputs: 0,
    executionCounts: 0,
    metadata: 0,
    bytes: 0,
    keptOutputs: 0,
    oversized: 0
  };
  readonly steps: Step[] = [];

  private _codeCell(cell: SharedCodeCell): void {
    const outputs = cell.getOutputs();
    if (outputs.length) {
      if (this._keepsOutputs(cell, outputs)) {
        this.counts.keptOutputs += outputs.length;
        this._dropCounts(cell, outputs);
      } else {
        this._dropOutputs(cell, outputs);
      }
    }
    const count = cell.execution_count;
    if (count !== null) {
      this.counts.executionCounts += 1;
      this.steps.push(() => {
        cell.execution_count = null;
        return () => {
          cell.execution_count ??= count;
        };
      });
    }
  }

  private _cellMetadata(cell: SharedCell): void {
    for (const key of this._policy.drop_cell_metadata) {
      const value = cell.getMetadata(key);
      if (value !== undefined && !TRANSIENT.includes(key)) {
        this._note(value);
        this.steps.push(() => {
          cell.deleteMetadata(key);
          return () => {
            cell.setMetadata(key, value);
          };
        });
      }
    }
    if (this._policy.drop_cell_metadata.includes('collapsed')) {
      this._otherName(cell);
    }
  }

  /**
   * Drop `jupyter.outputs_hidden` where `collapsed` does not stand beside it.
   *
   * A document keeps both alike, and deletes both, once either was set in it.
   * One that came from a server or a collaborator may hold the one alone.
   */
  private _otherName(cell: SharedCell): void {
    const jupyter = cell.getMetadata('jupyter') as
      PartialJSONObject | undefined;
    if (
      jupyter?.outputs_hidden === undefined ||
      cell.getMetadata('collapsed') !== undefined
    ) {
      return;
    }
    const { outputs_hidden: hidden, ...rest } = jupyter;
    this._note(hidden);
    this.steps.push(() => {
      if (Object.keys(rest).length) {
        cell.setMetadata('jupyter', rest);
      } else {
        cell.deleteMetadata('jupyter');
      }
      return () => {
        cell.setMetadata('jupyter', jupyter);
      };
    });
  }

  private _notebookMetadata(notebook: SharedNotebook): void {
    for (const key of this._policy.drop_notebook_metadata) {
      const value = notebook.getMetadata(key);
      if (value !== undefined) {
        this._note(value);
        this.steps.push(() => {
          notebook.deleteMetadata(key);
          return () => {
            notebook.setMetadata(key, value);
          };
        });
      }
    }
    const language = notebook.getMetadata('language_info') as
      nbformat.ILanguageInfoMetadata | undefined;
    if (this._policy.drop_language_version && language?.version !== undefined) {
      const { version, ...rest } = language;
      this._note(version);
      this.steps.push(() => {
        notebook.setMetadata('language_info', rest);
        return () => {
          notebook.setMetadata('language_info', language);
        };
      });
    }
  }

  private _dropOutputs(
    cell: SharedCodeCell,
    outputs: nbformat.IOutput[]
  ): void {
    this.counts.outputs += outputs.length;
    this.counts.bytes += sizeOf(outputs);
    this.steps.push(() => {
      cell.setOutputs([]);
      return () => {
        // Not over the outputs of a later execution.
        if (!cell.getOutputs().length) {
          cell.setOutputs(outputs);
        }
      };
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
    this.counts.executionCounts += counted.length;
    this.steps.push(() => {
      cell.setOutputs(
        outputs.map(output =>
          counted.includes(output)
            ? { ...output, execution_count: null }
            : output
        )
      );
      return () => {
        cell.setOutputs(outputs);
      };
    });
  }

  private _keepsOutputs(
    cell: SharedCodeCell,
    outputs: nbformat.IOutput[]
  ): boolean {
    const tags = cell.getMetadata('tags');
    const tagged =
      Array.isArray(tags) &&
      this._policy.keep_output_tags.some(tag => tags.includes(tag));
    if (!tagged) {
      return false;
    }
    const fits = sizeOf(outputs) <= this._policy.keep_output_max_bytes;
    this.counts.oversized += fits ? 0 : 1;
    return fits;
  }

  private _note(value: unknown): void {
    this.counts.metadata += 1;
    this.counts.bytes += sizeOf(value);
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
