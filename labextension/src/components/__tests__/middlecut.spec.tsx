import { render } from '@testing-library/react';
import React from 'react';

import { MiddleCut } from '../MiddleCut';

/** The parts of a name: only the first is ever cut. */
function parts(text: string): (string | null)[] {
  const { container } = render(<MiddleCut text={text} />);
  const spans = container.querySelectorAll('span > span');
  return [...spans].map(span => span.textContent);
}

describe('MiddleCut', () => {
  it('keeps the end of a long name, where names of a series differ', () => {
    expect(parts('notebook_number_1.ipynb')).toEqual([
      'notebook_numbe',
      'r_1.ipynb'
    ]);
    expect(parts('notebook_number_2.ipynb').at(-1)).toBe('r_2.ipynb');
  });

  it('leaves a short name in one piece', () => {
    expect(parts('tap.ipynb')).toEqual(['tap.ipynb']);
  });

  it('has the whole name in its tip', () => {
    const name = 'a-folder-with-a-long-name.ipynb';
    const { getByTitle } = render(<MiddleCut text={name} />);
    expect(getByTitle(name).textContent).toBe(name);
  });
});
