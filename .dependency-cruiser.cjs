// Which way imports go in the front end, as import-linter's contracts say for
// Python; `jlpm imports:check` (a part of `make test-imports`) holds it.
const SRC = 'labextension/src';

// What each room may import from, besides itself. docs/architecture.md says
// what is in them.
const GROUND = ['api', 'text', 'states', 'model'];
const FEATURES = ['runs', 'checkout', 'cleaning', 'status', 'doctor'];
const MAY_IMPORT = {
  api: [],
  text: ['api'],
  states: ['api'],
  model: ['api'],
  jupyterlab: GROUND,
  // A feature never imports another.
  ...Object.fromEntries(
    FEATURES.map(feature => [feature, [...GROUND, 'jupyterlab']])
  ),
  components: GROUND,
  panel: [...GROUND, 'jupyterlab', ...FEATURES, 'components'],
  plugins: [...GROUND, 'jupyterlab', ...FEATURES, 'panel']
};
const ROOMS = Object.keys(MAY_IMPORT).join('|');

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true }
    },
    {
      name: 'in-a-room',
      comment: 'Each file but index.ts is in one of the rooms that stand above.',
      severity: 'error',
      from: {
        path: `^${SRC}/`,
        pathNot: `^${SRC}/(index\\.ts$|(${ROOMS})/)`
      },
      to: {}
    },
    ...Object.entries(MAY_IMPORT).map(([room, others]) => ({
      name: `from-${room}`,
      comment: `${room} may import from: ${others.join(', ') || 'no room'}.`,
      severity: 'error',
      from: { path: `^${SRC}/${room}/` },
      to: { pathNot: `^${SRC}/(${[room, ...others].join('|')})/` }
    }))
  ],
  options: {
    includeOnly: `^${SRC}/`,
    exclude: { path: '__tests__|\\.spec\\.tsx?$' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types are imports, too: a reader has to follow them.
    tsPreCompilationDeps: true
  }
};
