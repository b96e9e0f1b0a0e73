import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

// Jupyter's own rules are a style guide that runs: none is only a warning here.
const jupyterRules = jupyter.configs.recommended.map(part => ({
  ...part,
  plugins: { jupyter },
  rules: Object.fromEntries(
    Object.entries(part.rules).map(([rule, level]) => [
      rule,
      level === 'off' ? 'off' : 'error'
    ])
  )
}));

export default defineConfig(
  globalIgnores([
    '**/lib/',
    '**/node_modules/',
    '**/coverage/',
    '**/playwright-report/',
    '**/test-results/',
    'labextension/src/api/generated/'
  ]),
  ...jupyterRules,
  {
    // What these plugins need as soon as Lab starts; the rest is lazy.
    files: ['labextension/src/plugins/*.ts'],
    plugins: { jupyter },
    rules: {
      'jupyter/prefer-lazy-imports': [
        'error',
        {
          ignoreImports: [
            '../checkout/watch',
            '../model/model',
            '../states/icons',
            '../status/statusitem'
          ]
        }
      ]
    }
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        // Jupyter's interfaces say what they are.
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      // Numbers in templates are plain to read and cannot go wrong.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true }
      ],
      // Lumino binds: `connect(this._slot, this)`, as Jupyter's rules ask.
      '@typescript-eslint/unbound-method': 'off',
      // Lumino's option bags and Jupyter's command ids live in namespaces.
      '@typescript-eslint/no-namespace': 'off',
      // A `switch` over a union must handle each member.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ],
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'no-console': 'error'
    }
  },
  {
    // Sample data is not shown to users, and ends with its test.
    files: ['labextension/src/**/__tests__/**'],
    plugins: { jupyter },
    rules: {
      'jupyter/no-untranslated-string': 'off',
      'jupyter/require-disposable-ownership': 'off'
    }
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        module: 'writable',
        require: 'readonly'
      }
    }
  },
  prettier
);
