import { report } from '../../__tests__/doctor';
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

  it('is told to the server with the question', async () => {
    const settings = { ...platform().settings, WebSocket: socket('error') };
    const api = new HealthAPI(settings);
    const asked = jest.spyOn(api, 'doctor').mockResolvedValue(report([]));
    await lookAgain(api, 'slow-lab');
    expect(asked.mock.calls[0]?.[0]).toBe('slow-lab');
    expect(asked.mock.calls[0]?.[1].websocket).toBe('refused');
  });
});
