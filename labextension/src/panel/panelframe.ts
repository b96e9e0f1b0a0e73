import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import { Panel } from '@lumino/widgets';

import { lazyWidget } from '../jupyterlab/lazywidget';
import type { IHealthModel } from '../model/tokens';

/**
 * The side panel as Lab's start knows it: an empty frame.
 *
 * The content is made when the frame is first shown, so that a user who never
 * opens it pays for neither its code nor its requests.
 */
export class PanelFrame extends Panel {
  constructor(options: PanelFrame.IOptions) {
    super();
    this._getContent = lazyWidget(options.create);
    this._onError = options.onError;
    this._model = options.model;
    this.addClass('jp-RSPHealth');
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._appear();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this._appear();
    }
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._model.setVisible(false);
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    void this._withContent(content => {
      content.activate();
    });
  }

  private _appear(): void {
    this._model.setVisible(true);
    void this._withContent(content => {
      if (content.parent !== this) {
        this.addWidget(content);
      }
    });
  }

  /** Do something with the content, if its code comes. */
  private async _withContent(act: (content: Widget) => void): Promise<void> {
    let content: Widget;
    try {
      content = await this._getContent();
    } catch (error) {
      this._onError(error);
      return;
    }
    if (!this.isDisposed) {
      act(content);
    }
  }

  private readonly _getContent: () => Promise<Widget>;
  private readonly _onError: (error: unknown) => void;
  private readonly _model: IHealthModel;
}

/** Options of the frame. */
export namespace PanelFrame {
  export interface IOptions {
    /** Makes the content. */
    create: () => Promise<Widget>;
    /** Is told why the content did not come. */
    onError: (error: unknown) => void;
    /** Is told whether the panel is in view. */
    model: IHealthModel;
  }
}
