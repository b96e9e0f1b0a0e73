import type { ServerConnection } from '@jupyterlab/services';

import type {
  BackupList,
  BroadcastList,
  Browser,
  BundleDocument,
  BundleRequest,
  CheckoutRequest,
  CleanPolicy,
  CleanReport,
  CleanRequest,
  CleanUndoReport,
  ComparisonDocument,
  CopyRequest,
  ExecutedCopy,
  ExplainRequest,
  ExplanationReport,
  FileDifference,
  InfoDocument,
  Inspection,
  LogPlaces,
  NotebookList,
  Operation,
  PruneRequest,
  QuotaDocument,
  RefList,
  Repair,
  Report,
  RepositoryList,
  ResetRequest,
  RestoreRequest,
  RunDocument,
  RunList,
  RunRequest,
  RunSummary,
  ServiceHistory,
  StatusDocument,
  StripOnSave,
  StripOnSaveRequest,
  TrendDocument,
  UpdateStatus
} from './generated/api';
import { endpointUrl, requestAPI } from './request';

/**
 * How long the server may take to tell of the platform, in ms. It answers from
 * memory, or after its own probes; a network that swallowed the request would
 * else keep the panel waiting for minutes.
 */
const PATIENCE = 60_000;

/** The forms a run's report comes in. */
export type ReportFormat = 'json' | 'junit' | 'html';

/** One method for each route of the server extension. */
export class HealthAPI {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** How the lab talks to its server. */
  get settings(): ServerConnection.ISettings {
    return this._settings;
  }

  info(): Promise<InfoDocument> {
    return this._get('info');
  }

  /**
   * @param look - Whether the user looks: the server then keeps the services
   *   probed for a while. Else it answers from memory.
   */
  services(look = true): Promise<StatusDocument> {
    return this._get(look ? 'services' : 'services?look=false', PATIENCE);
  }

  /** What was seen of a service in the last 24 hours. */
  history(service: string): Promise<ServiceHistory> {
    const query = `?service=${encodeURIComponent(service)}`;
    return this._get(`services/history${query}`);
  }

  /** Probe now; all services, or those named. */
  refreshServices(services?: string[]): Promise<StatusDocument> {
    const body = services ? { services } : {};
    return this._post('services/refresh', body, PATIENCE);
  }

  /** Read one row of a service's data, with the user's token. */
  query(service: string): Promise<StatusDocument> {
    return this._post('services/query', { service }, PATIENCE);
  }

  /** @param refresh - Ask the platform now; else it answers from memory. */
  quota(refresh = false): Promise<QuotaDocument> {
    return this._get(`quota${refreshQuery(refresh)}`, PATIENCE);
  }

  /** @param refresh - Ask the platform now; else it answers from memory. */
  broadcasts(refresh = false): Promise<BroadcastList> {
    return this._get(`broadcasts${refreshQuery(refresh)}`, PATIENCE);
  }

  repositories(): Promise<RepositoryList> {
    return this._get('repositories');
  }

  inspect(repository: string, ref?: string): Promise<Inspection> {
    return this._post(repositoryPath(repository, 'inspect'), {
      ref: ref ?? null
    });
  }

  /** How a file differs from what was checked out. */
  difference(repository: string, path: string): Promise<FileDifference> {
    const query = `?path=${encodeURIComponent(path)}`;
    return this._get(repositoryPath(repository, 'difference') + query);
  }

  checkout(repository: string, request: CheckoutRequest): Promise<Operation> {
    return this._post(repositoryPath(repository, 'checkout'), request);
  }

  operation(repository: string): Promise<Operation> {
    return this._get(repositoryPath(repository, 'operation'));
  }

  cancel(repository: string): Promise<Operation> {
    return this._post(repositoryPath(repository, 'cancel'), {});
  }

  backups(repository: string): Promise<BackupList> {
    return this._get(repositoryPath(repository, 'backups'));
  }

  restore(repository: string, request: RestoreRequest): Promise<Operation> {
    return this._post(repositoryPath(repository, 'restore'), request);
  }

  /** Move a checkout to a backup. */
  remove(repository: string): Promise<Operation> {
    return this._post(repositoryPath(repository, 'remove'), {});
  }

  /** Put one file back to what upstream has. */
  reset(repository: string, request: ResetRequest): Promise<Operation> {
    return this._post(repositoryPath(repository, 'reset'), request);
  }

  /** Delete a backup for good. */
  removeBackup(
    repository: string,
    request: RestoreRequest
  ): Promise<BackupList> {
    return this._post(repositoryPath(repository, 'backups/remove'), request);
  }

  /** Delete backups that are past their time. */
  pruneBackups(repository: string, request: PruneRequest): Promise<BackupList> {
    return this._post(repositoryPath(repository, 'backups/prune'), request);
  }

