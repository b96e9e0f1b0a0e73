import type { JupyterFrontEnd } from '@jupyterlab/application';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { FakeServer } from '../../__tests__/server';
import type { HealthModel } from '../../model/model';
import { modelPlugin } from '../model';

/** What plugins are activated on. */
export interface ILab {
  app: JupyterFrontEnd;
  commands: CommandRegistry;
  model: HealthModel;
  added: Widget[];
  activated: string[];
}

/** Emitted when Lab has written a file. */
export const fileChanged = new Signal<
  object,
  { newValue: { path: string } | null }
>({});

/** A lab on a server, with the model and nothing else. */
export function labOn(server: FakeServer): ILab {
  const commands = new CommandRegistry();
  const added: Widget[] = [];
  const activated: string[] = [];
  const app = {
    commands,
    restored: Promise.resolve(),
    serviceManager: {
      serverSettings: server.settings,
      contents: { fileChanged }
    },
    shell: {
      add: (widget: Widget) => added.push(widget),
      activateById: (id: string) => activated.push(id)
    }
  } as unknown as JupyterFrontEnd;
  const model = modelPlugin.activate(app, null, null) as HealthModel;
  return { app, commands, model, added, activated };
}
