import { URLExt } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import { ServerConnection } from '@jupyterlab/services';
import { JSONExt } from '@lumino/coreutils';

import type { SharedNotebook } from './changes';
import { isCode } from './changes';

/**
 * The address that stands in a document in an output's place.
 *
 * jupyter-server-documents, which the RSP image has, keeps outputs on the
 * server, each in a file of its own; a document then has their addresses.
 */
const ADDRESS = /^(\/api\/outputs\/[^/]+\/[^/]+)\/\d+\.output$/;

/** Outputs of one notebook that are kept on the server. */
export class StoredOutputs {
  private constructor(
    private readonly _settings: ServerConnection.ISettings,
    private readonly _outputs: ReadonlyMap<string, nbformat.IOutput>
  ) {}

  /**
   * Read the outputs that a notebook only has the addresses of.
   *
   * Of one that cannot be read the address stays.
   */
  static async of(
    notebook: SharedNotebook,
    settings: ServerConnection.ISettings
  ): Promise<StoredOutputs> {
    const addresses = notebook.cells
      .filter(isCode)
      .flatMap(cell => cell.getOutputs())
      .flatMap(output => addressOf(output) ?? []);
    return new StoredOutputs(settings, await read(addresses, settings));
  }

  /** The output itself, for one that may be an address. */
  readonly whole = (output: nbformat.IOutput): nbformat.IOutput =>
    this._outputs.get(addressOf(output) ?? '') ?? output;

  /** Whether there is anything that is kept on the server. */
  get isEmpty(): boolean {
    return this._outputs.size === 0;
  }

  /**
   * Say how outputs are put back: as addresses where those still lead to the
   * same; else, because the file was read again since, as they are.
   */
  async asPutBack(): Promise<(output: nbformat.IOutput) => nbformat.IOutput> {
    const now = await read([...this._outputs.keys()], this._settings);
    return output => {
      const address = addressOf(output);
      const before = address && this._outputs.get(address);
      const found = address && now.get(address);
      return before && !(found && JSONExt.deepEqual(found, before))
        ? before
        : output;
    };
  }
}

function addressOf(output: nbformat.IOutput): string | undefined {
  const metadata = output.metadata as { url?: unknown } | undefined;
  const url = metadata?.url;
  return typeof url === 'string' && ADDRESS.test(url) ? url : undefined;
}

/** Read outputs, with one request for each cell where that will do. */
async function read(
  addresses: string[],
  settings: ServerConnection.ISettings
): Promise<Map<string, nbformat.IOutput>> {
  const cells = new Map<string, string[]>();
  for (const address of new Set(addresses)) {
    const cell = address.replace(ADDRESS, '$1');
    cells.set(cell, [...(cells.get(cell) ?? []), address]);
  }
  const found = new Map<string, nbformat.IOutput>();
  await Promise.all(
    [...cells].map(async ([cell, wanted]) => {
      const all = await get(cell, settings);
      // The server has more where a cell was cleared while it ran.
      const each =
        all.length === wanted.length
          ? all
          : await Promise.all(
              wanted.map(async address => (await get(address, settings))[0])
            );
      wanted.forEach((address, index) => {
        const output = each[index];
        if (output) {
          found.set(address, output);
        }
      });
    })
  );
  return found;
}

/** What is at an address: an output, or one in each line; or nothing. */
async function get(
  address: string,
  settings: ServerConnection.ISettings
): Promise<nbformat.IOutput[]> {
  try {
    const response = await ServerConnection.makeRequest(
      URLExt.join(settings.baseUrl, address),
      {},
      settings
    );
    if (!response.ok) {
      return [];
    }
    const lines = (await response.text()).split('\n').filter(Boolean);
    return lines.map(line => JSON.parse(line) as nbformat.IOutput);
  } catch {
    return [];
  }
}
