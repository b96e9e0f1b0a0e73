import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { PartialJSONValue } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import { Mutes } from '../mutes';

/** The settings of one plugin, from memory. */
class FakeSettings {
  constructor(private _muted: PartialJSONValue) {}

  readonly changed = new Signal<this, void>(this);

  get(): { composite: PartialJSONValue } {
    return { composite: this._muted };
  }

  set(_: string, value: PartialJSONValue): Promise<void> {
    this._muted = value;
    this.changed.emit();
    return Promise.resolve();
  }

  get asSettings(): ISettingRegistry.ISettings {
    return this as unknown as ISettingRegistry.ISettings;
  }
}

describe('Mutes', () => {
  it('are kept as a setting', async () => {
    const settings = new FakeSettings(['tap', 3]);
    const mutes = new Mutes();
    let changes = 0;
    mutes.changed.connect(() => {
      changes += 1;
    });
    mutes.follow(settings.asSettings);
    expect([mutes.has('tap'), mutes.has('sia:dp1')]).toEqual([true, false]);
    await mutes.toggle('sia:dp1');
    await mutes.toggle('tap');
    expect(settings.get().composite).toEqual(['sia:dp1']);
    expect([mutes.has('tap'), mutes.has('sia:dp1')]).toEqual([false, true]);
    expect(changes).toBe(3);
  });

  it('follow what is edited elsewhere', async () => {
    const settings = new FakeSettings([]);
    const mutes = new Mutes();
    mutes.follow(settings.asSettings);
    await settings.set('muted', ['tap']);
    expect(mutes.has('tap')).toBe(true);
    await settings.set('muted', 'nonsense');
    expect(mutes.has('tap')).toBe(false);
  });

  it('last for the page where there are no settings', async () => {
    const mutes = new Mutes();
    await mutes.toggle('tap');
    expect(mutes.has('tap')).toBe(true);
  });
});
