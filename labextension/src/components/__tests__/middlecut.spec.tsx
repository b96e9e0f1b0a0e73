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

  it('keeps the end of a short name too, where there is still less room', () => {
    expect(parts('experiments')).toEqual(['experi', 'ments']);
    expect(parts('gafaelfawr.ipynb')).toEqual(['gafaelfa', 'wr.ipynb']);
  });

  it('leaves what is hardly longer than its dots in one piece', () => {
    expect(parts('nublado')).toEqual(['nublado']);
  });

  it('has the whole name in its tip', () => {
    const name = 'a-folder-with-a-long-name.ipynb';
    const { getByTitle } = render(<MiddleCut text={name} />);
    expect(getByTitle(name).textContent).toBe(name);
  });
});
