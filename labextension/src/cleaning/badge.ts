import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { StripOnSaveFolders } from './onsave';

/**
 * Says in a notebook's toolbar, and in the tip of its tab, that it is saved
 * without outputs. It is not seen where that is not so.
 */
export class StripOnSaveBadge extends Widget {
  /**
   * @param panel - The notebook.
   * @param folders - The user's choice, once it is known.
   * @param trans - The translations.
   */
  constructor(
    private readonly _panel: NotebookPanel,
    folders: Promise<StripOnSaveFolders>,
    private readonly _trans: TranslationBundle
  ) {
    super({ node: document.createElement('span') });
    this.addClass('jp-RSPHealth-badge');
    this.node.textContent = _trans.__('Saved without outputs');
    this.node.title = _trans.__(
      'The file gets no outputs (strip on save). They stay in this tab until you close it.'
    );
    this.hide();
    void folders.then(known => {
      if (this.isDisposed) {
        return;
      }
      this._folders = known;
      known.changed.connect(this._show, this);
      _panel.context.pathChanged.connect(this._show, this);
      // Lab writes the tip anew when a file is saved or renamed.
      _panel.title.changed.connect(this._mark, this);
      this._show();
    });
  }

  private _show(): void {
    const { path } = this._panel.context;
    this.setHidden(!this._folders?.covers(path));
    this._mark();
  }

  private _mark(): void {
    const { title } = this._panel;
    const line = `\n${this._trans.__('Saved without outputs')}`;
    const bare = title.caption.replace(line, '');
    const wanted = this.isHidden ? bare : bare + line;
    if (title.caption !== wanted) {
      title.caption = wanted;
    }
  }

  private _folders: StripOnSaveFolders | null = null;
}
