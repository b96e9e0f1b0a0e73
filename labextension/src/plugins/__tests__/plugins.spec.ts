import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { ICommandPalette } from '@jupyterlab/apputils';
import { Notification } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';
import type { IMainMenu } from '@jupyterlab/mainmenu';
import { Signal } from '@lumino/signaling';
import { Menu, MenuBar, Widget } from '@lumino/widgets';

import { repository } from '../../__tests__/checkouts';
import { platform } from '../../__tests__/platform';
import type { FakeServer } from '../../__tests__/server';
import { FakeEvents, settle } from '../../__tests__/server';
import { VERSION } from '../../api/generated/version';
import { CommandIDs } from '../../jupyterlab/commands';
import { HealthModel } from '../../model/model';
import plugins from '../..';
import { backupsPlugin } from '../backups';
import { checkoutPlugin } from '../checkout';
import { checkoutMenuPlugin } from '../checkout-menu';
import { cleaningPlugin } from '../cleaning';
import { commandsPlugin } from '../commands';
import { executedPlugin } from '../executed';
import { handshakePlugin } from '../handshake';
import { navigationPlugin } from '../navigation';
import { notificationsPlugin } from '../notifications';
import { panelPlugin } from '../panel';
import { runsPlugin } from '../runs';
import { runsPagePlugin } from '../runs-page';
import { whyPlugin } from '../why';
import { whyCellPlugin } from '../why-cell';
import { fileChanged, labOn } from './lab';
import type { ILab } from './lab';

/** A lab without an open notebook. */
const NO_NOTEBOOKS = {
  activeCell: null,
  forEach: () => undefined,
  widgetAdded: new Signal<object, unknown>({})
};

/** Activate what brings commands, with no optional token at all. */
function activateBare({ app, model }: ILab): void {
  void panelPlugin.activate(app, model, null, null, null, null);
  void commandsPlugin.activate(app, model, null, null);
  void checkoutPlugin.activate(app, model, null, null);
  void backupsPlugin.activate(app, model, null, null);
  void runsPlugin.activate(app, model, null, null);
  void runsPagePlugin.activate(app, model, null, null, null, null);
  void cleaningPlugin.activate(app, model, null, null, null, null, null);
  void navigationPlugin.activate(app, {}, {}, null, null);
  void executedPlugin.activate(app, model, {}, {}, null);
  void notificationsPlugin.activate(app, model, null, null);
  void whyPlugin.activate(app, model, null);
  void whyCellPlugin.activate(app, model, NO_NOTEBOOKS, null, null);
}

const SCHEMA = join(__dirname, '../../../schema');

beforeEach(() => {
  Notification.dismiss();
});

describe('the plugins', () => {
  it('start without the network, and without any optional token', () => {
    const server = platform();
    const lab = labOn(server);
    activateBare(lab);
    expect(server.log).toEqual([]);
    expect(lab.added.map(widget => widget.id)).toEqual(['rsp-health-panel']);
    lab.model.dispose();
  });

  it('put a card into the launcher that opens the panel', async () => {
    const lab = labOn(platform());
    const cards: ILauncher.IItemOptions[] = [];
    const launcher = {
      add: (card: ILauncher.IItemOptions) => cards.push(card)
    } as unknown as ILauncher;
    void panelPlugin.activate(lab.app, lab.model, null, null, null, launcher);
    const [card] = cards;
    expect(cards).toHaveLength(1);
    expect(lab.commands.label(card?.command ?? '', card?.args)).toBe(
      'RSP Health'
    );
    expect(lab.commands.label(CommandIDs.openPanel)).toBe(
      'Open the RSP Health panel'
    );
    await lab.commands.execute(card?.command ?? '', card?.args);
    expect(lab.activated).toEqual(['rsp-health-panel']);
    lab.model.dispose();
  });

  it('look again at the notebooks of a checkout when one is saved', async () => {
    const server = platform();
    const lab = labOn(server);
    activateBare(lab);
    await lab.model.refresh();
    await lab.model.notebooks('system-test').load();
    const route = 'GET notebooks?repository=system-test';
    const before = server.count(route);
    const folder = 'notebooks/rsp-health/system-test';
    for (const path of ['a.ipynb', `${folder}/a.txt`, `${folder}2/a.ipynb`]) {
      fileChanged.emit({ newValue: { path } });
    }
    fileChanged.emit({ newValue: null });
    await settle();
    expect(server.count(route)).toBe(before);
    fileChanged.emit({ newValue: { path: `${folder}/sub/a.ipynb` } });
    await settle();
    expect(server.count(route)).toBe(before + 1);
    lab.model.dispose();
  });

  it('bring every command, each with a label and its arguments', async () => {
    const lab = labOn(platform());
    activateBare(lab);
    for (const id of Object.values(CommandIDs)) {
      expect([id, lab.commands.label(id)]).not.toEqual([id, '']);
      const { args } = await lab.commands.describedBy(id);
      expect([id, args]).toMatchObject([id, { type: 'object' }]);
    }
    lab.model.dispose();
  });

  it('are named and described, one for each schema', () => {
    const ids = plugins.map(plugin => plugin.id);
    expect(new Set(ids).size).toBe(ids.length);
    plugins.forEach(plugin => {
      expect(plugin.description).toBeTruthy();
    });
    for (const name of readdirSync(SCHEMA)) {
      expect(ids).toContain(`rsp-health:${name.replace('.json', '')}`);
    }
  });

  it('declare only commands that exist', () => {
    const known: string[] = Object.values(CommandIDs);
    for (const name of readdirSync(SCHEMA)) {
      const text = readFileSync(join(SCHEMA, name), 'utf8');
      for (const match of text.matchAll(/"command": "([^"]+)"/g)) {
        expect(known).toContain(match[1]);
      }
    }
  });

  it('list existing commands in the palette', () => {
    const lab = labOn(platform());
    const items: string[] = [];
    const palette = {
      addItem: ({ command }: { command: string }) => items.push(command)
    } as unknown as ICommandPalette;
    void commandsPlugin.activate(lab.app, lab.model, null, palette);
    const known: string[] = Object.values(CommandIDs);
    expect(items.length).toBeGreaterThan(8);
    expect(known).toEqual(expect.arrayContaining(items));
    lab.model.dispose();
  });
});

