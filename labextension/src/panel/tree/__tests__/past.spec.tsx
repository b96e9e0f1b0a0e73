import { act, screen } from '@testing-library/react';

import { entry } from '../../../__tests__/checkouts';
import { platform } from '../../../__tests__/platform';
import { notebook, run, summary } from '../../../__tests__/runs';
import { settle } from '../../../__tests__/server';
import type { RecentResult } from '../../../api/generated/api';
import { open } from '../../__tests__/openpanel';

function recent(...states: RecentResult['state'][]): RecentResult[] {
  return states.map((state, number) => ({
    run_id: `run-${number}`,
    at: '2026-11-20T21:33:41.123Z',
    state,
    measured_s: state === 'passed' ? 2 : null,
    slower: null
  }));
}

async function openWith(past: RecentResult[]): Promise<void> {
  const document = run({
    notebooks: [
      notebook({
        usual: {
          median_s: 2,
          mad_s: 0.1,
          n: 8,
          limit_s: 3,
          measured_s: 6,
          slower: true
        }
      })
    ]
  });
  await open(
    platform()
      .on('GET runs', { runs: [summary(document)] })
      .on('GET runs/run-1', document)
      .on('GET notebooks?repository=system-test', {
        repository: 'system-test',
        directory: 'notebooks/rsp-health/system-test',
        problems: [],
        notebooks: [entry({ recent: past })]
      })
  );
  await act(async () => {
    screen.getByLabelText('Expand all').click();
    await settle();
  });
}

describe('the past of a notebook', () => {
  it('is told in marks, and its time against the usual', async () => {
    await openWith(recent('failed', 'passed', 'passed'));
    screen.getByLabelText('Last 3 runs: 1 failed, 2 passed');
    const bar = screen.getByLabelText('6 s; usually 2 s (median of 8 passes)');
    expect(bar.className).toContain('jp-mod-slower');
    expect(bar.querySelector('span')?.style.width).toBe('100%');
  });

  it('says nothing of a single run', async () => {
    await openWith(recent('passed'));
    expect(screen.queryByLabelText(/^Last \d/)).toBeNull();
  });
});
