import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { act, screen, within } from '@testing-library/react';
import type { BoundFunctions, queries } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { cell, notebook, run, summary } from '../../__tests__/runs';
import type { FakeServer } from '../../__tests__/server';
import { settle } from '../../__tests__/server';
import { trans } from '../../__tests__/strings';
import { CommandIDs } from '../../jupyterlab/commands';
import { HealthModel } from '../../model/model';
import { Resource } from '../../model/resource';
import { HealthPanel } from '..';

/** A panel that is open. */
export interface IOpened {
  model: HealthModel;
  /** The commands that were executed, with their arguments. */
  executed: [string, unknown][];
  /** What commands that are executed from now on wait for. */
  until: Promise<void> | null;
}

// jsdom draws nothing, and so does not say what can be seen.
Element.prototype.checkVisibility = () => true;

let panel: HealthPanel | null = null;

/** No time passes after an answer, however busy the machine is. */
let age: jest.SpyInstance;

beforeEach(() => {
  age = jest.spyOn(Resource.prototype, 'age', 'get').mockReturnValue(0);
});

/** Open the panel on a server, and wait until all has come. */
export async function open(server: FakeServer): Promise<IOpened> {
  const executed: [string, unknown][] = [];
  const commands = new CommandRegistry();
  for (const id of Object.values(CommandIDs)) {
    commands.addCommand(id, {
      describedBy: { args: {} },
      execute: args => {
        executed.push([id, args]);
        return opened.until;
      }
    });
  }
  const model = new HealthModel({ serverSettings: server.settings });
  const opened: IOpened = { model, executed, until: null };
  panel = new HealthPanel({ model, commands, trans, stateDB: null });
  const opening = panel;
  await act(async () => {
    Widget.attach(opening, document.body);
    model.setVisible(true);
    await settle();
  });
  return opened;
}

afterEach(() => {
  act(() => panel?.dispose());
  panel = null;
  age.mockRestore();
});

/** A section of the panel, by how its name begins. */
export function section(name: string): BoundFunctions<typeof queries> {
  return within(screen.getByRole('region', { name: new RegExp(`^${name}`) }));
}

/** A run in which one notebook failed. */
export const FAILED = run({
  state: 'failed',
  totals: { passed: 0, failed: 1, skipped: 0, other: 0 },
  notebooks: [
    notebook({
      state: 'failed',
      reason: 'Cell 2: DALServiceError',
      cells: [
        cell(),
        cell({
          index: 2,
          id: 'async-submit',
          state: 'failed',
          duration_s: 5.4,
          error: {
            ename: 'DALServiceError',
            evalue: '503 <img src=x onerror=alert(1)>',
            traceback: 'Traceback…'
          }
        })
      ]
    })
  ]
});

/** A server that knows of it. */
export function withFailure(): FakeServer {
  return platform()
    .on('GET runs', { runs: [summary(FAILED)] })
    .on('GET runs/run-1', FAILED);
}
