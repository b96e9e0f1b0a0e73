import { act, render, screen, waitFor } from '@testing-library/react';
import React from 'react';

import { settle } from '../../__tests__/server';
import { trans } from '../../__tests__/strings';
import type { Cause, ExplanationReport } from '../../api/generated/api';
import { HealthError } from '../../api/request';
import type { IHealthModel } from '../../model/tokens';
import { WhyView, showWhy } from '../why';

function cause(fields: Partial<Cause> = {}): Cause {
  return {
    rule: 'service.down',
    certainty: 'stated',
    sentence: 'TAP did not work.',
    whose: 'platform',
    next_step: 'Wait.',
    evidence: [{ source: 'services', value: 'TAP: down', age_s: 60 }],
    undecided: [],
    ...fields
  };
}

function report(fields: Partial<ExplanationReport> = {}): ExplanationReport {
  return {
    schema: 'rsp-health.explanation/1',
    run_id: null,
    observed_at: '2026-11-20T21:33:41.123Z',
    sentence: 'The sum of it.',
    explanations: [
      {
        failures: [failure('a.ipynb')],
        causes: [cause()],
        advice: '',
        history: 'New: it was not run before.'
      }
    ],
    services: [],
    problems: [],
    ...fields
  };
}

function failure(
  notebook: string
): ExplanationReport['explanations'][number]['failures'][number] {
  return {
    notebook,
    cell_index: 2,
    cell_id: 'c2',
    state: 'failed',
    error: 'DALServiceError: 503 <img src=x onerror=alert(1)>',
    recurrence: null
  };
}

async function show(answer: Promise<ExplanationReport>): Promise<string> {
  const { container } = render(<WhyView answer={answer} trans={trans} />);
  await act(settle);
  return container.textContent;
}

describe('why', () => {
  it('says the cause, whose it is and what to do', async () => {
    await show(Promise.resolve(report()));
    screen.getByText('TAP did not work.');
    screen.getByText('New: it was not run before.');
    screen.getByText('Whose: the platform');
    screen.getByText('Now: Wait.');
    screen.getByText('services: TAP: down (1 min ago)');
    expect(document.querySelector('img')).toBeNull();
  });

  it('strikes what was refuted, and gives no orders for it', async () => {
    const refuted = cause({ rule: 'x', certainty: 'refuted', next_step: 'No' });
    const possible = cause({
      certainty: 'possible',
      evidence: [],
      undecided: ['Look.']
    });
    const [explanation] = report().explanations;
    const text = await show(
      Promise.resolve(
        report({
          explanations: [{ ...explanation, causes: [possible, refuted] }]
        } as Partial<ExplanationReport>)
      )
    );
    expect(document.querySelector('s')?.textContent).toBe('TAP did not work.');
    expect(text).toContain('Possible: ');
    expect(text).toContain('Not known: Look.');
    expect(text).not.toContain('Now: No');
  });

  it('tells one cause of many once, and what no rule knows', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const text = await show(
      Promise.resolve(
        report({
          explanations: [
            {
              failures: names.map(failure),
              causes: [cause()],
              advice: '',
              history: ''
            },
            {
              failures: [failure('z')],
              causes: [],
              advice: 'Ask.',
              history: ''
            }
          ],
          problems: ['troubleshooting/a.toml cannot be read.']
        })
      )
    );
    expect(text).toContain('The sum of it.');
    expect(text).toContain('One cause for a, b, c and 2 more.');
    expect(text).toContain('Ask.');
    expect(text).toContain('troubleshooting/a.toml cannot be read.');
  });

  it('says that it looks, and why it cannot', async () => {
    const waiting = new Promise<ExplanationReport>(() => undefined);
    expect(await show(waiting)).toContain('Looking');
    const refused = Promise.reject(
      new HealthError('no_such_run', 'There is no run.', 'See the list.', 404)
    );
    expect(await show(refused)).toContain('There is no run.See the list.');
  });

  it('is a dialog with a name', async () => {
    const model = { api: { explain: async () => Promise.resolve(report({})) } };
    const shown = showWhy({}, model as unknown as IHealthModel, trans);
    await waitFor(() => {
      expect(document.querySelector('.jp-Dialog button')).not.toBeNull();
    });
    const dialog = document.querySelector('.jp-Dialog');
    expect(dialog?.getAttribute('aria-label')).toBe('Why?');
    act(() => {
      dialog?.querySelector('button')?.click();
    });
    await shown;
  });
});
