import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IMainMenu } from '@jupyterlab/mainmenu';
import type { Menu, MenuBar } from '@lumino/widgets';

import { CommandIDs } from '../jupyterlab/commands';
import { IHealthModel } from '../model/tokens';

/** Ids of the menus that schema/commands.json declares. */
const MENU = 'jp-mainmenu-rsp-health';
const SUBMENU = 'jp-mainmenu-rsp-health-checkout';

/** Lists the configured repositories in RSP Health ▸ Check out. */
export const checkoutMenuPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-health:checkout-menu',
  description: 'Lists the repositories in the menu RSP Health ▸ Check out.',
  autoStart: true,
  requires: [IHealthModel, IMainMenu],
  activate: (
    app: JupyterFrontEnd,
    model: IHealthModel,
    mainMenu: IMainMenu
  ): void => {
    let shown = '';
    const fill = (): void => {
      const repositories = model.repositories.data?.repositories ?? [];
      const submenu = findSubmenu(mainMenu as unknown as MenuBar);
      const wanted = JSON.stringify(
        repositories.map(({ id, title }) => [id, title])
      );
      if (!submenu || wanted === shown || !repositories.length) {
        return;
      }
      shown = wanted;
      submenu.clearItems();
      for (const { id } of repositories) {
        submenu.addItem({
          command: CommandIDs.checkout,
          args: { repository: id }
        });
      }
    };
    model.repositories.changed.connect(fill, model);
    void app.restored.then(() => model.repositories.load());
  }
};

/** The submenu; undefined if the user's settings have removed it. */
function findSubmenu(menuBar: MenuBar): Menu | undefined {
  return (
    menuBar.menus
      .find(menu => menu.id === MENU)
      ?.items.map(item => item.submenu)
      .find(submenu => submenu?.id === SUBMENU) ?? undefined
  );
}
