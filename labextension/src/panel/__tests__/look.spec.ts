import { fault, finding, report } from '../../__tests__/doctor';
import { platform } from '../../__tests__/platform';
import { HealthAPI } from '../../api/api';
import { lookAgain, tryWebsocket } from '../troubleshoot/look';

/** A websocket that does what the test says. */
function socket(does: 'open' | 'error' | 'nothing'): typeof WebSocket {
  class Fake {
    constructor(readonly url: string) {
      Fake.urls.push(url);
      window.setTimeout(() => {
        if (does === 'open') {
          this.onopen?.();
        } else if (does === 'error') {
          this.onerror?.();
        }
      }, 0);
    }
    close(): void {
      Fake.closed++;
    }
    onopen?: () => void;
    onerror?: () => void;
    static readonly urls: string[] = [];
    static closed = 0;
  }
  return Fake as unknown as typeof WebSocket;
}

describe('the way from the browser', () => {
  it.each([
    ['open', 'opened'],
    ['error', 'refused']
  ] as const)('tells a websocket that does %s as %s', async (does, told) => {
    const settings = { ...platform().settings, WebSocket: socket(does) };
    const found = await tryWebsocket(settings);
    expect(found.websocket).toBe(told);
  });

  it('waits for five seconds at most', async () => {
    jest.useFakeTimers();
    const settings = { ...platform().settings, WebSocket: socket('nothing') };
    const found = tryWebsocket(settings);
    jest.advanceTimersByTime(5000);
    jest.useRealTimers();
    expect((await found).websocket).toBe('late');
  });

  it('is judged by the server only where it is not free', async () => {
    const own = fault({ check: 'net.websocket', sentence: 'Refused.' });
    const server = platform()
      .on('GET doctor', report([finding()]))
      .on('POST doctor/checks/net.websocket', report([own]));
    const with_ = (does: 'open' | 'error'): HealthAPI =>
      new HealthAPI({ ...server.settings, WebSocket: socket(does) });
    expect((await lookAgain(with_('open'), '')).findings).toHaveLength(1);
    expect(server.count('POST doctor/checks/net.websocket')).toBe(0);
    const found = await lookAgain(with_('error'), '');
    expect(found.verdict.sentence).toBe('Refused.');
    expect(found.findings.map(f => f.check)).toEqual([
      'net.websocket',
      'home.space'
    ]);
  });
});
