import { act, fireEvent } from '@testing-library/react';

import { platform } from '../../__tests__/platform';
import { refusal, settle } from '../../__tests__/server';
import { service, status } from '../../__tests__/services';
import { CommandIDs } from '../../jupyterlab/commands';
import { worstFirst } from '../../states/states';
import { open, section } from './openpanel';

describe('services', () => {
  it('shows the worst first, open, and folds the rest', async () => {
    await open(
      platform().on(
        'GET services',
        status([
          service({ id: 'a', title: 'Alpha' }),
          service({ id: 'b', title: 'Beta', state: 'degraded' }),
          service({
            id: 'c',
            title: 'Gamma',
            state: 'down',
            evidence: 'did not answer in 10 s (3 checks)',
            depth: 'frontend',
            age_s: 12
          }),
          service({ id: 'd', title: 'Delta', state: 'unmonitored' })
        ])
      )
    );
    const services = section('Services');
    const names = services
      .getAllByRole('button', { expanded: true })
      .map(button => button.textContent);
    expect(names).toEqual([
      'Services1 down · 1 degraded · 1 up',
      'Gamma down',
      'Beta degraded'
    ]);
    services.getByText(/did not answer in 10 s/);
    services.getByText('12 s ago');
    services.getByRole('button', { name: '1 not probed from a lab' });
    expect(services.queryByText('Alpha')).toBeNull();
    fireEvent.click(services.getByRole('button', { name: '1 service up' }));
    services.getByRole('button', { name: 'Alpha up' });
  });

  it('keeps the words of a name whole, unless one is too long for a line', async () => {
    const long = 'x'.repeat(80);
    await open(
      platform().on(
        'GET services',
        status([
          service({ id: 'a', title: 'Announcements', state: 'down' }),
          service({ id: 'b', title: `Service ${long}`, state: 'down' })
        ])
      )
    );
    const services = section('Services');
    const isWhole = (title: string): boolean =>
      services.getByText(title).classList.contains('jp-mod-whole');
    expect(isWhole('Announcements')).toBe(true);
    expect(isWhole(`Service ${long}`)).toBe(false);
  });

  it('shows hostile text as text, and no address that is not a web one', async () => {
    await open(
      platform().on(
        'GET services',
        status([
          service({
            title: '<img src=x onerror=alert(1)>',
            state: 'down',
            evidence: '<script>alert(1)</script>',
            runbook: 'javascript:alert(1)',
            docs: 'https://example.com/docs'
          })
        ])
      )
    );
    const services = section('Services');
    services.getByText('<script>alert(1)</script>', { exact: false });
    expect(document.querySelector('img, script')).toBeNull();
    expect(services.getAllByRole('link').map(link => link.textContent)).toEqual(
      ['Docs']
    );
    expect(services.getByText('Runbook').tagName).toBe('SPAN');
  });

  it('claims nothing while the server is gone', async () => {
    const server = platform();
    const { model } = await open(server);
    server.down = true;
    await act(async () => {
      await model.status.load();
    });
    const services = section('Services');
    services.getByText(/The Jupyter server does not answer/);
    services.getByText(/What follows was read/);
    expect(document.querySelector('.jp-RSPHealth-icon.jp-mod-good')).toBeNull();
  });

  it('says what a missing discovery means', async () => {
    await open(
      platform().on(
        'GET services',
        status([], { discovery: { state: 'none', age_s: null, message: '' } })
      )
    );
    section('Services').getByText(/running notebooks still works/);
  });

  it("says what is wrong with the site's catalogue", async () => {
    await open(
      platform().on(
        'GET services',
        status([service()], { catalogue_problem: 'It is not valid at 5.' })
      )
    );
    section('Services').getByText('It is not valid at 5.');
  });

  it('reads a row of data when the user asks, and says what it costs', async () => {
    const cost = 'a query reads one row of data: up to 4 requests';
    const row = service({ state: 'degraded', query_cost: cost });
    const server = platform().on('GET services', status([row]));
    await open(server);
    const services = section('Services');
    services.getByText(`Data not read yet: ${cost}`);
    server.on(
      'POST services/query',
      status([
        {
          ...row,
          query: {
            state: 'failed',
            evidence: 'a query of dp1.Visit failed: it says: <b>no</b>',
            age_s: 2,
            latency_s: null
          }
        }
      ])
    );
    const button = services.getByRole('button', { name: /^Try a query/ });
    expect(button.title).toBe(cost);
    fireEvent.click(button);
    // Heard at once; a second click asks nothing more.
    expect(button.textContent).toBe('Trying…');
    fireEvent.click(button);
    await act(settle);
    services.getByText(
      'a query of dp1.Visit failed: it says: <b>no</b>, 2 s ago'
    );
    expect(button.textContent).toBe('Try a query');
    expect(server.count('POST services/query')).toBe(1);
    expect(server.bodies).toContainEqual({ service: 'tap' });
  });

  it('says why a query could not be made', async () => {
    const row = service({ state: 'down', query_cost: 'one request' });
    await open(
      platform()
        .on('GET services', status([row]))
        .on('POST services/query', refusal(422, 'no_query'))
    );
    const services = section('Services');
    fireEvent.click(services.getByRole('button', { name: /^Try a query/ }));
    await act(settle);
    services.getByText('About no_query. Do this.');
    expect(services.queryByText('Trying…')).toBeNull();
  });

  it('has no query where there is none', async () => {
    await open(
      platform().on('GET services', status([service({ state: 'down' })]))
    );
    expect(
      section('Services').queryByRole('button', { name: /query/ })
    ).toBeNull();
  });

  it('tells the history in words, and as a table', async () => {
    const seen = { state: 'up' as const, latency_s: 0.2, age_s: 60 };
    await open(
      platform().on(
        'GET services',
        status([
          service({
            state: 'down',
            history: [seen, seen, { ...seen, state: 'down', age_s: 1 }]
          })
        ])
      )
    );
    const services = section('Services');
    services.getByRole('img', {
      name: 'Last 3 checks: 2 up, 1 down; usual answer in 0.2 s'
    });
    fireEvent.click(services.getByRole('button', { name: 'History of TAP' }));
    const rows = services.getAllByRole('row').map(row => row.textContent);
    expect(rows[1]).toBe('1 s agodown0.2 s');
  });

  it('does not count as trouble what is checked on request', async () => {
    const asked = { state: 'unknown' as const, spends_quota: true };
    await open(
      platform().on(
        'GET services',
        status([
          service({ id: 'a', title: 'Never', ...asked, age_s: null }),
          service({ id: 'b', title: 'Old', ...asked, age_s: 400, stale: true }),
          service({ id: 'c', title: 'New', ...asked, age_s: 4 })
        ])
      )
    );
    const services = section('Services');
    services.getByRole('button', { name: /^Services 1 unknown · 0 up/ });
    services.getByRole('button', { name: 'New unknown' });
    services.getByRole('button', { name: '2 checked on request only' });
  });

  it('shows what serves which dataset', async () => {
    await open(
      platform().on(
        'GET services',
        status([
          service({ datasets: ['dp02', 'dp1'] }),
          service({
            id: 'sia:dp1',
            title: 'SIA dp1',
            application: 'sia',
            dataset: 'dp1',
            datasets: ['dp1'],
            state: 'degraded'
          }),
          service({ id: 'portal', application: 'portal' })
        ])
      )
    );
    const services = section('Services');
    fireEvent.click(services.getByRole('button', { name: '2 datasets' }));
    const lines = services.getAllByRole('row').map(row => row.textContent);
    expect(lines).toEqual(['Servicedp02dp1', 'TAPupup', 'SIAdegraded']);
  });

  it('counts down by the clock of the server', async () => {
    await open(
      platform().on(
        'GET services',
        status(
          [
            service({
              state: 'throttled',
              until: '2001-01-01T00:00:42Z',
              quota: {
                limit: 35,
                remaining: 0,
                resets_at: '2001-01-01T00:00:30.9Z'
              },
              facility: 'USDF'
            })
          ],
          { observed_at: '2001-01-01T00:00:00Z' }
        )
      )
    );
    const services = section('Services');
    services.getByText(/until .*\(42 s\)/);
    services.getByText(/0 of 35 a minute left · resets in 30 s/);
    services.getByText('At: USDF');
  });

  it('finds services by any word', async () => {
    await open(
      platform().on(
        'GET services',
        status([
          service({ id: 'tap', title: 'TAP' }),
          service({ id: 'sia:dp1', title: 'SIA dp1', dataset: 'dp1' }),
          service({ id: 'hips:dp1', title: 'HiPS dp1', state: 'down' })
        ])
      )
    );
    const services = section('Services');
    const search = services.getByRole('searchbox', { name: 'Filter services' });
    const rows = (): (string | null)[] =>
      services
        .queryAllByRole('listitem')
        .map(row => row.getAttribute('data-rsp-health-service'));
    fireEvent.change(search, { target: { value: 'DP1' } });
    expect(rows()).toEqual(['hips:dp1', 'sia:dp1']);
    fireEvent.change(search, { target: { value: 'dp1 up' } });
    expect(rows()).toEqual(['sia:dp1']);
    fireEvent.change(search, { target: { value: 'nothing' } });
    services.getByText('No service matches the filter.');
    fireEvent.change(search, { target: { value: ' ' } });
    expect(rows()).toEqual(['hips:dp1']);
  });

  it('says what a service needs, and who needs it when it is down', async () => {
    await open(
      platform().on(
        'GET services',
        status([
          service({
            id: 'gafaelfawr',
            title: 'Login',
            application: 'gafaelfawr',
            state: 'down'
          }),
          service({
            id: 'tap',
            state: 'degraded',
            depends_on: ['gafaelfawr', 'elsewhere']
          })
        ])
      )
    );
    const services = section('Services');
    services.getByText('Needed by: TAP');
    services.getByText('Needs: Login (down)');
  });

  it('begins an outage with what the others need', () => {
    const down = { state: 'down' as const, depends_on: ['login'] };
    const order = worstFirst([
      service({ ...down, id: 'tap', application: 'tap' }),
      service({ ...down, id: 'sia', depends_on: ['login', 'tap'] }),
      service({ id: 'fine', depends_on: ['tap'] }),
      service({ id: 'login', application: 'login', state: 'down' }),
      service({ id: 'no', application: 'no', state: 'degraded' })
    ]);
    expect(order.map(({ id }) => id)).toEqual([
      'login',
      'tap',
      'sia',
      'no',
      'fine'
    ]);
  });

  it('keeps a muted service in view, marked, and behind the others', async () => {
    const { model, executed } = await open(
      platform().on(
        'GET services',
        status([
          service({ id: 'a', title: 'Alpha', state: 'down' }),
          service({ id: 'b', title: 'Beta', state: 'degraded' })
        ])
      )
    );
    const services = section('Services');
    fireEvent.click(services.getByRole('button', { name: 'Mute Alpha' }));
    expect(executed).toEqual([[CommandIDs.toggleMute, { service: 'a' }]]);
    await act(() => model.mutes.toggle('a'));
    services.getByRole('button', { name: /^Services 1 degraded · 1 muted/ });
    const rows = services.getAllByRole('listitem');
    expect(
      rows.map(row => row.getAttribute('data-rsp-health-service'))
    ).toEqual(['b', 'a']);
    expect(rows[1]?.textContent).toContain('muted');
    expect(rows[0]?.textContent).not.toContain('muted');
    // It is closed now; open, its button says what is the case.
    fireEvent.click(services.getByRole('button', { name: 'Alpha down' }));
    services.getByRole('button', { name: 'Unmute Alpha' });
  });
});
