/**
 * Write src/api/generated/: api.ts from the Pydantic models, events.ts from
 * rsp_health/server/events, states.ts from rsp_health/states.py, version.ts
 * from package.json. `--check` only compares.
 *
 * The Python that holds rsp_health is the one in PYTHON, else the project's
 * .venv, else whatever `python` the PATH names.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, 'src', 'api', 'generated');
const banner = `/* eslint-disable */
/**
 * Made from the Pydantic models by labextension/generate-api.mjs.
 * Do not edit: change the model, then run \`jlpm generate\`.
 */
`;

function python() {
  const local = join(here, '..', '.venv', 'bin', 'python');
  return process.env.PYTHON ?? (existsSync(local) ? local : 'python');
}

const { events, icons, states, ...schema } = JSON.parse(
  execFileSync(python(), [join(here, 'export_schema.py')], {
    cwd: join(here, '..'),
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024
  })
);
const generated = await compile(
  { ...schema, title: 'Unused', type: 'object', additionalProperties: false },
  'Unused',
  {
    bannerComment: banner,
    unreachableDefinitions: true,
    additionalProperties: false,
    // A list with a length limit stays a list, not a union of tuples.
    ignoreMinAndMaxItems: true,
    format: false
  }
);
// The wrapper only carries the definitions; nobody needs it as a type.
const bare = generated
  .replace(
    /(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export interface Unused \{\s*\}\n?/,
    ''
  )
  .replace(
    /( \*\n)? \* This interface was referenced by `Unused`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/g,
    ''
  )
  .replace(/\/\*\*\n \*\/\n/g, '');
const pretty = async text =>
  format(text, {
    ...(await resolveConfig(join(folder, 'api.ts'))),
    parser: 'typescript'
  });

/** A table of states as code: the words must stand in calls of `trans.__`. */
function table([name, looks]) {
  const title = name.replace('_STATES', '').toLowerCase();
  const cases = Object.entries(looks).map(
    ([state, { word, icon, tone }]) =>
      `  ${state}: trans => ({ word: trans.__('${word}'), icon: '${icon}', tone: '${tone}' })`
  );
  return `/** The states of a ${title}, from the worst to the best. */
export const ${name} = {
${cases.join(',\n')}
} satisfies StateTable;
`;
}

/** The payload of an event as a type, such as RunEvent. */
function payload([name, schema]) {
  const title = `${name[0].toUpperCase()}${name.slice(1)}Event`;
  return compile({ ...schema, $id: undefined, title }, title, {
    bannerComment: '',
    additionalProperties: false,
    format: false
  });
}

const ids = Object.entries(events).map(
  ([name, schema]) => `  ${name}: '${schema.$id}'`
);
const eventSource = await pretty(`/**
 * Made from rsp_health/server/events by labextension/generate-api.mjs.
 * Do not edit: change the events there, then run \`jlpm generate\`.
 */

/** Schema ids of our events on Jupyter's bus. */
export const EVENTS = {
${ids.join(',\n')}
} as const;

${(await Promise.all(Object.entries(events).map(payload))).join('\n')}`);

const source = await pretty(bare);
const stateSource = await pretty(`/**
 * Made from rsp_health/states.py by labextension/generate-api.mjs.
 * Do not edit: change the states there, then run \`jlpm generate\`.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** The shape of a state. */
export type StateIcon = ${icons.map(icon => `'${icon}'`).join(' | ')};

/** How a state is to be taken; the style sheet colours the icon by it. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'muted';

/** How a state is shown: always a shape and a word, never colour alone. */
export interface IGeneratedLook {
  word: string;
  icon: StateIcon;
  tone: Tone;
}

type StateTable = Record<string, (trans: TranslationBundle) => IGeneratedLook>;

${Object.entries(states).map(table).join('\n')}`);

const { version } = JSON.parse(
  readFileSync(join(here, '..', 'package.json'), 'utf8')
);
const files = {
  'api.ts': source,
  'events.ts': eventSource,
  'states.ts': stateSource,
  'version.ts': `/** Made from package.json by labextension/generate-api.mjs. */
export const VERSION = '${version}';
`
};

for (const [name, text] of Object.entries(files)) {
  const path = join(folder, name);
  const shown = `labextension/src/api/generated/${name}`;
  const present = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (present === text) {
    console.log(`${shown} is current.`);
  } else if (process.argv.includes('--check')) {
    console.error(`${shown} is stale: run \`jlpm generate\`.`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    console.log(`Wrote ${shown}.`);
  }
}
