import { backupsPlugin } from './plugins/backups';
import { checkoutPlugin } from './plugins/checkout';
import { checkoutMenuPlugin } from './plugins/checkout-menu';
import { cleaningPlugin } from './plugins/cleaning';
import { commandsPlugin } from './plugins/commands';
import { executedPlugin } from './plugins/executed';
import { handshakePlugin } from './plugins/handshake';
import { modelPlugin } from './plugins/model';
import { navigationPlugin } from './plugins/navigation';
import { notificationsPlugin } from './plugins/notifications';
import { panelPlugin } from './plugins/panel';
import { runsPlugin } from './plugins/runs';
import { runsPagePlugin } from './plugins/runs-page';
import { statusItemPlugin } from './plugins/status-item';
import { whyPlugin } from './plugins/why';
import { whyCellPlugin } from './plugins/why-cell';

export { IHealthModel } from './model/tokens';

/** One plugin for each feature: each can be disabled on its own. */
export default [
  modelPlugin,
  panelPlugin,
  commandsPlugin,
  checkoutPlugin,
  backupsPlugin,
  checkoutMenuPlugin,
  runsPlugin,
  runsPagePlugin,
  navigationPlugin,
  executedPlugin,
  cleaningPlugin,
  statusItemPlugin,
  notificationsPlugin,
  whyPlugin,
  whyCellPlugin,
  handshakePlugin
];
