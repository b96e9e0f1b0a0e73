import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { ErrorBody } from './generated/api';

/** The part of the server's URL space that is ours. */
const NAMESPACE = 'rsp-health';

/**
 * Codes that the browser itself gives; all others come from the server.
 *
 * - `network`: the Jupyter server could not be reached;
 * - `not_enabled`: it answers, but has no rsp-health extension;
 * - `signed_out`: it wants a new login;
 * - `bad_response`: what came back is not what rsp-health writes.
 */
export type ClientErrorCode =
  'network' | 'not_enabled' | 'signed_out' | 'bad_response';

/** An answer that is not the wanted one, with what to do about it. */
export class HealthError extends Error {
  /**
   * @param code - The stable code: the server's, or a `ClientErrorCode`.
   * @param message - What happened, and where.
   * @param hint - What to do next; may be empty.
   * @param status - The HTTP status; 0 when there was no answer.
   * @param body - The whole body of the answer; some errors carry more.
   */
  constructor(
    readonly code: string,
    message: string,
    readonly hint = '',
    readonly status = 0,
    readonly body?: unknown
  ) {
    super(message);
    this.name = 'HealthError';
  }
}

/**
 * The absolute URL of one of our endpoints.
 *
 * @param endpoint - Path below `<base>/rsp-health/`, already encoded.
 * @param settings - The lab's server settings.
 */
export function endpointUrl(
  endpoint: string,
  settings: ServerConnection.ISettings
): string {
  return URLExt.join(settings.baseUrl, NAMESPACE, endpoint);
}

/**
 * Call the server extension.
 *
 * @param endpoint - Path below `<base>/rsp-health/`, already encoded.
 * @param settings - The lab's server settings.
 * @param init - Method and body; a plain GET if left out.
 * @param patience - Most ms that it may take; the browser's own limit is long.
 * @returns The parsed JSON body.
 * @throws HealthError for everything but a 2xx answer in JSON.
 */
export async function requestAPI<T>(
  endpoint: string,
  settings: ServerConnection.ISettings,
  init: RequestInit = {},
  patience?: number
): Promise<T> {
  const abort = new AbortController();
  const timer =
    patience &&
    window.setTimeout(() => {
      abort.abort();
    }, patience);
  let response: Response;
  let text: string;
  try {
    response = await ServerConnection.makeRequest(
      endpointUrl(endpoint, settings),
      { ...init, signal: abort.signal },
      settings
    );
    text = await response.text();
  } catch (error) {
    throw new HealthError('network', String(error));
  } finally {
    window.clearTimeout(timer);
  }
  const body = parse(text);
  if (response.ok) {
    if (body === undefined) {
      throw new HealthError('bad_response', text, '', response.status);
    }
    return body as T;
  }
  throw toError(response.status, body);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isErrorBody(body: unknown): body is ErrorBody {
  return (
    typeof body === 'object' &&
    body !== null &&
    'error' in body &&
    typeof body.error === 'string' &&
    'message' in body &&
    typeof body.message === 'string'
  );
}

function toError(status: number, body: unknown): HealthError {
  if (isErrorBody(body)) {
    return new HealthError(body.error, body.message, body.hint, status, body);
  }
  // Without our body the answer comes from the Jupyter server or a proxy.
  if (status === 404) {
    return new HealthError('not_enabled', '', '', status);
  }
  if (status === 401 || status === 403) {
    return new HealthError('signed_out', '', '', status);
  }
  return new HealthError('bad_response', '', '', status);
}
