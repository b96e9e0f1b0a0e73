import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { DOMAIN } from '../jupyterlab/commands';
import type { ServiceEvent } from '../api/generated/events';
import { IHealthModel } from '../model/tokens';
import type { ServiceNotices } from '../status/notices';

/** An outage is told when so many ms have gathered what it takes along. */
const GATHERED = 3000;

/** Tells of ended runs, of services that changed, and of kernels that died. */
export const notificationsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:notifications',
  description:
    'Notifies of ended runs, changed services and kernels that died.',
  autoStart: true,
  requires: [IHealthModel],
  optional: [ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    translator: ITranslator | null,
    settingRegistry: ISettingRegistry | null
  ): void => {
    const { commands } = app;
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    let wanted = { runs: true, services: true, kernels: true };
    const notices = () => import('../status/notices');
    model.runs.finished.connect((_, run) => {
      if (wanted.runs) {
        void notices().then(({ notifyRun }) => {
          notifyRun(run, commands, trans);
        });
      }
    }, model);
    model.kernelDied.connect((_, death) => {
      if (wanted.kernels) {
        void import('../doctor/kerneldeath').then(({ notifyDeath }) => {
          notifyDeath(death, trans);
        });
      }
    }, model);
    let changes: ServiceEvent[] = [];
    let told: ServiceNotices | null = null;
    model.serviceChanged.connect((_, change) => {
      if (!wanted.services || model.mutes.has(change.id)) {
        return;
      }
      if (changes.push(change) === 1) {
        window.setTimeout(() => {
          const lately = changes;
          changes = [];
          void notices().then(({ ServiceNotices }) => {
            told ??= new ServiceNotices(model, commands, trans);
            told.tell(lately);
          });
        }, GATHERED);
      }
    }, model);
    void settingRegistry?.load(notificationsPlugin.id).then(settings => {
      const apply = (): void => {
        wanted = {
          runs: settings.get('runs').composite as boolean,
          services: settings.get('services').composite as boolean,
          kernels: settings.get('kernels').composite as boolean
        };
      };
      settings.changed.connect(apply, model);
      apply();
    });
  }
};
