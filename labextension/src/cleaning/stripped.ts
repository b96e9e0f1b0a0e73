import type { CleanReport } from '../generated/api';
import type { ILookOptions, NotebookContext } from './look';
import type { IStripResult } from './policy';

/** What stripping works with. */
export interface IStripOptions extends ILookOptions {
  /** Whether a single notebook is stripped without a question. */
  skipPreview?: boolean;
}

/** What was stripped, and how it is put back. */
export interface IStripped {
  open: { path: string; context: NotebookContext; result: IStripResult }[];
  report: CleanReport | null;
  /** False if some open notebook has got something that was not shown. */
  isWhole: boolean;
}
