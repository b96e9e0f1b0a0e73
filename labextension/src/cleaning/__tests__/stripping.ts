import { Notification } from '@jupyterlab/apputils';
import { act, waitFor } from '@testing-library/react';

import { CLEAN_POLICY } from '../../__tests__/platform';
import type { Answer, FakeServer } from '../../__tests__/server';
import { trans } from '../../__tests__/strings';
import type { ITarget } from '../../jupyterlab/filebrowser';
import { HealthModel } from '../../model/model';
import { strip } from '../strip';
import { OpenNotebooks } from './opennotebooks';

/** What the server says of a file. */
export function file(fields: object): object {
  return {
    path: 'a/x.ipynb',
    state: 'dirty',
    outputs: 3,
    execution_counts: 2,
    metadata: 1,
    removed_bytes: 4100,
    kept_outputs: 0,
    oversized: 0,
    read_only: false,
    message: '',
    ...fields
  };
}

/** What the server says of a clean file. */
export function cleanFile(path: string): object {
  const none = { outputs: 0, execution_counts: 0, metadata: 0 };
  return file({ path, state: 'clean', ...none, removed_bytes: 0 });
}

/** The answer of `POST clean`. */
export function report(files: object[], more: object = {}): Answer {
  const fields = { policy: CLEAN_POLICY, fingerprint: 'f1', undo: null };
  return { ...fields, files, ...more };
}

/** A route that answers one after the other, the last for ever. */
export function inTurn(...answers: Answer[]): () => Answer {
  let turn = 0;
  return () => answers[Math.min(turn++, answers.length - 1)] ?? {};
}

/** The notices, sorted. */
export function shown(): string[] {
  return Notification.manager.notifications
    .map(({ type, message }) => `${type}: ${message}`)
    .sort();
}

/** Press the button of the first notice that has it. */
export function pressOnNotice(label: string): void {
  for (const { options } of Notification.manager.notifications) {
    const action = options.actions?.find(one => one.label === label);
    if (action) {
      action.callback(new MouseEvent('click'));
      return;
    }
  }
  throw new Error(`No notice has ${label}.`);
}

/** A notebook to strip. */
export const notebookAt = (path: string): ITarget => ({
  path,
  isFolder: false
});
/** A folder to strip. */
export const folderAt = (path: string): ITarget => ({ path, isFolder: true });

/** The tabs of the test; closed after it. */
export let tabs: OpenNotebooks;

let model: HealthModel | null = null;

/** Strip as a user would. */
export function start(
  server: FakeServer,
  targets: ITarget[],
  skipPreview = false
): Promise<void> {
  model?.dispose();
  model = new HealthModel({ serverSettings: server.settings });
  const { tracker, contents } = tabs;
  // Lab has one server only.
  Object.assign(contents, { serverSettings: server.settings });
  return strip(targets, { model, tracker, contents, trans, skipPreview });
}

/** The dialog that is open. */
export async function dialog(): Promise<HTMLElement> {
  return waitFor(() => {
    const found = document.querySelector<HTMLElement>('.jp-Dialog');
    if (!found?.querySelector('table')) {
      throw new Error('There is no preview.');
    }
    return found;
  });
}

/** Press a button of the dialog; return what the dialog said. */
export async function press(label: string): Promise<string> {
  const open = await dialog();
  const text = open.textContent;
  const button = [...open.querySelectorAll('button')].find(
    candidate => candidate.textContent === label
  );
  if (!button) {
    throw new Error(`${label} is not among: ${text}`);
  }
  act(() => {
    button.click();
  });
  await waitFor(() => {
    expect(open.isConnected).toBe(false);
  });
  return text;
}

// Yjs warns of how the document is built, which is not what is tested here.
beforeAll(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});

beforeEach(() => {
  Notification.dismiss();
  tabs = new OpenNotebooks();
});

afterEach(() => {
  model?.dispose();
  model = null;
  tabs.dispose();
});