describe('the panel', () => {
  it('is loaded, and asks, when it is first shown', async () => {
    const server = platform();
    const lab = labOn(server);
    void panelPlugin.activate(lab.app, lab.model, null, null, null, null);
    const [frame] = lab.added;
    if (!frame) {
      throw new Error('There is no panel.');
    }
    frame.hide();
    Widget.attach(frame, document.body);
    await settle();
    expect(server.log).toEqual([]);
    frame.show();
    await settle();
    expect(server.log).toContain('GET services');
    expect(frame.node.querySelector('h2')?.textContent).toBe('RSP Health');
    frame.dispose();
    lab.model.dispose();
  });
});

describe('the page of the runs', () => {
  it('is made when it is opened, once, and again when it was closed', async () => {
    const server = platform().on('GET trend?limit=20', { notebooks: [] });
    const lab = labOn(server);
    void runsPagePlugin.activate(lab.app, lab.model, null, null, null, null);
    expect(lab.added).toEqual([]);
    const open = async (): Promise<Widget | undefined> => {
      await lab.commands.execute(CommandIDs.openRuns);
      const page = lab.added.at(-1);
      if (page && !page.isAttached) {
        Widget.attach(page, document.body);
      }
      return page;
    };
    const page = await open();
    expect(page?.id).toBe('rsp-health-runs-page');
    expect(await open()).toBe(page);
    page?.dispose();
    const other = await open();
    expect(other).not.toBe(page);
    expect(lab.activated).toEqual(Array(3).fill('rsp-health-runs-page'));
    other?.dispose();
    lab.model.dispose();
  });
});

describe('the notifications', () => {
  it('tell of services that changed, but not of muted ones', async () => {
    const server = platform();
    const { app } = labOn(server);
    const events = new FakeEvents();
    const model = new HealthModel({
      serverSettings: server.settings,
      events: events.manager
    });
    void notificationsPlugin.activate(app, model, null, null);
    jest.useFakeTimers();
    await model.mutes.toggle('tap');
    for (const id of ['tap', 'sia:dp1']) {
      events.emit('urn:rsp-health:service:v1', {
        id,
        state: 'down',
        previous: 'up'
      });
    }
    jest.runAllTimers();
    jest.useRealTimers();
    await settle();
    expect(Notification.manager.notifications.map(one => one.message)).toEqual([
      'sia:dp1 is down.'
    ]);
    model.dispose();
  });
});

describe('a kernel that died', () => {
  it('is told once, with its cause', async () => {
    const server = platform();
    const { app } = labOn(server);
    const events = new FakeEvents();
    const model = new HealthModel({
      serverSettings: server.settings,
      events: events.manager
    });
    void notificationsPlugin.activate(app, model, null, null);
    const death = {
      kernel_id: 'k',
      path: 'a/mine.ipynb',
      cause: 'out_of_memory',
      whose: 'your_lab',
      next_step: 'Use less.'
    };
    for (const message of ['crashed.', 'was killed: out of memory.']) {
      events.emit('urn:rsp-health:kernel:v1', { ...death, message });
      await settle();
    }
    expect(Notification.manager.notifications.map(one => one.message)).toEqual([
      'The kernel of mine.ipynb was killed: out of memory.'
    ]);
    model.dispose();
  });
});

describe('the checkout menu', () => {
  it('lists the repositories by name', async () => {
    const lab = labOn(
      platform().on('GET repositories', {
        root: '/home/me',
        problems: [],
        repositories: [
          repository(),
          repository({ id: 'phalanx-test', title: 'Phalanx test' })
        ]
      })
    );
    const { commands } = lab;
    void checkoutPlugin.activate(lab.app, lab.model, null, null);
    const submenu = new Menu({ commands });
    submenu.id = 'jp-mainmenu-rsp-health-checkout';
    const menu = new Menu({ commands });
    menu.id = 'jp-mainmenu-rsp-health';
    menu.addItem({ type: 'submenu', submenu });
    const bar = new MenuBar();
    bar.addMenu(menu);
    const mainMenu = bar as unknown as IMainMenu;
    void checkoutMenuPlugin.activate(lab.app, lab.model, mainMenu);
    await settle();
    expect(submenu.items.map(item => item.label)).toEqual([
      'System test…',
      'Phalanx test…'
    ]);
    lab.model.dispose();
  });
});

describe('the handshake', () => {
  async function shake(server: FakeServer): Promise<string[]> {
    const lab = labOn(server);
    void handshakePlugin.activate(lab.app, lab.model, null);
    await settle();
    lab.model.dispose();
    return Notification.manager.notifications.map(one => one.message);
  }

  it('is silent when both halves fit', async () => {
    expect(
      await shake(platform().on('GET info', { version: VERSION }))
    ).toEqual([]);
  });

  it('tells of another version', async () => {
    const [message] = await shake(
      platform().on('GET info', { version: '99.0.0' })
    );
    expect(message).toContain(`${VERSION}, in the server 99.0.0`);
  });

  it('tells how to enable a missing server extension', async () => {
    const [message] = await shake(platform());
    expect(message).toContain('jupyter server extension enable rsp_health');
  });
});
