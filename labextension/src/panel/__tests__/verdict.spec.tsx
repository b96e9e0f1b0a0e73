import { act, screen } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { service, status, verdict } from '../../__tests__/services';
import type { ServiceStatus } from '../../api/generated/api';
import { open, section } from './openpanel';

const REFUSED = verdict({
  state: 'login',
  word: 'login not accepted',
  sentence: 'Your login is not accepted.',
  since: '2026-11-20T21:30:00Z',
  whose: 'you',
  next_step: 'Start the lab again.',
  told: 'Your login is not accepted. Since 21:30 UTC.',
  advice: 'Yours to fix. Start the lab again.'
});

describe('verdict', () => {
  it('is the first line, with since when, whose and what next', async () => {
    const affected: Partial<ServiceStatus> = {
      state: 'restricted',
      affected_by: ['login']
    };
    await open(
      platform().on(
        'GET services',
        status(
          [
            service({ id: 'a', ...affected }),
            service({ id: 'b', title: 'SIA', ...affected }),
            service({
              id: 'c',
              title: 'Down',
              state: 'down',
              advice: 'For X to fix. Wait.'
            }),
            service({ id: 'd', title: 'Home page' })
          ],
          { verdict: REFUSED }
        )
      )
    );
    const first = document.querySelector('.jp-RSPHealth-verdict');
    expect(first?.textContent).toBe(
      'Your login is not accepted. Since 21:30 UTC.Yours to fix. Start the lab again.'
    );
    const services = section('Services');
    services.getByText('1 down · 2 need your login · 1 up');
    services.getByRole('button', { name: '2 need your login' });
    services.getByRole('button', { name: 'Down down' });
    services.getByText('For X to fix. Wait.');
  });

  it('claims nothing while the server is gone', async () => {
    const server = platform();
    const { model } = await open(server);
    server.down = true;
    await act(async () => {
      await model.status.load();
    });
    screen.getByText(/^Not known now\. .*: 1 service is up\.$/);
  });
});
