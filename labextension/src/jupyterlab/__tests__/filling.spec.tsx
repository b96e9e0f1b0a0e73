import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, screen } from '@testing-library/react';
import React from 'react';

import { askAndFill } from '../filling';

const trans = nullTranslator.load('');

describe('a dialog that fills', () => {
  it('lets Tab go round to what filled it', async () => {
    const answer = askAndFill(
      {
        title: 'Check out',
        looking: 'Looking…',
        checkbox: { label: 'Keep outputs out of commits' }
      },
      Promise.resolve({
        body: (
          <details>
            <summary>60 files</summary>
          </details>
        ),
        accept: 'Back up and replace'
      }),
      trans
    );
    await screen.findByText('60 files');
    // jsdom does not show a dialog that is one of HTML's.
    const last = screen.getByText('Back up and replace').closest('button');
    if (!last) {
      throw new Error('no button');
    }
    last.focus();
    fireEvent.keyDown(last, { key: 'Tab', keyCode: 9 });
    // Before all in the body, where the browser goes on from.
    const body = screen.getByText('60 files').closest('.jp-Dialog-body');
    expect(document.activeElement).toBe(body);
    fireEvent.keyDown(last, { key: 'Escape', keyCode: 27 });
    expect((await answer).isAccepted).toBe(false);
  });
});
