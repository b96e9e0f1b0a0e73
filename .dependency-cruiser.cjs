// Which way imports go in the front end, as import-linter's contracts say for
// Python; `jlpm imports:check` (a part of `make test-imports`) holds it.
const SRC = 'labextension/src';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true }
    }
  ],
  options: {
    includeOnly: `^${SRC}/`,
    exclude: { path: '__tests__|\\.spec\\.tsx?$' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types are imports, too: a reader has to follow them.
    tsPreCompilationDeps: true
  }
};
