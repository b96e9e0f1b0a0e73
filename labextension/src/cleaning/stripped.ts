import type { CleanReport } from '../api/generated/api';
import type { IPreviewOptions, NotebookContext } from './preview';
import type { IStripResult } from './policy';
import type { StoredOutputs } from './stored';

/** What stripping works with. */
export interface IStripOptions extends IPreviewOptions {
  /** Whether a single notebook is stripped without a question. */
  skipPreview?: boolean;
}

/** A notebook that was stripped in its tab. */
export interface IStrippedTab {
  path: string;
  context: NotebookContext;
  result: IStripResult;
  stored: StoredOutputs;
}

/** What was stripped, and how it is put back. */
export interface IStripped {
  open: IStrippedTab[];
  report: CleanReport | null;
  /** False if some open notebook has got something that was not shown. */
  isWhole: boolean;
}
