import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { YNotebook } from '@jupyter/ydoc';
import type * as nbformat from '@jupyterlab/nbformat';

import type { CleanPolicy } from '../../api/generated/api';
import { planStrip, stripNotebook } from '../policy';

const ROOT = join(__dirname, '../../../..');

/** A notebook, and what the policy makes of it; files are held to it too. */
interface ICase {
  name: string;
  policy?: Partial<CleanPolicy>;
  before: nbformat.INotebookContent;
  after: nbformat.INotebookContent;
}

interface ICases {
  default_policy: CleanPolicy;
  cases: ICase[];
}

const { default_policy: DEFAULT, cases } = JSON.parse(
  readFileSync(join(ROOT, 'tests/cleaning/data/policy-cases.json'), 'utf8')
) as ICases;

/** A document as JupyterLab builds it, with the lines of texts joined. */
function open(content: nbformat.INotebookContent): YNotebook {
  const notebook = YNotebook.create();
  notebook.fromJSON(content);
  return notebook;
}

// Yjs warns of how the document is built, which is not what is tested here.
beforeAll(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});

describe('an open notebook and its file', () => {
  it.each(cases.map(one => [one.name, one] as const))(
    'come to the same: %s',
    (_, { policy, before, after }) => {
      const notebook = open(before);
      const plan = planStrip(notebook, { ...DEFAULT, ...policy });
      stripNotebook(notebook, plan);
      expect(notebook.toJSON()).toEqual(open(after).toJSON());
    }
  );
});
