import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';

import { platform } from '../../__tests__/platform';
import { FOLDER, notebook, run, summary } from '../../__tests__/runs';
import { settle } from '../../__tests__/server';
import { CommandIDs } from '../../jupyterlab/commands';
import { panelPlugin } from '../panel';
import { runsPlugin } from '../runs';
import { labOn } from './lab';

describe('the commands that start runs', () => {
  it('runs folders and notebooks as checks', async () => {
    const lab = labOn(platform().on('POST runs', summary(run())));
    const items = [
      { type: 'directory', path: 'mine' },
      { type: 'notebook', path: 'tap.ipynb' },
      { type: 'file', path: 'notes.txt' }
    ];
    const browsers = {
      tracker: { currentWidget: { selectedItems: () => items } }
    } as unknown as IFileBrowserFactory;
    void panelPlugin.activate(lab.app, lab.model, null, null, null, null);
    void runsPlugin.activate(lab.app, lab.model, null, browsers);
    expect(lab.commands.label(CommandIDs.runSelected)).toBe('Run as checks');
    expect(lab.commands.isVisible(CommandIDs.runSelected)).toBe(true);
    const asked = jest.spyOn(lab.model.runs, 'start');
    await lab.commands.execute(CommandIDs.runSelected);
    await settle();
    expect(asked.mock.calls[0]?.[0]).toMatchObject({
      paths: ['mine', 'tap.ipynb']
    });
    lab.model.dispose();
  });

  it('say only of what is asked for that it starts', async () => {
    const failed = run({
      state: 'failed',
      notebooks: [
        notebook({ path: 'a.ipynb', state: 'failed' }),
        notebook({ path: 'b.ipynb', state: 'passed' })
      ]
    });
    const lab = labOn(
      platform()
        .on('GET runs', { runs: [summary(failed)] })
        .on('GET runs/run-1', failed)
    );
    void panelPlugin.activate(lab.app, lab.model, null, null, null, null);
    void runsPlugin.activate(lab.app, lab.model, null, null);
    await lab.model.refresh();
    await lab.model.runs.loadFolder(FOLDER);
    const asked = jest
      .spyOn(lab.model.runs, 'whileStarting')
      .mockResolvedValue(null);
    await lab.commands.execute(CommandIDs.runChecks);
    await lab.commands.execute(CommandIDs.runChecks, { paths: ['c.ipynb'] });
    await lab.commands.execute(CommandIDs.runFailed);
    await lab.commands.execute(CommandIDs.runAgain);
    expect(asked.mock.calls.map(([{ paths }]) => paths)).toEqual([
      null,
      ['c.ipynb'],
      ['a.ipynb'],
      []
    ]);
    lab.model.dispose();
  });
});
