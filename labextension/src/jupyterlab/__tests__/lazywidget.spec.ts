import { Widget } from '@lumino/widgets';

import { lazyWidget } from '../lazywidget';

describe('a widget that is made when it is asked for', () => {
  it('is made once, and again when it is gone', async () => {
    const get = lazyWidget(async () => Promise.resolve(new Widget()));
    const [first, same] = await Promise.all([get(), get()]);
    expect(same).toBe(first);
    first.dispose();
    expect(await get()).not.toBe(first);
  });

  it('is made at the next try when it could not be made', async () => {
    let fails = true;
    const get = lazyWidget(async () =>
      fails
        ? Promise.reject(new Error('Its code did not come.'))
        : Promise.resolve(new Widget())
    );
    await expect(get()).rejects.toThrow('Its code');
    await expect(get()).rejects.toThrow('Its code');
    fails = false;
    expect(await get()).toBeInstanceOf(Widget);
  });
});
