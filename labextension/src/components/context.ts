import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { createContext, useContext } from 'react';

import type { IHealthModel } from '../model/tokens';
import type { PanelState } from './panelstate';

/** What every part of the panel works with. */
export interface IPanelContext {
  model: IHealthModel;
  commands: CommandRegistry;
  panelState: PanelState;
  trans: TranslationBundle;
  /** Run a command, to its end; it tells the user of its errors itself. */
  execute: (
    command: string,
    args?: ReadonlyPartialJSONObject
  ) => Promise<unknown>;
}

/** Carries the context to every part of the panel. */
export const PanelContext = createContext<IPanelContext | null>(null);

/** The context of the panel. */
export function useHealth(): IPanelContext {
  const context = useContext(PanelContext);
  if (!context) {
    throw new Error('Parts of the panel need its context.');
  }
  return context;
}
