import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { Signal } from '@lumino/signaling';
import { Panel, Widget } from '@lumino/widgets';

import { measureWhenShown } from '../filebrowser';

/** A list of files that counts how often it measures itself. */
class Listing extends Widget {
  measured = 0;

  protected override onResize(): void {
    this.measured += 1;
  }
}

function browser() {
  const widget = new Panel();
  const listing = new Listing();
  widget.addWidget(listing);
  let width = 0;
  Object.defineProperty(widget.node, 'offsetWidth', { get: () => width });
  const resize = (to: number): void => {
    width = to;
    observers.get(widget.node)?.();
  };
  return { widget, listing, resize };
}

const observers = new Map<Element, () => void>();

beforeAll(() => {
  window.ResizeObserver = class {
    constructor(private readonly _call: ResizeObserverCallback) {}

    observe(node: Element): void {
      this._node = node;
      observers.set(node, () => {
        this._call([], this);
      });
    }

    disconnect(): void {
      if (this._node) {
        observers.delete(this._node);
      }
    }

    unobserve(): void {
      this.disconnect();
    }

    private _node: Element | null = null;
  };
});

describe('measureWhenShown', () => {
  function follow(before: Widget[]) {
    const added = new Signal<object, Widget>({});
    const tracker = {
      forEach: (each: (one: Widget) => void) => {
        before.forEach(each);
      },
      widgetAdded: added
    };
    measureWhenShown({ tracker } as unknown as IFileBrowserFactory);
    return added;
  }

  it('measures a list again when it comes into view', () => {
    const { widget, listing, resize } = browser();
    follow([widget]);
    resize(250);
    expect(listing.measured).toBe(1);
    resize(300); // Lab itself measures a list that is shown.
    expect(listing.measured).toBe(1);
    resize(0);
    resize(250);
    expect(listing.measured).toBe(2);
  });

  it('follows file browsers that come later, until they go', () => {
    const { widget, listing, resize } = browser();
    follow([]).emit(widget);
    resize(250);
    expect(listing.measured).toBe(1);
    widget.dispose();
    expect(observers.has(widget.node)).toBe(false);
  });

  it('needs no file browser', () => {
    expect(() => {
      measureWhenShown(null);
    }).not.toThrow();
  });
});