  refs(repository: string): Promise<RefList> {
    return this._get(repositoryPath(repository, 'refs'));
  }

  /**
   * Whether upstream is newer; the server asks it every few hours at most.
   *
   * @param refresh - Ask it now.
   */
  updates(repository: string, refresh = false): Promise<UpdateStatus> {
    return this._get(
      repositoryPath(repository, 'updates') + refreshQuery(refresh)
    );
  }

  notebooks(repository: string): Promise<NotebookList> {
    return this._get(`notebooks?repository=${encodeURIComponent(repository)}`);
  }

  runs(): Promise<RunList> {
    return this._get('runs');
  }

  run(runId: string): Promise<RunDocument> {
    return this._get(runPath(runId));
  }

  startRun(request: RunRequest): Promise<RunSummary> {
    return this._post('runs', request);
  }

  stopRun(runId: string): Promise<RunDocument> {
    return this._post(runPath(runId, 'stop'), {});
  }

  /**
   * The last results of all notebooks, or of one and of its cells.
   *
   * @param limit - How many of each.
   * @param notebook - Its absolute path, as records tell it.
   */
  trend(limit: number, notebook?: string): Promise<TrendDocument> {
    const query = new URLSearchParams({
      limit: String(limit),
      ...(notebook !== undefined && { notebook })
    });
    return this._get(`trend?${query.toString()}`);
  }

  /** What differs between two runs. */
  comparison(before: string, after: string): Promise<ComparisonDocument> {
    const query = new URLSearchParams({ before, after });
    return this._get(`comparison?${query.toString()}`);
  }

  /** Say why a run, a cell or a service failed. */
  explain(request: ExplainRequest): Promise<ExplanationReport> {
    return this._post('doctor/explain', request, PATIENCE);
  }

  /**
   * Look for what is wrong in this lab.
   *
   * @param symptom - What the user noticed; all is looked at if empty.
   * @param browser - What came of a websocket.
   */
  doctor(symptom: string, browser: Browser): Promise<Report> {
    const query = new URLSearchParams({
      websocket: browser.websocket,
      took_s: browser.took_s.toFixed(3),
      ...(symptom && { symptom })
    });
    return this._get(`doctor?${query.toString()}`, PATIENCE);
  }

  /** Say what the fix of a check would move, or move it. */
  fix(check: string, dryRun: boolean): Promise<Repair> {
    const path = `doctor/fixes/${encodeURIComponent(check)}`;
    return this._post(path, { dry_run: dryRun }, PATIENCE);
  }

  /** Put back what a fix moved. */
  undoFix(id: string): Promise<Repair> {
    return this._post('doctor/undo', { id }, PATIENCE);
  }

  /** Where more may be written of what went wrong. */
  logs(): Promise<LogPlaces> {
    return this._get('doctor/logs', PATIENCE);
  }

  /** What a bundle would hold, or the bundle. */
  bundle(request: BundleRequest): Promise<BundleDocument> {
    return this._post('doctor/bundle', request, PATIENCE);
  }

  /** Put an executed copy where the lab can open it. */
  copyExecuted(runId: string, request: CopyRequest): Promise<ExecutedCopy> {
    return this._post(runPath(runId, 'copies'), request);
  }

  /** Where the browser can fetch a report, for a link. */
  reportUrl(runId: string, format: ReportFormat): string {
    return `${endpointUrl(runPath(runId, 'report'), this._settings)}?format=${format}`;
  }

  clean(request: CleanRequest): Promise<CleanReport> {
    return this._post('clean', request);
  }

  /** What is stripped from a notebook, by its repository's settings. */
  cleanPolicy(path: string): Promise<CleanPolicy> {
    return this._get(`clean/policy?path=${encodeURIComponent(path)}`);
  }

  /** Put back what one clean replaced. */
  undoClean(undo: string): Promise<CleanUndoReport> {
    return this._post('clean/undo', { undo });
  }

  /** Choose the folders whose notebooks are saved without outputs. */
  stripOnSave(request: StripOnSaveRequest): Promise<StripOnSave> {
    return this._post('clean/on-save', request);
  }

  private _get<T>(endpoint: string, patience?: number): Promise<T> {
    return requestAPI<T>(endpoint, this._settings, {}, patience);
  }

  private _post<T>(
    endpoint: string,
    body: object,
    patience?: number
  ): Promise<T> {
    const init = { method: 'POST', body: JSON.stringify(body) };
    return requestAPI<T>(endpoint, this._settings, init, patience);
  }
}

function refreshQuery(refresh: boolean): string {
  return refresh ? '?refresh=true' : '';
}

function repositoryPath(repository: string, action: string): string {
  return `repositories/${encodeURIComponent(repository)}/${action}`;
}

function runPath(runId: string, action?: string): string {
  const path = `runs/${encodeURIComponent(runId)}`;
  return action ? `${path}/${action}` : path;
}
