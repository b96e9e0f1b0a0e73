import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { ReportFormat } from '../api/api';
import { ARGS, CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { selectedTargets } from '../jupyterlab/filebrowser';
import { reporting } from '../jupyterlab/reporting';
import { IHealthModel } from '../model/tokens';
import { RUN_ARGS } from '../runs/runargs';

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
      label: args => runLabel(args, trans),
      caption: trans.__('Run the notebooks that apply to this environment'),
      icon: runIcon,
      isEnabled: () => model.selected?.state !== 'absent',
      describedBy: { args: RUN_ARGS.run },
      execute: reporting(trans, async args => {
        open();
        const { runNotebooks } = await import('../runs/runcommands');
        return runNotebooks(model, trans, {
          repository: args.repository as string | undefined,
          paths: args.paths as string[] | undefined,
          all: args.all === true,
          mode: args.mode === 'mobu' ? 'mobu' : undefined,
          jobs: args.jobs as number | undefined
        });
      })
    });
    commands.addCommand(CommandIDs.runAgain, {
      label: args =>
        args.rest === true
          ? trans.__('Run the rest')
          : args.run === undefined
            ? trans.__('Run the last checks again')
            : trans.__('Run these again'),
      caption: trans.__('Run the same notebooks, in the same mode'),
      icon: runIcon,
      describedBy: { args: RUN_ARGS.pastRun },
      execute: reporting(trans, async args => {
        open();
        const { runAgain } = await import('../runs/runcommands');
        return runAgain(
          model,
          trans,
          args.run as string | undefined,
          args.rest === true
        );
      })
    });
    commands.addCommand(CommandIDs.downloadReport, {
      label: args => reportLabel(args, trans),
      describedBy: { args: RUN_ARGS.report },
      execute: args => {
        const link = document.createElement('a');
        link.href = model.api.reportUrl(
          args.run as string,
          args.format as ReportFormat
        );
        link.download = ''; // The server names it.
        link.click();
      }
    });
    commands.addCommand(CommandIDs.runFailed, {
      label: trans.__('Run failed checks again'),
      icon: runIcon,
      isEnabled: () => model.selected?.state !== 'absent',
      describedBy: { args: ARGS.none },
      execute: reporting(trans, async () => {
        open();
        const { runFailed } = await import('../runs/runcommands');
        return runFailed(model, trans);
      })
    });
    commands.addCommand(CommandIDs.runSelected, {
      label: () => {
        const targets = selectedTargets(browsers);
        return targets.length > 1 || targets.some(one => one.isFolder)
          ? trans.__('Run as checks')
          : trans.__('Run as check');
      },
      caption: trans.__(
        'Run it in a process of its own; the files stay as they are'
      ),
      icon: runIcon,
      isVisible: () => selectedTargets(browsers).length > 0,
      describedBy: { args: ARGS.none },
      execute: reporting(trans, () => {
        open();
        const paths = selectedTargets(browsers).map(({ path }) => path);
        return model.runs.start({ paths });
      })
    });
    commands.addCommand(CommandIDs.stopRuns, {
      label: trans.__('Stop running checks'),
      icon: stopIcon,
      isEnabled: () => model.runs.active.length > 0,
      describedBy: { args: RUN_ARGS.stop },
      execute: reporting(trans, async args => {
        const { stopRuns } = await import('../runs/runcommands');
        await stopRuns(model, args.run as string | undefined);
      })
    });
    // A saved notebook makes what is known of it old.
    app.serviceManager.contents.fileChanged.connect((_, { newValue }) => {
      const path = newValue?.path ?? '';
      for (const { id, directory } of model.repositories.data?.repositories ??
        []) {
        if (path.endsWith('.ipynb') && path.startsWith(`${directory}/`)) {
          const list = model.notebooks(id);
          if (list.data) {
            void list.load();
          }
        }
      }
    }, model);
    model.runs.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.stopRuns);
    }, model);
    model.repositories.changed.connect(() => {
      commands.notifyCommandChanged(CommandIDs.runChecks);
    }, model);
  }
};

/** What a way of running is called in a menu. */
function runLabel(
  args: ReadonlyPartialJSONObject,
  trans: TranslationBundle
): string {
  if (args.mode === 'mobu') {
    return trans.__('Run as mobu does, tags ignored');
  }
  if (args.all === true) {
    return trans.__('Run every notebook, whatever the rules say');
  }
  if (typeof args.jobs === 'number' && args.jobs > 1) {
    return trans.__('Run %1 notebooks at a time', args.jobs);
  }
  return trans.__('Run checks');
}

function reportLabel(
  args: ReadonlyPartialJSONObject,
  trans: TranslationBundle
): string {
  switch (args.format) {
    case 'junit':
      return trans.__('Download the JUnit report');
    case 'json':
      return trans.__('Download the JSON document');
    default:
      return trans.__('Download the HTML report');
  }
}
