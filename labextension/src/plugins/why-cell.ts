import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { offerBelowErrors } from '../doctor/errorbutton';
import type { ICellPlace } from '../doctor/erroroutput';
import { ARGS, CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';

/** Says why a cell of any notebook failed. */
export const whyCellPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:why-cell',
  description: 'Says why a cell failed, below the error that it shows.',
  autoStart: true,
  requires: [IHealthModel, INotebookTracker],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const ended = new WeakMap<object, number>();
    const outputs = () => import('../doctor/erroroutput');
    const explain = async (place: ICellPlace | null): Promise<void> => {
      const [{ errorOutput }, { showWhy }] = await Promise.all([
        outputs(),
        import('../doctor/why')
      ]);
      const error = place && errorOutput(place, ended);
      if (error) {
        await showWhy({ error }, model, trans);
      }
    };
    commands.addCommand(CommandIDs.whyCell, {
      label: trans.__('Why did this cell fail?'),
      caption: trans.__('Say why, whose problem it is, and what to do'),
      isVisible: () => showsError(tracker),
      isEnabled: () => showsError(tracker),
      describedBy: { args: ARGS.none },
      execute: withErrorNotification(trans, async () => {
        const { activePlace } = await outputs();
        await explain(activePlace(tracker));
      })
    });
    palette?.addItem({
      command: CommandIDs.whyCell,
      category: trans.__('RSP Health')
    });
    const offer = (
      registry: ICellPlace['panel']['content']['rendermime']
    ): void => {
      offerBelowErrors(registry, trans.__('Why?'), button => {
        const below = withErrorNotification(trans, async () => {
          const { placeOf } = await outputs();
          await explain(placeOf(button, tracker));
        });
        void below({});
      });
    };
    tracker.forEach(panel => {
      offer(panel.content.rendermime);
    });
    tracker.widgetAdded.connect((_, panel) => {
      offer(panel.content.rendermime);
    }, model);
    NotebookActions.executed.connect((_, { cell }) => {
      ended.set(cell.model, Date.now());
    }, model);
  }
};

/** Whether the active cell shows an error. */
function showsError({ activeCell }: INotebookTracker): boolean {
  return !!activeCell?.node.querySelector('.jp-RSPHealth-error');
}
