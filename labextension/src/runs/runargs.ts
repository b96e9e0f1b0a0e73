import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/** JSON schemas of the arguments of the commands on runs. */
export const RUN_ARGS = {
  run: {
    type: 'object',
    properties: {
      repository: {
        type: 'string',
        description:
          'Id of a configured repository; the chosen one if left out.'
      },
      paths: {
        type: 'array',
        items: { type: 'string' },
        description: 'Notebooks relative to the checkout; all if left out.'
      },
      all: {
        type: 'boolean',
        description: 'Run also those that the rules leave out here.'
      },
      mode: {
        type: 'string',
        enum: ['jupyter', 'mobu'],
        description: 'mobu: ignore the tags of cells, as its bots do.'
      },
      jobs: {
        type: 'integer',
        minimum: 1,
        maximum: 16,
        description: 'How many notebooks run at once.'
      }
    }
  },
  pastRun: {
    type: 'object',
    properties: {
      run: {
        type: 'string',
        description: 'Id of the run; the newest if left out.'
      },
      rest: {
        type: 'boolean',
        description: 'Only what it was stopped before or in.'
      }
    }
  },
  page: {
    type: 'object',
    properties: {
      run: {
        type: 'string',
        description: 'Id of a run, to compare it with the one before.'
      },
      notebook: {
        type: 'string',
        description: 'Absolute path of a notebook, to see its cells.'
      }
    }
  },
  stop: {
    type: 'object',
    properties: {
      run: { type: 'string', description: 'Id of the run; all if left out.' }
    }
  },
  report: {
    type: 'object',
    properties: {
      run: { type: 'string', description: 'Id of the run.' },
      format: {
        type: 'string',
        enum: ['html', 'junit', 'json'],
        description: 'Form of the report.'
      }
    },
    required: ['run', 'format']
  },
  why: {
    type: 'object',
    properties: {
      run: { type: 'string', description: 'Id of the run.' },
      notebook: {
        type: 'string',
        description: 'Only this notebook of it, as the run tells it.'
      },
      index: { type: 'integer', description: 'Only this code cell, from 1.' },
      service: {
        type: 'string',
        description: 'Id of a service, in place of a run.'
      }
    }
  },
  runCell: {
    type: 'object',
    properties: {
      run: { type: 'string', description: 'Id of the run.' },
      notebook: {
        type: 'string',
        description: 'Path of the notebook, as the run tells it.'
      },
      index: {
        type: 'integer',
        description: 'Number of the code cell from 1.'
      },
      cellId: { type: 'string', description: 'Id of the cell.' }
    },
    required: ['run', 'notebook']
  }
} as const satisfies Record<string, ReadonlyPartialJSONObject>;
