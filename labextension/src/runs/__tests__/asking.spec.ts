import { Dialog } from '@jupyterlab/apputils';
import { waitFor } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { run, summary } from '../../__tests__/runs';
import { trans } from '../../__tests__/strings';
import { refusal } from '../../__tests__/server';
import type { FakeServer } from '../../__tests__/server';
import { HealthModel } from '../../model/model';
import { startAsking } from '../asking';

const MUST_ASK = refusal(409, 'must_ask', {
  effects: 'hardware',
  load: 'moderate'
});
const REQUEST = { paths: ['m.ipynb'] };

/** A platform that must be asked once, and a model on it. */
function asked(answers = [MUST_ASK]): {
  server: FakeServer;
  model: HealthModel;
} {
  const server = platform().on(
    'POST runs',
    () => answers.shift() ?? summary(run())
  );
  return {
    server,
    model: new HealthModel({ serverSettings: server.settings })
  };
}

/** Wait for the dialog, and press a button of it. */
async function press(label: string): Promise<Element> {
  return waitFor(() => {
    const dialog = document.querySelector('.jp-Dialog');
    const button = [...(dialog?.querySelectorAll('button') ?? [])].find(
      one => one.textContent === label
    );
    if (!dialog || !button) {
      throw new Error(`There is no dialog with ${label}.`);
    }
    button.click();
    return dialog;
  });
}

describe('startAsking', () => {
  afterEach(() => {
    Dialog.flush();
  });

  it('asks again where a notebook does more by now', async () => {
    const { server, model } = asked([
      MUST_ASK,
      refusal(409, 'must_ask', { effects: 'hardware', load: 'heavy' })
    ]);
    const started = startAsking(model, trans, REQUEST);
    await press('Run this once');
    while (server.bodies.length < 2) {
      await new Promise(resolve => setTimeout(resolve));
    }
    await press('Run this once');
    expect((await started)?.run_id).toBe('run-1');
    expect(server.bodies[2]).toEqual({
      ...REQUEST,
      effects: 'hardware',
      load: 'heavy'
    });
  });

  it('says what a notebook does, and asks for this run', async () => {
    const { server, model } = asked();
    const started = startAsking(model, trans, REQUEST);
    const dialog = await press('Run this once');
    expect(dialog.textContent).toContain('About must_ask.');
    expect((await started)?.run_id).toBe('run-1');
    expect(server.bodies).toEqual([
      REQUEST,
      { ...REQUEST, effects: 'hardware', load: 'moderate' }
    ]);
    model.dispose();
  });

  it('runs nothing if the user would rather not', async () => {
    const { server, model } = asked();
    const started = startAsking(model, trans, REQUEST);
    await press('Cancel');
    expect(await started).toBeNull();
    expect(server.bodies).toEqual([REQUEST]);
    model.dispose();
  });

  it('leaves other refusals alone', async () => {
    const server = platform().on('POST runs', refusal(409, 'already_running'));
    const model = new HealthModel({ serverSettings: server.settings });
    await expect(startAsking(model, trans, REQUEST)).rejects.toMatchObject({
      code: 'already_running'
    });
    model.dispose();
  });
});
