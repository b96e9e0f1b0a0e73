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
import { loadWhenIdle } from '../jupyterlab/idle';
import { withErrorNotification } from '../jupyterlab/errornotification';
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
    /** Show the panel, and there at once that a run was asked for. */
    const starting = async <T>(
      work: () => Promise<T>,
      repository = model.selected?.id,
      paths: string[] | null = []
    ): Promise<T> => {
      open();
      const asked = { repository: repository ?? null, paths };
      return model.runs.whileStarting(asked, work);
    };
    commands.addCommand(CommandIDs.runChecks, {
      label: args => runLabel(args, trans),
      caption: trans.__('Run the notebooks that apply to this environment'),
      icon: runIcon,
      isEnabled: args =>
        args.isPalette === true || model.selected?.state !== 'absent',
      describedBy: { args: RUN_ARGS.run },
      execute: withErrorNotification(trans, args => {
        const repository = args.repository as string | undefined;
        const paths = args.paths as string[] | undefined;
        return starting(
          async () => {
            const { runNotebooks } = await import('../runs/runcommands');
            return runNotebooks(model, trans, {
              repository,
              paths,
              all: args.all === true,
              mode: args.mode === 'mobu' ? 'mobu' : undefined,
              jobs: args.jobs as number | undefined
            });
          },
          repository,
          paths ?? null
        );
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
      execute: withErrorNotification(trans, args =>
        starting(async () => {
          const { runAgain } = await import('../runs/runcommands');
          return runAgain(
            model,
            trans,
            args.run as string | undefined,
            args.rest === true
          );
        })
      )
    });
    void app.restored.then(() => {
      loadWhenIdle(() => import('../runs/runcommands'));
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
      isEnabled: args =>
        args.isPalette === true || model.selected?.state !== 'absent',
      describedBy: { args: ARGS.none },
      execute: withErrorNotification(trans, async () => {
        const { failedIn, runFailed } = await import('../runs/runcommands');
        const { selected } = model;
        return starting(
          () => runFailed(model, trans),
          selected?.id,
          failedIn(model, selected).map(({ result }) => result.path)
        );
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
      execute: withErrorNotification(trans, () => {
        const paths = selectedTargets(browsers).map(({ path }) => path);
        const repository = model.repositories.data?.repositories.find(
          ({ directory }) => paths.every(path => path.startsWith(directory))
        );
        return starting(async () => {
          const { startAsking } = await import('../runs/asking');
          return startAsking(model, trans, { paths });
        }, repository?.id);
      })
    });
    commands.addCommand(CommandIDs.stopRuns, {
      label: trans.__('Stop running checks'),
      icon: stopIcon,
      isEnabled: args =>
        args.isPalette === true || model.runs.active.length > 0,
      describedBy: { args: RUN_ARGS.stop },
      execute: withErrorNotification(trans, async args => {
        const { stopRuns } = await import('../runs/runcommands');
        await stopRuns(model, trans, args.run as string | undefined);
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
