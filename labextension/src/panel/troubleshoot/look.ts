import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';

import type { HealthAPI } from '../../api/api';
import type { Browser, Report } from '../../api/generated/api';

/** How long the browser waits for a websocket, in ms. */
const PATIENCE = 5000;

/**
 * Look for what is wrong, the way from this browser to the server included.
 *
 * @param symptom - What the user noticed; may be empty.
 */
export async function lookAgain(
  api: HealthAPI,
  symptom: string
): Promise<Report> {
  return api.doctor(symptom, await tryWebsocket(api.settings));
}

/** Open a websocket to this server, as kernels do, and close it. */
export function tryWebsocket(
  settings: ServerConnection.ISettings
): Promise<Browser> {
  const { WebSocket: Socket, wsUrl, token, appendToken } = settings;
  const query =
    appendToken && token ? `?token=${encodeURIComponent(token)}` : '';
  const url = URLExt.join(wsUrl, 'api/events/subscribe') + query;
  const start = performance.now();
  return new Promise(resolve => {
    const end = (websocket: Browser['websocket']): void => {
      window.clearTimeout(timer);
      socket.close();
      resolve({ websocket, took_s: (performance.now() - start) / 1000 });
    };
    const timer = window.setTimeout(() => {
      end('late');
    }, PATIENCE);
    const socket = new Socket(url);
    socket.onopen = () => {
      end('opened');
    };
    socket.onerror = () => {
      end('refused');
    };
  });
}
