const jestJupyterLab = require('@jupyterlab/testing/lib/jest-config');

// Published as ES modules, which Jest must translate.
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@marijn',
  '@microsoft/',
  'exenv-es6',
  'lib0',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const base = jestJupyterLab(__dirname);

module.exports = {
  ...base,
  automock: false,
  collectCoverageFrom: [
    'labextension/src/**/*.{ts,tsx}',
    '!labextension/src/api/generated/**',
    '!labextension/src/**/*.d.ts',
    '!labextension/src/**/__tests__/**'
  ],
  coverageReporters: ['text-summary', 'lcov'],
  reporters: ['default'],
  setupFilesAfterEnv: [
    ...(base.setupFilesAfterEnv ?? []),
    '<rootDir>/labextension/src/__tests__/patience.ts'
  ],
  // A busy machine is slow, not wrong: this only ends what hangs.
  testTimeout: 60_000,
  testPathIgnorePatterns: ['/node_modules/', '/labextension/lib/'],
  testRegex: 'labextension/src/.*/.*\\.spec\\.tsx?$',
  transform: {
    ...base.transform,
    '^.+\\.tsx?$': [
      'ts-jest/legacy',
      {
        // Types are checked by `tsc -p labextension`, not here.
        isolatedModules: true,
        tsconfig: {
          esModuleInterop: true,
          jsx: 'react',
          module: 'commonjs',
          target: 'ES2022'
        }
      }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`]
};
