import { Notification } from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import { platform } from '../../__tests__/platform';
import type { FakeServer } from '../../__tests__/server';
import { FakeEvents, refusal, settle } from '../../__tests__/server';
import { trans } from '../../__tests__/strings';
import { HealthModel } from '../../model/model';
import { StripOnSaveFolders } from '../onsave';

/** The user's settings, as Lab keeps them. */
class FakeSettings {
  constructor(public folders: string[]) {}

  readonly changed = new Signal<this, void>(this);

  get(): { composite: string[] } {
    return { composite: this.folders };
  }

  set(_: string, folders: string[]): Promise<void> {
    this.folders = folders;
    this.changed.emit();
    return Promise.resolve();
  }
}

const events = new FakeEvents();
let model: HealthModel;

function start(server: FakeServer, settings: FakeSettings): StripOnSaveFolders {
  model = new HealthModel({
    serverSettings: server.settings,
    events: events.manager
  });
  return new StripOnSaveFolders(
    settings as unknown as ISettingRegistry.ISettings,
    model,
    trans
  );
}

function answering(fields: object = {}): FakeServer {
  const answer = { folders: ['a'], missing: [], supported: true, ...fields };
  return platform().on('POST clean/on-save', answer);
}

function shown(): string[] {
  return Notification.manager.notifications.map(
    ({ type, message }) => `${type}: ${message}`
  );
}

beforeEach(() => {
  Notification.dismiss();
});

afterEach(() => {
  model.dispose();
});

describe('strip on save', () => {
  it('tells the server of the folders, and when they change', async () => {
    const server = answering();
    const settings = new FakeSettings([]);
    const folders = start(server, settings);
    await settle();
    await folders.toggle('a/b');
    expect([folders.has('/a/b/'), folders.has('a')]).toEqual([true, false]);
    // Some other setting of the plugin.
    settings.changed.emit();
    await settle();
    await folders.toggle('a/b');
    await settle();
    expect(server.bodies).toEqual([
      { folders: [] },
      { folders: ['a/b'] },
      { folders: [] }
    ]);
    expect(shown()).toEqual([]);
  });

  it('does not take an empty line of the form for the root', async () => {
    const server = answering();
    start(server, new FakeSettings(['', ' ', 'a']));
    await settle();
    expect(server.bodies).toEqual([{ folders: ['a'] }]);
  });

  it('says that a folder does not exist, while it does not', async () => {
    const server = answering({ missing: ['a'] });
    const settings = new FakeSettings(['a']);
    start(server, settings);
    await settle();
    expect(shown()).toEqual(['warning: Strip on save: there is no folder a.']);
    server.on('POST clean/on-save', {
      folders: ['ab'],
      missing: [],
      supported: true
    });
    await settings.set('stripOnSave', ['ab']);
    await settle();
    expect(shown()).toEqual([]);
  });

  it('says that this lab cannot do it', async () => {
    start(answering({ supported: false }), new FakeSettings(['a']));
    await settle();
    expect(shown()[0]).toContain(
      'this server does not store notebooks as files'
    );
  });

  it('says that the server refused, if anything was chosen', async () => {
    const server = platform().on(
      'POST clean/on-save',
      refusal(422, 'outside_root')
    );
    const settings = new FakeSettings([]);
    const folders = start(server, settings);
    await settle();
    expect(shown()).toEqual([]);
    await folders.toggle('..');
    await settle();
    expect(shown()).toEqual([
      'warning: Strip on save does not work: About outside_root. Do this.'
    ]);
  });

  it('tells once of a notebook that was saved with its outputs', () => {
    start(answering(), new FakeSettings(['a']));
    const schema = 'urn:rsp-health:cleaning:v1';
    for (const message of ['Correct it.', 'Correct it.', 'Correct that.']) {
      events.emit(schema, { path: 'a/x.ipynb', code: 'bad', message });
    }
    expect(shown()).toEqual([
      'warning: a/x.ipynb was saved with its outputs: Correct that.'
    ]);
    Notification.dismiss();
    events.emit(schema, { path: 'a/x.ipynb', code: 'bad', message: 'Again.' });
    expect(shown()).toEqual([
      'warning: a/x.ipynb was saved with its outputs: Again.'
    ]);
  });
});
