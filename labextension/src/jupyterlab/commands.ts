import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/** The translation domain of every string. */
export const DOMAIN = 'rsp_health';

/** The DOM id of the side panel. */
export const PANEL_ID = 'rsp-health-panel';

/** Our commands; each thing that the panel does is one of them. */
export namespace CommandIDs {
  export const openPanel = 'rsp-health:open-panel';
  export const refresh = 'rsp-health:refresh';
  export const checkout = 'rsp-health:checkout';
  export const checkoutRef = 'rsp-health:checkout-ref';
  export const lookForUpdates = 'rsp-health:look-for-updates';
  export const pruneBackups = 'rsp-health:prune-backups';
  export const restore = 'rsp-health:restore';
  export const removeCheckout = 'rsp-health:remove-checkout';
  export const removeBackup = 'rsp-health:remove-backup';
  export const resetSelected = 'rsp-health:reset-selected';
  export const openFolder = 'rsp-health:open-folder';
  export const runChecks = 'rsp-health:run-checks';
  export const runFailed = 'rsp-health:run-failed';
  export const runAgain = 'rsp-health:run-again';
  export const downloadReport = 'rsp-health:download-report';
  export const runSelected = 'rsp-health:run-selected';
  export const stopRuns = 'rsp-health:stop-runs';
  export const openRuns = 'rsp-health:open-runs';
  export const openAtCell = 'rsp-health:open-at-cell';
  export const openExecutedCopy = 'rsp-health:open-executed-copy';
  export const debugAtCell = 'rsp-health:debug-at-cell';
  export const why = 'rsp-health:why';
  export const whyCell = 'rsp-health:why-cell';
  export const stripOutputs = 'rsp-health:strip-outputs';
  export const stripSelected = 'rsp-health:strip-selected';
  export const toggleMute = 'rsp-health:toggle-mute';
  export const stripOnSave = 'rsp-health:strip-on-save';
  export const copySummary = 'rsp-health:copy-summary';
  export const openSettings = 'rsp-health:open-settings';
  export const openDocumentation = 'rsp-health:open-documentation';
}

/** JSON schemas of the commands' arguments, for people and tools. */
export const ARGS = {
  none: {
    type: 'object',
    properties: {
      isPalette: {
        type: 'boolean',
        description: 'Found in the palette: if it cannot be done, it says why.'
      }
    },
    additionalProperties: false
  },
  repository: {
    type: 'object',
    properties: {
      repository: {
        type: 'string',
        description: 'Id of a configured repository; asked for if left out.'
      }
    }
  },
  service: {
    type: 'object',
    properties: {
      service: {
        type: 'string',
        description: 'Id of a service, such as tap or sia:dp1.'
      }
    },
    required: ['service']
  },
  restore: {
    type: 'object',
    properties: {
      repository: {
        type: 'string',
        description: 'Id of a configured repository.'
      },
      backup: {
        type: 'string',
        description: 'Id of the backup; the newest if left out.'
      }
    },
    required: ['repository']
  },
  path: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        description: 'Path of a notebook; the current one if left out.'
      }
    }
  },
  folder: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'Path of the folder.' }
    },
    required: ['path']
  },
  cell: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'Path of the notebook.' },
      cellId: { type: 'string', description: 'Id of the cell.' },
      index: {
        type: 'integer',
        description: 'Number of the code cell from 1, if it has no id.'
      }
    },
    required: ['path']
  }
} as const satisfies Record<string, ReadonlyPartialJSONObject>;
