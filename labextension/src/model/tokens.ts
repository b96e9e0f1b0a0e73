import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { HealthAPI } from '../api/api';
import type {
  BroadcastList,
  NotebookList,
  QuotaDocument,
  Repository,
  RepositoryList,
  StatusDocument
} from '../api/generated/api';
import type {
  CleaningEvent,
  KernelEvent,
  ServiceEvent
} from '../api/generated/events';
import type { Mutes } from './mutes';
import type { OperationStore } from './operations';
import type { Resource } from './resource';
import type { RunStore } from './runs';

/** The state that all plugins and the panel share. */
export interface IHealthModel {
  /** The routes, for one-off calls. */
  readonly api: HealthAPI;
  readonly status: Resource<StatusDocument>;
  readonly quota: Resource<QuotaDocument>;
  readonly broadcasts: Resource<BroadcastList>;
  readonly repositories: Resource<RepositoryList>;
  readonly runs: RunStore;
  readonly operations: OperationStore;

  /** The services that the user does not want to hear of. */
  readonly mutes: Mutes;

  /** Emitted with a service that another one's event says has changed. */
  readonly serviceChanged: ISignal<this, ServiceEvent>;

  /** Emitted with a notebook that strip on save could not strip. */
  readonly savedWithOutputs: ISignal<this, CleaningEvent>;

  /** Emitted with a kernel that ended without anybody's asking. */
  readonly kernelDied: ISignal<this, KernelEvent>;

  /** Emitted after the chosen repository changed. */
  readonly selectionChanged: ISignal<this, void>;

  /** The repository that the panel shows. */
  readonly selected: Repository | null;

  /** Choose the repository that the panel shows. */
  select(repository: string): void;

  /** The notebooks of a repository's checkout. */
  notebooks(repository: string): Resource<NotebookList>;

  /** The absolute folder of a repository's checkout. */
  folder(repository: Repository): string | null;

  /** The path in Lab's file browser of an absolute one; null if outside. */
  labPath(absolute: string): string | null;

  /** Say whether a panel is in view: only then is the platform asked. */
  setVisible(visible: boolean): void;

  /** Ask for everything again; the server decides what it probes. */
  refresh(): Promise<void>;

  /** Probe now; all services, or those named. See `status.error` after it. */
  probe(services?: string[]): Promise<void>;

  /**
   * Read one row of a service's data, with the user's token.
   *
   * @returns When the row or a failure is in `status`; rejects if the lab's
   * own server did not do it.
   */
  query(service: string): Promise<void>;
}

/** The shared state of RSP Health. */
export const IHealthModel = new Token<IHealthModel>(
  'rsp-health:IHealthModel',
  'The state of the platform, the checkouts and the runs, as RSP Health sees them.'
);
