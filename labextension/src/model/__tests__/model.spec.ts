import { operation, repository } from '../../__tests__/checkouts';
import { platform } from '../../__tests__/platform';
import { FOLDER, run, summary } from '../../__tests__/runs';
import { FakeEvents, refusal, settle } from '../../__tests__/server';
import { service, status, verdict } from '../../__tests__/services';
import { HealthModel } from '../model';

describe('HealthModel', () => {
  it('asks nothing before a panel is in view, and everything then', async () => {
    const server = platform();
    const model = new HealthModel({ serverSettings: server.settings });
    await settle();
    expect(server.log).toEqual([]);
    model.setVisible(true);
    model.setVisible(true);
    await settle();
    expect([...new Set(server.log)].sort()).toEqual([
      'GET broadcasts',
      'GET notebooks?repository=system-test',
      'GET quota',
      'GET repositories',
      'GET runs',
      'GET services'
    ]);
    model.dispose();
  });

  it('takes an event as a hint, and reads what it is about', async () => {
    const server = platform();
    const events = new FakeEvents();
    const model = new HealthModel({
      serverSettings: server.settings,
      events: events.manager
    });
    const changes: unknown[] = [];
    model.serviceChanged.connect((_, change) => changes.push(change.state));
    model.setVisible(true);
    await settle();
    server.on('GET services', status([service({ state: 'down' })]));
    const changed = new Promise<void>(resolve => {
      model.status.changed.connect(() => {
        if (model.status.data?.services[0]?.state === 'down') {
          resolve();
        }
      });
    });
    const fields = { id: 'tap', state: 'down', previous: 'up' };
    events.emit('urn:rsp-health:service:v1', fields);
    events.emit('urn:rsp-health:service:v1', fields);
    events.emit('urn:someone-else:v1', fields);
    await changed;
    expect(changes).toEqual(['down', 'down']);
    expect(server.count('GET services')).toBe(2);
    model.dispose();
  });

  it('learns of an event while no panel is in view, and is no reason to probe', async () => {
    const server = platform().on(
      'GET services?look=false',
      status([service({ state: 'down' })], {
        verdict: verdict({ state: 'service', word: 'TAP down' })
      })
    );
    const events = new FakeEvents();
    const model = new HealthModel({
      serverSettings: server.settings,
      events: events.manager
    });
    await model.status.load();
    jest.useFakeTimers();
    for (const state of ['degraded', 'down']) {
      events.emit('urn:rsp-health:service:v1', {
        id: 'tap',
        state,
        previous: 'up'
      });
    }
    await jest.advanceTimersByTimeAsync(1000);
    jest.useRealTimers();
    await settle();
    expect(model.status.data?.verdict.word).toBe('TAP down');
    expect(server.log).toEqual(['GET services', 'GET services?look=false']);
    model.dispose();
  });

  it('asks nothing for a panel in a tab that nobody sees', async () => {
    const server = platform();
    const events = new FakeEvents();
    const model = new HealthModel({
      serverSettings: server.settings,
      events: events.manager
    });
    model.setVisible(true);
    await settle();
    const asked = server.count('GET services');
    server.on('GET services?look=false', status([service({ state: 'down' })]));
    const tab = jest.spyOn(document, 'visibilityState', 'get');
    tab.mockReturnValue('hidden');
    jest.useFakeTimers();
    // Each answer would tell the server that somebody looks; a service that
    // comes and goes would keep it probing for ever.
    events.emit('urn:rsp-health:service:v1', {
      id: 'tap',
      state: 'down',
      previous: 'up'
    });
    await jest.advanceTimersByTimeAsync(1000);
    jest.useRealTimers();
    await settle();
    expect(model.status.data?.services[0]?.state).toBe('down');
    expect(server.count('GET services?look=false')).toBe(1);
    expect(server.count('GET services')).toBe(asked);
    tab.mockRestore();
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(server.count('GET services')).toBe(asked + 1);
    model.dispose();
  });

  it('reads the repositories again after an operation has ended', async () => {
    const server = platform();
    const events = new FakeEvents();
    const model = new HealthModel({
      serverSettings: server.settings,
      events: events.manager
    });
    events.emit('urn:rsp-health:checkout:v1', operation());
    expect(model.operations.active).toHaveLength(1);
    events.emit('urn:rsp-health:checkout:v1', operation({ state: 'done' }));
    await settle();
    expect(server.count('GET repositories')).toBe(1);
    model.dispose();
  });

  it('reads the verdict again when a run has ended', async () => {
    let document = run({ state: 'running', finished_at: null });
    let word = '14 up';
    const server = platform()
      .on('GET runs', () => ({ runs: [summary(document)] }))
      .on('GET runs/run-1', () => document)
      .on('GET services', () => status([], { verdict: verdict({ word }) }));
    const model = new HealthModel({ serverSettings: server.settings });
    model.setVisible(true);
    await settle();
    const told = new Promise<string>(resolve => {
      model.status.changed.connect(() => {
        const now = model.status.data?.verdict.word ?? '';
        if (now !== '14 up') {
          resolve(now);
        }
      });
    });
    document = run({ state: 'failed' });
    word = '1 check failed';
    await model.runs.refreshActive();
    await expect(told).resolves.toBe('1 check failed');
    model.dispose();
  });

  it('picks up a run and a checkout that were under way before', async () => {
    const document = run({ state: 'running', finished_at: null });
    const server = platform()
      .on('GET runs', { runs: [summary(document)] })
      .on('GET runs/run-1', document)
      .on('GET repositories', {
        root: '/home/me',
        problems: [],
        repositories: [repository({ operation: operation() })]
      });
    const model = new HealthModel({ serverSettings: server.settings });
    model.setVisible(true);
    await settle();
    expect(model.runs.document('run-1')?.state).toBe('running');
    expect(model.operations.active).toHaveLength(1);
    model.dispose();
  });

  it('keeps what it knows while the server is gone, and heals', async () => {
    const server = platform();
    const model = new HealthModel({ serverSettings: server.settings });
    await model.refresh();
    server.down = true;
    await model.refresh();
    expect(model.status.data?.services).toHaveLength(1);
    expect(model.status.error).toMatchObject({ code: 'network' });
    server.down = false;
    window.dispatchEvent(new Event('online'));
    model.setVisible(true);
    await settle();
    expect(model.status.error).toBeNull();
    model.dispose();
  });

  it('reads again when the tab comes back, if a panel is in view', async () => {
    const server = platform();
    const model = new HealthModel({ serverSettings: server.settings });
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(server.log).toEqual([]);
    model.setVisible(true);
    await settle();
    const before = server.count('GET services');
    document.dispatchEvent(new Event('visibilitychange'));
    await settle();
    expect(server.count('GET services')).toBeGreaterThan(before);
    model.dispose();
  });

  it('probes on request, and keeps what the server says against it', async () => {
    const server = platform().on(
      'POST services/refresh',
      status([service({ state: 'degraded' })])
    );
    const model = new HealthModel({ serverSettings: server.settings });
    await model.probe(['tap']);
    expect(server.bodies).toEqual([{ services: ['tap'] }]);
    expect(model.status.data?.services[0]?.state).toBe('degraded');
    server.on('POST services/refresh', refusal(422, 'too_soon'));
    await model.probe();
    expect(model.status.error).toMatchObject({ code: 'too_soon' });
    expect(model.status.data?.services[0]?.state).toBe('degraded');
    model.dispose();
  });

  it('shows the first checkout that is there, until one is chosen', async () => {
    const server = platform().on('GET repositories', {
      root: '/home/me',
      problems: [],
      repositories: [
        repository({ id: 'a', state: 'absent' }),
        repository({ id: 'b' })
      ]
    });
    const model = new HealthModel({ serverSettings: server.settings });
    expect(model.selected).toBeNull();
    await model.repositories.load();
    expect(model.selected).toMatchObject({ id: 'b' });
    model.select('a');
    expect(model.selected).toMatchObject({ id: 'a' });
    model.dispose();
  });

  it('knows folders and their place in the lab', async () => {
    const server = platform();
    const model = new HealthModel({ serverSettings: server.settings });
    expect(model.folder(repository())).toBeNull();
    await model.repositories.load();
    expect(model.folder(repository())).toBe(FOLDER);
    expect(model.labPath(`${FOLDER}/tap.ipynb`)).toBe(
      'notebooks/rsp-health/system-test/tap.ipynb'
    );
    expect(model.labPath('/home/mean/x')).toBeNull();
    model.dispose();
  });
});
