import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { VERSION } from '../api/generated/version';
import { HealthError } from '../api/request';
import { DOMAIN } from '../jupyterlab/commands';
import { FAILURE_SHOWN } from '../jupyterlab/durations';
import { IHealthModel } from '../model/tokens';
import { errorSentence } from '../text/errors';

/** Tells once when the server's half is missing or of another version. */
export const handshakePlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:handshake',
  description: 'Checks that the server extension is there and fits.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const check = async (): Promise<void> => {
      try {
        const { version } = await model.api.info();
        if (version !== VERSION) {
          Notification.warning(
            trans.__(
              'RSP Health in this page is %1, in the server %2. Restart the lab, then reload this page.',
              VERSION,
              version
            ),
            { autoClose: FAILURE_SHOWN }
          );
        }
      } catch (error) {
        // The panel tells about the rest; without the server's half there
        // would be nothing to tell it.
        if (error instanceof HealthError && error.code === 'not_enabled') {
          Notification.error(errorSentence(error, trans), {
            autoClose: FAILURE_SHOWN
          });
        }
      }
    };
    void app.restored.then(check);
  }
};
