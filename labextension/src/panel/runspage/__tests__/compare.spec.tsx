import { act, fireEvent, screen, within } from '@testing-library/react';

import { run, summary } from '../../../__tests__/runs';
import { settle } from '../../../__tests__/server';
import { SLOWER, comparison, open, server, texts } from './openpage';

const COMPARISON = 'GET comparison?before=run-1&after=run-2';

/** The runs that can be chosen as one side. */
function choices(label: string): (string | null)[] {
  return within(screen.getByLabelText(label))
    .getAllByRole('option')
    .map(option => option.textContent);
}

describe('two runs compared', () => {
  it('shows nothing of others that reads as something else', async () => {
    const bad = 'a\u202eb\nc';
    const shown = 'a\\u{202e}b\\u{a}c';
    const hostile = comparison([
      {
        ...SLOWER,
        text: bad,
        after: { ...SLOWER.after, error: bad }
      }
    ]) as { before: object; after: object };
    const environment = {
      ...run().environment,
      image_description: bad,
      kernel: bad,
      python: bad
    };
    await open(
      server().on(COMPARISON, {
        ...hostile,
        before: { ...hostile.before, environment },
        not_judged: [{ notebook: 'b.ipynb', reason: bad }]
      }),
      { part: 'compare' }
    );
    const [, difference] = texts(/Differences/);
    expect(difference?.[4]).toContain(shown);
    expect(difference?.[5]).toBe(shown);
    expect(texts(/What could not be compared/)[1]?.[1]).toBe(shown);
    expect(texts(/The two runs/)[1]?.[3]).toBe(
      `${shown} · ${shown} · Python ${shown} · /home/me/tests`
    );
  });

  it('names its two lists, and tells runs of one minute apart', async () => {
    const twins = [2, 1].map(day => summary(run({ run_id: `run-${day}` })));
    await open(server().on('GET runs', { runs: twins }), { part: 'compare' });
    for (const label of ['Before', 'After']) {
      const [first, second] = choices(label);
      expect(first).toMatch(/ · run-2$/);
      expect(second).toMatch(/ · run-1$/);
    }
  });

  it('proposes the run before in the same folder', async () => {
    const runs = [
      summary(run({ run_id: 'run-2' })),
      summary(run({ run_id: 'run-9', folder: '/elsewhere' })),
      summary(run({ run_id: 'run-8', state: 'running' })),
      summary(run({ run_id: 'run-1' }))
    ];
    const from = server().on('GET runs', { runs });
    await open(from, { part: 'compare', after: 'run-2' });
    expect(from.count(COMPARISON)).toBe(1);
    expect(choices('Before')).toHaveLength(3);
    await act(async () => {
      fireEvent.change(screen.getByLabelText('After'), {
        target: { value: 'run-1' }
      });
      await settle();
    });
    screen.getByText('Choose two different runs.');
  });
});
