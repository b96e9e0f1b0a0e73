import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { act, render, screen } from '@testing-library/react';
import React, { useLayoutEffect } from 'react';

import { useSignals } from '../hooks';

class Counter {
  value = 0;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  increase(): void {
    this.value += 1;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
}

function View({ counter }: { counter: Counter }): React.ReactElement {
  useSignals(counter.changed);
  return <p>{counter.value}</p>;
}

/** Increases the counter before its sibling's effects have run. */
function Early({ counter }: { counter: Counter }): null {
  useLayoutEffect(() => {
    counter.increase();
  }, [counter]);
  return null;
}

describe('useSignals', () => {
  it('renders again after an emission, and stops when it is gone', () => {
    const counter = new Counter();
    const { unmount } = render(<View counter={counter} />);
    act(() => {
      counter.increase();
    });
    screen.getByText('1');
    unmount();
    counter.increase();
    expect(screen.queryByText('2')).toBeNull();
  });

  it('misses nothing between the rendering and the connection', () => {
    const counter = new Counter();
    render(
      <>
        <Early counter={counter} />
        <View counter={counter} />
      </>
    );
    screen.getByText('1');
  });
});
