import { readFileSync, readdirSync } from 'fs';
import { join } from 'path';

import type { BrowserContext, Response } from '@playwright/test';

/** The part of the lab's token that nobody but the platform may see. */
export const secret = (process.env.RSP_HEALTH_UI_CANARY ?? '').replace(
  /^.*\./,
  ''
);

/** What is built once and cannot know a token. */
const STATIC = /\.(js|css|map|svg|png|ico|woff2?|ttf|wasm)(\?|$)/;

/** Watches all that the browser receives, sends and prints. */
export class CanaryWatch {
  constructor(context: BrowserContext) {
    if (!secret) {
      throw new Error('RSP_HEALTH_UI_CANARY is not set');
    }
    context.on('console', message => {
      this._look('the console', message.text());
    });
    context.on('weberror', weberror => {
      const error = weberror.error();
      this._look('an error', `${error.message} ${error.stack ?? ''}`);
    });
    context.on('request', request => {
      const headers = JSON.stringify(request.headers());
      const sent = `${request.url()} ${headers} ${request.postData() ?? ''}`;
      this._look(`a request to ${request.url()}`, sent);
    });
    context.on('response', response => {
      if (!STATIC.test(response.url())) {
        this._reading.push(this._read(response));
      }
    });
    context.on('page', page => {
      page.on('websocket', socket => {
        const where = `a message on ${socket.url()}`;
        socket.on('framereceived', ({ payload }) => {
          this._look(where, payload.toString());
        });
        socket.on('framesent', ({ payload }) => {
          this._look(where, payload.toString());
        });
      });
    });
  }

  /** Where the token was seen. */
  async places(): Promise<string[]> {
    await Promise.all(this._reading);
    return [...this._places];
  }

  private async _read(response: Response): Promise<void> {
    const where = `the answer of ${response.url()}`;
    this._look(where, JSON.stringify(response.headers()));
    // A page that is left takes the bodies with it.
    const body = await response.body().catch(() => Buffer.alloc(0));
    this._look(where, body.toString());
  }

  private _look(where: string, text: string): void {
    if (text.includes(secret)) {
      this._places.add(where);
    }
  }

  private readonly _places = new Set<string>();
  private readonly _reading: Promise<void>[] = [];
}

/** The files below a folder that hold the token; links are not followed. */
export function filesWithToken(folder: string): string[] {
  const found: string[] = [];
  const entries = unlessGone(() =>
    readdirSync(folder, { withFileTypes: true })
  );
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      found.push(...filesWithToken(path));
    } else if (
      entry.isFile() &&
      unlessGone(() => readFileSync(path))?.includes(secret)
    ) {
      found.push(path);
    }
  }
  return found;
}

/** The lab is still alive: what it has removed meanwhile holds nothing. */
function unlessGone<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}
