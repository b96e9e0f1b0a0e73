import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import React from 'react';

import type { IPanelContext } from '../../components/context';
import { PanelContext } from '../../components/context';
import { PanelState } from '../../components/panelstate';
import { executeOrTell } from '../../jupyterlab/errornotification';
import type { IHealthModel } from '../../model/tokens';
import type { ICharts } from './Chart';
import { ChartContext } from './Chart';
import type { IShown } from './Page';
import { Page } from './Page';

/** The page *Runs over time* of the main area. */
export class RunsPage extends ReactWidget {
  constructor(options: RunsPage.IOptions) {
    super();
    const { model, commands, trans, charts } = options;
    this._charts = charts;
    this._context = {
      model,
      commands,
      trans,
      panelState: new PanelState(null),
      execute: (command, args) => executeOrTell(trans, commands, command, args)
    };
    this.addClass('jp-RSPHealth');
    this.addClass('jp-RSPHealth-page');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Runs over time'));
  }

  /** Show something else; what is not named stays. */
  turnTo(change: Partial<IShown>): void {
    this._shown = { ...this._shown, ...change };
    this.update();
  }

  protected override render(): React.ReactElement {
    return (
      <PanelContext.Provider value={this._context}>
        <ChartContext.Provider value={this._charts}>
          <Page shown={this._shown} onShow={this._turnTo} />
        </ChartContext.Provider>
      </PanelContext.Provider>
    );
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    if (!this._focusTab()) {
      void this.renderPromise?.then(() => this._focusTab());
    }
  }

  /** Give the chosen tab the focus; false while nothing is drawn. */
  private _focusTab(): boolean {
    const { node } = this;
    const tab = node.querySelector<HTMLElement>('[aria-selected="true"]');
    const { activeElement } = document;
    // The lab gives the focus to the page itself.
    if (activeElement === node || !node.contains(activeElement)) {
      tab?.focus();
    }
    return tab !== null;
  }

  private readonly _turnTo = (change: Partial<IShown>): void => {
    this.turnTo(change);
  };
  private readonly _context: IPanelContext;
  private readonly _charts: ICharts;
  private _shown: IShown = {
    part: 'notebooks',
    notebook: null,
    before: null,
    after: null
  };
}

/** Options of the page. */
export namespace RunsPage {
  export interface IOptions {
    model: IHealthModel;
    commands: CommandRegistry;
    trans: TranslationBundle;
    charts: ICharts;
  }
}
