import { Widget } from '@lumino/widgets';
import { act } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { settle } from '../../__tests__/server';
import { service, status, verdict } from '../../__tests__/services';
import { trans } from '../../__tests__/strings';
import type { PlatformVerdict } from '../../api/generated/api';
import { VERDICT_STATES } from '../../api/generated/states';
import { StatusItem } from '../../status/statusitem';
import { summarise } from '../../status/summary';
import { open } from './openpanel';

const STATES = Object.keys(VERDICT_STATES) as PlatformVerdict['state'][];

describe('panel, status bar, tooltip and summary', () => {
  it.each(STATES)('tell the same sentence when it is %s', async state => {
    const told = `What is known of ${state}. Since 14:02 UTC.`;
    const advice = 'For X to fix. Wait, or tell X.';
    const rows = [service({ state: 'degraded' }), service({ id: 'b' })];
    const { model } = await open(
      platform().on(
        'GET services',
        status(rows, {
          verdict: verdict({ state, word: 'in short', told, advice })
        })
      )
    );
    const item = new StatusItem({ model, trans, onClick: () => undefined });
    await act(async () => {
      Widget.attach(item, document.body);
      await settle();
    });
    const panel = document.querySelector('.jp-RSPHealth-verdict');
    expect(
      [...(panel?.querySelectorAll('p') ?? [])].map(p => p.textContent)
    ).toEqual([told, advice]);
    const button = item.node.querySelector('button');
    expect(button?.textContent).toBe('RSP: in short');
    expect(button?.title.split('\n').slice(0, 2)).toEqual([told, advice]);
    expect(summarise(model, trans).split('\n').slice(1, 3)).toEqual([
      told,
      advice
    ]);
    act(() => {
      item.dispose();
    });
  });
});
