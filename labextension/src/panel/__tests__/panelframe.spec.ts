import { Widget } from '@lumino/widgets';

import { settle } from '../../__tests__/server';
import type { IHealthModel } from '../../model/tokens';
import { PanelFrame } from '../panelframe';

describe('the frame of the panel', () => {
  it('says that its content did not come, and tries again when it is shown', async () => {
    let fails = true;
    const told: unknown[] = [];
    const model = { setVisible: () => undefined } as unknown as IHealthModel;
    const frame = new PanelFrame({
      create: async () =>
        fails
          ? Promise.reject(new Error('Its code did not come.'))
          : Promise.resolve(new Widget()),
      onError: error => told.push(error),
      model
    });
    Widget.attach(frame, document.body);
    await settle();
    expect(told.map(String)).toEqual(['Error: Its code did not come.']);
    expect(frame.widgets).toHaveLength(0);
    fails = false;
    frame.hide();
    frame.show();
    await settle();
    frame.hide();
    frame.show();
    await settle();
    expect(told).toHaveLength(1);
    expect(frame.widgets).toHaveLength(1);
    frame.dispose();
  });
});
