import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import React from 'react';

import type { IPanelContext } from '../components/context';
import { PanelContext } from '../components/context';
import { PanelState } from '../components/panelstate';
import { executeOrTell } from '../jupyterlab/errornotification';
import type { IHealthModel } from '../model/tokens';
import { FirstHint } from './FirstHint';
import { Header } from './Header';
import { LiveRegion } from './LiveRegion';
import { Broadcasts } from './broadcasts/Broadcasts';
import { LabSection } from './lab/LabSection';
import { NotebooksSection } from './notebooks/NotebooksSection';
import { RunsSection } from './runs/RunsSection';
import { ServicesSection } from './services/ServicesSection';
import { TroubleshootSection } from './troubleshoot/TroubleshootSection';

/** The content of the side panel. */
export class HealthPanel extends ReactWidget {
  constructor(options: HealthPanel.IOptions) {
    super();
    const { model, commands, trans, stateDB } = options;
    this.addClass('jp-RSPHealth-panel');
    this._context = {
      model,
      commands,
      trans,
      panelState: new PanelState(stateDB),
      execute: (command, args) => executeOrTell(trans, commands, command, args)
    };
  }

  protected override render(): React.ReactElement {
    return (
      <PanelContext.Provider value={this._context}>
        <Header />
        <FirstHint />
        <Broadcasts />
        <ServicesSection />
        <TroubleshootSection />
        <NotebooksSection />
        <RunsSection />
        <LabSection />
        <LiveRegion />
      </PanelContext.Provider>
    );
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    // Commands of the panel's own buttons bring it to the front, too.
    if (!this.node.contains(document.activeElement)) {
      this.node.querySelector('button')?.focus();
    }
  }

  private readonly _context: IPanelContext;
}

/** Options of the panel's content. */
export namespace HealthPanel {
  export interface IOptions {
    model: IHealthModel;
    commands: CommandRegistry;
    trans: TranslationBundle;
    /** Remembers what is open; may be absent. */
    stateDB: IStateDB | null;
  }
}
