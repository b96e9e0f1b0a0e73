import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import type { Event } from '@jupyterlab/services';
import { IEventManager } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { HealthModel } from '../model/model';
import { IHealthModel } from '../model/tokens';

/** Provides the shared state. */
export const modelPlugin: JupyterFrontEndPlugin<IHealthModel> = {
  id: 'rsp-health:model',
  description:
    'Provides the state of the platform, the checkouts and the runs.',
  autoStart: true,
  provides: IHealthModel,
  optional: [IEventManager, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    events: Event.IManager | null,
    settingRegistry: ISettingRegistry | null
  ): IHealthModel => {
    const model = new HealthModel({
      serverSettings: app.serviceManager.serverSettings,
      events
    });
    void settingRegistry?.load(modelPlugin.id).then(settings => {
      const apply = (): void => {
        model.setInterval(settings.get('pollInterval').composite as number);
      };
      settings.changed.connect(apply, model);
      apply();
      model.mutes.follow(settings);
    });
    return model;
  }
};
