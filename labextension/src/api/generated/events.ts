/**
 * Made from rsp_health/server/events by labextension/generate-api.mjs.
 * Do not edit: change the events there, then run `jlpm generate`.
 */

/** Schema ids of our events on Jupyter's bus. */
export const EVENTS = {
  checkout: 'urn:rsp-health:checkout:v1',
  cleaning: 'urn:rsp-health:cleaning:v1',
  kernel: 'urn:rsp-health:kernel:v1',
  run: 'urn:rsp-health:run:v1',
  service: 'urn:rsp-health:service:v1'
} as const;

/**
 * The fields of the operation, as GET
 * rsp-health/repositories/{id}/operation answers. Nothing is replayed.
 *
 */
export interface CheckoutEvent {
  /**
   * The schema of these fields.
   */
  schema: 'rsp-health.operation/1';
  /**
   * Id of the operation.
   */
  id: string;
  /**
   * What is being done.
   */
  kind: 'checkout' | 'restore' | 'remove' | 'reset';
  /**
   * Id of the repository.
   */
  repository: string;
  /**
   * How far it is.
   */
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /**
   * What is going on, in words.
   */
  phase?: string;
  /**
   * Progress of the phase, 0 to 100.
   */
  percent?: number | null;
  /**
   * The checkout, relative to the root.
   */
  directory?: string;
  /**
   * Id of the backup that was made.
   */
  backup?: string | null;
  /**
   * The commit that is checked out.
   */
  commit?: string | null;
  /**
   * The file that is reset, below the checkout.
   */
  path?: string | null;
  /**
   * Nothing had to be changed.
   */
  up_to_date?: boolean;
  /**
   * What did not work, though the operation is done.
   */
  warning?: null | {
    /**
     * Stable code.
     */
    error: string;
    /**
     * What happened, and where.
     */
    message: string;
    /**
     * What to do next.
     */
    hint?: string;
  };
  /**
   * Why it failed.
   */
  error?: null | {
    /**
     * Stable code.
     */
    error: string;
    /**
     * What happened, and where.
     */
    message: string;
    /**
     * What to do next.
     */
    hint?: string;
  };
}

/**
 * It is in a folder whose notebooks are to be saved without outputs, but could
 * not be stripped. It was saved as it is.
 *
 */
export interface CleaningEvent {
  /**
   * Relative to the root that JupyterLab shows.
   */
  path: string;
  /**
   * Why it was not stripped, for programs.
   */
  code: string;
  /**
   * Why it was not stripped, and what to do.
   */
  message: string;
}

/**
 * Said within some seconds, with what is known of the cause. Nothing is said
 * of a kernel that its user shut down or restarted.
 *
 */
export interface KernelEvent {
  /**
   * Id of the kernel in this server.
   */
  kernel_id: string;
  /**
   * Relative to the root that JupyterLab shows; null if unknown.
   */
  path: string | null;
  /**
   * How it ended.
   */
  cause: 'out_of_memory' | 'killed' | 'crashed' | 'exited' | 'culled';
  /**
   * What happened, in a sentence.
   */
  message: string;
  /**
   * Whose problem it is, as findings of the doctor say it.
   */
  whose: string;
  /**
   * What to do now.
   */
  next_step: string;
}

/**
 * A line was added to the record of a run. A hint to GET
 * rsp-health/runs/{run_id}; nothing is replayed.
 *
 */
export interface RunEvent {
  /**
   * Id of the run.
   */
  run_id: string;
  /**
   * The kind of the record's line.
   */
  kind:
    | 'run_started'
    | 'notebook_started'
    | 'cell_started'
    | 'cell_output'
    | 'cell_finished'
    | 'notebook_finished'
    | 'run_finished';
  /**
   * When it happened, UTC.
   */
  at?: string;
  /**
   * Path of the notebook, relative to the run's folder.
   */
  notebook?: string;
  /**
   * Number of the code cell, from 1.
   */
  cell_index?: number;
  /**
   * State of the cell, the notebook or the run.
   */
  state?: string;
  /**
   * Seconds that it took.
   */
  duration_s?: number;
  /**
   * Number of the attempt at this notebook, from 1.
   */
  attempt?: number;
}

/**
 * A hint to GET rsp-health/services; nothing is replayed.
 *
 */
export interface ServiceEvent {
  /**
   * Id of the row, such as tap or sia:dp1.
   */
  id: string;
  /**
   * The state now.
   */
  state:
    | 'up'
    | 'degraded'
    | 'down'
    | 'restricted'
    | 'blocked'
    | 'throttled'
    | 'maintenance'
    | 'not_deployed'
    | 'unmonitored'
    | 'unknown';
  /**
   * The state before; null if there was none.
   */
  previous?:
    | (
        | 'up'
        | 'degraded'
        | 'down'
        | 'restricted'
        | 'blocked'
        | 'throttled'
        | 'maintenance'
        | 'not_deployed'
        | 'unmonitored'
        | 'unknown'
      )
    | null;
}
