import { ServerConnection } from '@jupyterlab/services';
import type { Event } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

/** An answer that is not 200 with a JSON body. */
export class RawAnswer {
  constructor(
    readonly status: number,
    readonly text: string
  ) {}
}

/** What a route answers: a body for 200, or all of it. */
export type Answer = Record<string, unknown> | RawAnswer;

/** An answer, or what makes one for each request. */
type Source = object | (() => object | Promise<object>);

/** Stands in for the Jupyter server at the only place that talks to it. */
export class FakeServer {
  /** Each request so far, as `GET services`. */
  readonly log: string[] = [];

  /** The bodies that were sent, in order. */
  readonly bodies: unknown[] = [];

  /** Whether the network is cut. */
  down = false;

  readonly settings = ServerConnection.makeSettings({
    baseUrl: 'http://lab.example/user/me/',
    fetch: (input: RequestInfo | URL, init?: RequestInit) =>
      this._fetch(new Request(input, init))
  });

  /** Set what a route answers from now on. */
  on(route: string, answer: Source): this {
    this._routes.set(route, answer);
    return this;
  }

  /** How often a route was asked. */
  count(route: string): number {
    return this.log.filter(entry => entry === route).length;
  }

  private async _fetch(request: Request): Promise<Response> {
    if (this.down) {
      throw new TypeError('Failed to fetch');
    }
    const { pathname, search } = new URL(request.url);
    // Ours without the name of the extension, others' as they are.
    const path = pathname.replace(/^\/user\/me\/(rsp-health\/)?/, '');
    const query = search.replace(/[?&]\d+$/, '');
    const route = `${request.method} ${path}${query}`;
    this.log.push(route);
    if (request.method === 'POST') {
      this.bodies.push(await request.json());
    }
    const known =
      this._routes.get(route) ??
      this._routes.get(route.replace(/\?(refresh=true|path=.*)$/, ''));
    const answer: object | undefined =
      typeof known === 'function'
        ? await (known as () => object | Promise<object>)()
        : known;
    if (answer === undefined) {
      return new Response('<html>404</html>', { status: 404 });
    }
    return answer instanceof RawAnswer
      ? new Response(answer.text, { status: answer.status })
      : new Response(JSON.stringify(answer), { status: 200 });
  }

  private readonly _routes = new Map<string, Source>();
}

/** Stands in for Jupyter's event bus. */
export class FakeEvents {
  readonly stream = new Signal<Event.IManager, Event.Emission>(
    this as unknown as Event.IManager
  );

  emit(schemaId: string, fields: object): void {
    this.stream.emit({ schema_id: schemaId, ...fields });
  }

  get manager(): Event.IManager {
    return this as unknown as Event.IManager;
  }
}

/** An error as the server writes it. */
export function refusal(
  status: number,
  error: string,
  more: object = {}
): Answer {
  const body = { error, message: `About ${error}.`, hint: 'Do this.', ...more };
  return new RawAnswer(status, JSON.stringify(body));
}

/** Let everything that waits for an answer go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise(resolve => setTimeout(resolve, 0));
  }
}
