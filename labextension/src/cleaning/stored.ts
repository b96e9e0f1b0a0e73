import { URLExt } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import { ServerConnection } from '@jupyterlab/services';
import { JSONExt } from '@lumino/coreutils';

import type { PutBackForm, SharedNotebook } from './changes';
import { isCode } from './changes';

/**
 * The address that stands in a document in an output's place.
 *
 * jupyter-server-documents, which the RSP image has, keeps outputs on the
 * server, each in a file of its own; a document then has their addresses.
 */
const ADDRESS = /^\/api\/outputs\/[\w-]+\/[\w-]+\/\d+\.output$/;

/** How many outputs are asked for at the same time; a browser has limits. */
const AT_ONCE = 6;

/** How often outputs that came during a reading are read, too. */
const ROUNDS = 10;

/** An output; or why there is none: the server has none, or did not say. */
type Answer = nbformat.IOutput | 'gone' | 'unread';

/** Outputs of one notebook that are kept on the server. */
export class StoredOutputs {
  private constructor(
    private readonly _settings: ServerConnection.ISettings,
    private readonly _answers: ReadonlyMap<string, Answer>
  ) {}

  /**
   * Read the outputs that a notebook only has the addresses of.
   *
   * A kernel may add some at any time, so when this returns, each address in
   * the notebook was asked for, or counts as unread.
   */
  static async of(
    notebook: SharedNotebook,
    settings: ServerConnection.ISettings
  ): Promise<StoredOutputs> {
    const answers = new Map<string, Answer>();
    const open = (): string[] =>
      addressesIn(notebook).filter(address => !answers.has(address));
    for (let round = 0; round < ROUNDS && open().length; round += 1) {
      for (const [address, answer] of await read(open(), settings)) {
        answers.set(address, answer);
      }
    }
    for (const address of open()) {
      answers.set(address, 'unread');
    }
    return new StoredOutputs(settings, answers);
  }

  /** The output itself, for one that may be an address. */
  readonly whole = (output: nbformat.IOutput): nbformat.IOutput =>
    this._found(addressOf(output)) ?? output;

  /** Whether there is anything that is kept on the server. */
  get isEmpty(): boolean {
    return this._answers.size === 0;
  }

  /** How many outputs the server does not have any more. */
  get gone(): number {
    return this._count('gone');
  }

  /** How many outputs could not be read for another reason. */
  get unread(): number {
    return this._count('unread');
  }

  /**
   * Say how outputs are put back: as addresses where those still lead to the
   * same; else, because the file was read again since, as they are. An
   * address of which neither holds is not put back.
   */
  async asPutBack(): Promise<PutBackForm> {
    const now = await read([...this._answers.keys()], this._settings);
    return output => {
      const address = addressOf(output);
      if (address === undefined) {
        return output;
      }
      const before = this._found(address);
      const found = outputIn(now.get(address));
      if (before && !(found && JSONExt.deepEqual(found, before))) {
        return before;
      }
      return found ? output : null;
    };
  }

  private _found(address: string | undefined): nbformat.IOutput | undefined {
    return address === undefined
      ? undefined
      : outputIn(this._answers.get(address));
  }

  private _count(what: Answer): number {
    return [...this._answers.values()].filter(answer => answer === what).length;
  }
}

function addressOf(output: nbformat.IOutput): string | undefined {
  const metadata = output.metadata as { url?: unknown } | undefined;
  const url = metadata?.url;
  return typeof url === 'string' && ADDRESS.test(url) ? url : undefined;
}

function addressesIn(notebook: SharedNotebook): string[] {
  return notebook.cells
    .filter(isCode)
    .flatMap(cell => cell.getOutputs())
    .flatMap(output => addressOf(output) ?? []);
}

function outputIn(answer: Answer | undefined): nbformat.IOutput | undefined {
  return typeof answer === 'string' ? undefined : answer;
}

/**
 * Read outputs, each at its own address.
 *
 * The server also gives all outputs of a cell at once, but without saying
 * which is which: where one was lost and another is not shown, their number
 * is right and the outputs are not.
 */
async function read(
  addresses: string[],
  settings: ServerConnection.ISettings
): Promise<Map<string, Answer>> {
  const found = new Map<string, Answer>();
  const waiting = new Set(addresses).values();
  const worker = async (): Promise<void> => {
    // Shared by the workers: each takes the next one.
    for (const address of waiting) {
      found.set(address, await get(address, settings));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found;
}

async function get(
  address: string,
  settings: ServerConnection.ISettings
): Promise<Answer> {
  try {
    const response = await ServerConnection.makeRequest(
      URLExt.join(settings.baseUrl, address),
      {},
      settings
    );
    if (!response.ok) {
      return response.status === 404 ? 'gone' : 'unread';
    }
    const output: unknown = await response.json();
    return isOutput(output) ? output : 'unread';
  } catch {
    return 'unread';
  }
}

function isOutput(value: unknown): value is nbformat.IOutput {
  return (
    typeof value === 'object' &&
    typeof (value as nbformat.IOutput | null)?.output_type === 'string'
  );
}
