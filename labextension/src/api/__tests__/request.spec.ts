import { ServerConnection } from '@jupyterlab/services';

import { FakeServer, RawAnswer, refusal } from '../../__tests__/server';
import { trans } from '../../__tests__/strings';
import { describeError } from '../../text/errors';
import { HealthAPI } from '../api';
import { HealthError, endpointUrl, requestAPI } from '../request';

async function failure(server: FakeServer): Promise<HealthError> {
  try {
    await requestAPI('services', server.settings);
  } catch (error) {
    if (error instanceof HealthError) {
      return error;
    }
  }
  throw new Error('It should have thrown a HealthError.');
}

describe('requestAPI', () => {
  it('gives the parsed body', async () => {
    const server = new FakeServer().on('GET services', { services: [] });
    const body = await requestAPI('services', server.settings);
    expect(body).toEqual({ services: [] });
    expect(server.log).toEqual(['GET services']);
  });

  it('keeps code, message, hint and the rest of an error of ours', async () => {
    const more = { inspection: { fingerprint: 'f2' } };
    const server = new FakeServer().on(
      'GET services',
      refusal(409, 'changed', more)
    );
    const error = await failure(server);
    expect(error).toMatchObject({
      code: 'changed',
      message: 'About changed.',
      hint: 'Do this.',
      status: 409,
      body: more
    });
    expect(describeError(error, trans)).toEqual({
      message: 'About changed.',
      hint: 'Do this.'
    });
  });

  it('tells a missing server extension from a missing thing', async () => {
    const error = await failure(new FakeServer());
    expect(error.code).toBe('not_enabled');
    const { message, hint } = describeError(error, trans);
    expect(message).toContain('not enabled');
    expect(hint).toContain('jupyter server extension enable rsp_health');
  });

  it.each([
    [403, '<html>Forbidden</html>', 'signed_out'],
    [401, '', 'signed_out'],
    [502, 'Bad gateway', 'bad_response'],
    [200, '<html>log in</html>', 'bad_response']
  ])('takes %i with %j as %s', async (code, text, expected) => {
    const server = new FakeServer().on(
      'GET services',
      new RawAnswer(code, text)
    );
    const error = await failure(server);
    expect(error.code).toBe(expected);
    expect(describeError(error, trans).hint).not.toBe('');
  });

  it('never shows the text of a foreign answer', async () => {
    const server = new FakeServer().on(
      'GET services',
      new RawAnswer(500, 'gt-secret')
    );
    const error = await failure(server);
    expect(describeError(error, trans).message).not.toContain('gt-secret');
  });

  it('tells a cut network', async () => {
    const server = new FakeServer();
    server.down = true;
    const error = await failure(server);
    expect(error.code).toBe('network');
    expect(describeError(error, trans).message).toContain('does not answer');
  });
});

describe('HealthAPI', () => {
  it('waits for a silent server only so long', async () => {
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://lab.example/',
      fetch: request =>
        new Promise((_, reject) => {
          (request as Request).signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        })
    });
    jest.useFakeTimers();
    const answer = new HealthAPI(settings).services();
    const refused = expect(answer).rejects.toMatchObject({ code: 'network' });
    await jest.advanceTimersByTimeAsync(61_000);
    await refused;
    jest.useRealTimers();
  });

  it('encodes what goes into a path', async () => {
    const server = new FakeServer()
      .on('GET runs/a%2Fb', { run_id: 'a/b' })
      .on('POST repositories/x%20y/inspect', {});
    const api = new HealthAPI(server.settings);
    await api.run('a/b');
    await api.inspect('x y');
    expect(server.bodies).toEqual([{ ref: null }]);
  });

  it('gives reports an address below the base URL', () => {
    const { settings } = new FakeServer();
    expect(endpointUrl('info', settings)).toBe(
      'http://lab.example/user/me/rsp-health/info'
    );
    expect(new HealthAPI(settings).reportUrl('r1', 'html')).toBe(
      'http://lab.example/user/me/rsp-health/runs/r1/report?format=html'
    );
  });
});
