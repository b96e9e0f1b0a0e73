import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { runIcon, stopIcon } from '@jupyterlab/ui-components';

import { ARGS, CommandIDs, DOMAIN } from '../commands';
import { selectedNotebooks } from '../filebrowser';
import { reporting } from '../reporting';
import { IHealthModel } from '../tokens';

/** Adds the commands that start and stop runs. */
export const runsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:runs',
  description: 'Runs notebooks as checks, in processes of their own.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator, IFileBrowserFactory],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    browsers: IFileBrowserFactory | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const open = (): void => {
      void commands.execute(CommandIDs.openPanel);
    };
    commands.addCommand(CommandIDs.runChecks, {
      label: trans.__('Run checks'),
      caption: trans.__('Run the notebooks that apply to this environment'),
      icon: runIcon,
      isEnabled: () => model.selected?.state !== 'absent',
      describedBy: { args: ARGS.run },
      execute: reporting(trans, async args => {
        open();
        const { runNotebooks } = await import('../runcommands');
        return runNotebooks(model, trans, {
          repository: args.repository as string | undefined,
          paths: args.paths as string[] | undefined,
          all: args.all === true
        });
      })
    });
    commands.addCommand(CommandIDs.runFailed, {
      label: trans.__('Run failed checks again'),
      icon: runIcon,
      describedBy: { args: ARGS.none },
      execute: reporting(trans, async () => {
        open();
        const { runFailed } = await import('../runcommands');
        return runFailed(model, trans);
      })
    });
    commands.addCommand(CommandIDs.runSelected, {
      label: trans.__('Run as check'),
      caption: trans.__('Run it in a process of its own; the file stays as is'),
      icon: runIcon,
      isVisible: () => selectedNotebooks(browsers).length > 0,
      describedBy: { args: ARGS.none },
      execute: reporting(trans, () => {
        open();
        return model.runs.start({ paths: selectedNotebooks(browsers) });
      })
    });
    commands.addCommand(CommandIDs.stopRuns, {
      label: trans.__('Stop running checks'),
      icon: stopIcon,
      isEnabled: () => model.runs.active.length > 0,
      describedBy: { args: ARGS.none },
      execute: reporting(trans, async () => {
        const { stopRuns } = await import('../runcommands');
        await stopRuns(model);
      })
    });
    model.runs.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.stopRuns);
    }, model);
    model.repositories.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.runChecks);
    }, model);
  }
};
