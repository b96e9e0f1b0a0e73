import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs, DOMAIN } from '../jupyterlab/commands';
import { withErrorNotification } from '../jupyterlab/errornotification';
import { IHealthModel } from '../model/tokens';
import { RUN_ARGS } from '../runs/runargs';

/** Says why a check or a service failed, whose it is, and what to do. */
export const whyPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:why',
  description: 'Says why a check or a service failed.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    app.commands.addCommand(CommandIDs.why, {
      label: trans.__('Why did it fail?'),
      caption: trans.__('Say why, whose problem it is, and what to do'),
      describedBy: { args: RUN_ARGS.why },
      execute: withErrorNotification(trans, async args => {
        const { showWhy } = await import('../doctor/why');
        const { run, notebook, index, service } = args;
        const request = {
          run_id: run as string | undefined,
          notebook: notebook as string | undefined,
          cell_index: index as number | undefined,
          service: service as string | undefined
        };
        await showWhy(request, model, trans);
      })
    });
  }
};
