import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import { Panel } from '@lumino/widgets';

import type { IHealthModel } from '../model/tokens';

/**
 * The side panel as Lab's start knows it: an empty frame.
 *
 * The content is made when the frame is first shown, so that a user who never
 * opens it pays for neither its code nor its requests.
 */
export class PanelFrame extends Panel {
  /**
   * @param create - Makes the content.
   * @param model - Is told whether the panel is in view.
   */
  constructor(create: () => Promise<Widget>, model: IHealthModel) {
    super();
    this._create = create;
    this._model = model;
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
    void this._content?.then(content => {
      content.activate();
    });
  }

  private _appear(): void {
    this._model.setVisible(true);
    this._content ??= this._create().then(content => {
      this.addWidget(content);
      return content;
    });
  }

  private readonly _create: () => Promise<Widget>;
  private readonly _model: IHealthModel;
  private _content: Promise<Widget> | null = null;
}
