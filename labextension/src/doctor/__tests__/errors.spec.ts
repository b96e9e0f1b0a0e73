import type { INotebookTracker } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';

import { offerBelowErrors } from '../errorbutton';
import type { Ended } from '../erroroutput';
import { activePlace, errorOutput, placeOf } from '../erroroutput';

interface IFakeCell {
  node: HTMLElement;
  model: object;
}

function cell(outputs: unknown, type = 'code'): IFakeCell {
  return {
    node: document.createElement('div'),
    model: {
      type,
      sharedModel: { getSource: () => 'x = 1\n'.repeat(5000) },
      toJSON: () => ({ outputs })
    }
  };
}

function notebook(...cells: IFakeCell[]): INotebookTracker {
  const node = document.createElement('div');
  node.append(...cells.map(one => one.node));
  const panel = {
    node,
    content: { widgets: cells },
    context: { path: 'a/b.ipynb' },
    sessionContext: { session: { kernel: { name: 'lsst' } } }
  };
  return {
    currentWidget: panel,
    activeCell: cells[0],
    find: (test: (one: typeof panel) => boolean) =>
      test(panel) ? panel : undefined
  } as unknown as INotebookTracker;
}

const ERROR = {
  output_type: 'error',
  ename: 'KeyError',
  evalue: "'ra'",
  traceback: ['\u001b[31mKeyError\u001b[39m', 'y'.repeat(100_000)]
};

describe('the error of a cell', () => {
  it('is sent short, without colours, with its age', () => {
    const failed = cell([{ output_type: 'stream' }, ERROR]);
    const ended: Ended = new WeakMap([[failed.model, Date.now() - 5000]]);
    const place = activePlace(notebook(failed));
    const error = place && errorOutput(place, ended);
    expect(error).toMatchObject({
      ename: 'KeyError',
      evalue: "'ra'",
      kernel: 'lsst',
      notebook: 'a/b.ipynb'
    });
    expect(error?.traceback?.startsWith('KeyError\ny')).toBe(true);
    expect(error?.age_s).toBeGreaterThanOrEqual(5);
    // The server takes 64 KiB.
    expect(JSON.stringify({ error }).length).toBeLessThan(60_000);
  });

  it('has no age if this page did not see it end', () => {
    const place = activePlace(notebook(cell([ERROR])));
    expect(place && errorOutput(place, new WeakMap())).toMatchObject({
      age_s: null
    });
  });

  it.each([[[]], [undefined], ['x'], [[{ output_type: 'stream' }]]])(
    'is none where none is shown: %j',
    outputs => {
      const place = activePlace(notebook(cell(outputs)));
      expect(place && errorOutput(place, new WeakMap())).toBeNull();
    }
  );

  it('is found by what was clicked', () => {
    const [first, second] = [cell([]), cell([ERROR])];
    const tracker = notebook(first, second);
    const button = document.createElement('button');
    second.node.append(button);
    expect(placeOf(button, tracker)?.cell).toBe(second);
    expect(placeOf(document.createElement('p'), tracker)).toBeNull();
  });
});

describe('the button below errors', () => {
  class Renderer extends Widget {
    readonly rendered: unknown[] = [];

    renderModel(model: unknown): Promise<void> {
      this.rendered.push(model);
      return Promise.resolve();
    }
  }

  type Registry = Parameters<typeof offerBelowErrors>[0];

  interface IFactory {
    mimeTypes: string[];
    createRenderer: (options: object) => Widget & Renderer;
  }

  function offer(known: string[]): {
    factory?: IFactory;
    asked: object[];
    clicked: Node[];
  } {
    const asked: object[] = [];
    const clicked: Node[] = [];
    const found: { factory?: IFactory } = {};
    const registry = {
      getFactory: (mimeType: string) =>
        known.includes(mimeType)
          ? {
              createRenderer: (options: object) => {
                asked.push(options);
                return new Renderer();
              }
            }
          : undefined,
      addFactory: (factory: IFactory) => {
        found.factory = factory;
      }
    } as unknown as Registry;
    offerBelowErrors(registry, 'Why?', node => clicked.push(node));
    return { ...found, asked, clicked };
  }

  it('stands below the error as Lab shows it', async () => {
    const { factory, asked, clicked } = offer([
      'application/vnd.jupyter.stderr'
    ]);
    const widget = factory?.createRenderer({ mimeType: 'e' });
    await widget?.renderModel({ data: 1 });
    expect(factory?.mimeTypes).toEqual(['application/vnd.jupyter.error']);
    expect(asked).toEqual([{ mimeType: 'application/vnd.jupyter.stderr' }]);
    const button = widget?.node.querySelector('button');
    button?.click();
    expect(clicked).toEqual([button]);
    widget?.dispose();
  });

  it('is left out where Lab shows no errors', () => {
    expect(offer([]).factory).toBeUndefined();
  });
});
