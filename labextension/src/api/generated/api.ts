/* eslint-disable */
/**
 * Made from the Pydantic models by labextension/generate-api.mjs.
 * Do not edit: change the model, then run `jlpm generate`.
 */

/**
 * A tree, or some files, that were moved aside.
 *
 */
export interface Backup {
  id: string;
  /**
   * files: of notebooks that were reset.
   */
  kind: 'tree' | 'files';
  /**
   * Older than 30 days, and not among the last three.
   */
  expired: boolean;
  /**
   * Relative to the root.
   */
  directory: string;
  created_at: string;
  size_bytes: number | null;
  commit: string | null;
  changes: FileChange[];
  changes_omitted: number;
}
/**
 * A file that differs from what was checked out.
 *
 */
export interface FileChange {
  path: string;
  kind: 'modified' | 'added' | 'deleted' | 'ignored';
  size_bytes: number | null;
  /**
   * A notebook that was run or saved, and says the same.
   */
  only_saved: boolean;
}
/**
 * Answer of ``GET repositories/{id}/backups``.
 *
 */
export interface BackupList {
  schema: 'rsp-health.backups/1';
  repository: string;
  backups: Backup[];
  /**
   * Of all of them.
   */
  size_bytes: number;
}
/**
 * An announcement of the platform, as plain text.
 *
 */
export interface Broadcast {
  id: string;
  category: 'outage' | 'notice' | 'info';
  summary: string;
  body: string;
}
/**
 * Answer of ``GET broadcasts``.
 *
 */
export interface BroadcastList {
  schema: 'rsp-health.broadcasts/1';
  state: 'fresh' | 'stale' | 'unavailable' | 'not_deployed';
  message: string;
  broadcasts: Broadcast[];
  /**
   * Unread, to this user only.
   */
  messages: UserMessage[];
  /**
   * Why they are not known, if so.
   */
  messages_note: string;
}
/**
 * A message of the platform to this user, as plain text.
 *
 */
export interface UserMessage {
  id: string;
  summary: string;
  created_at: string | null;
}
/**
 * What came of a websocket that the browser opened to this server.
 *
 */
export interface Browser {
  websocket: 'opened' | 'refused' | 'late';
  took_s: number;
}
/**
 * Answer of ``POST doctor/bundle``: what is in it, or would be.
 *
 */
export interface BundleDocument {
  schema: 'rsp-health.bundle/1';
  flavour: 'public' | 'staff';
  /**
   * Where it is; null: this is a preview.
   */
  path: string | null;
  /**
   * Of the whole file.
   */
  size_bytes: number;
  /**
   * All of them, by name.
   */
  files: BundleEntry[];
  omissions: Omission[];
  /**
   * summary.md, for a forum or an issue.
   */
  summary: string;
  /**
   * Page of the site's public forum.
   */
  forum: string | null;
  /**
   * Where the site's staff is asked.
   */
  support: string | null;
  /**
   * Of a preview: each file as it will be, by name.
   */
  texts: {
    [k: string]: string;
  };
}
/**
 * One file of a bundle.
 *
 */
export interface BundleEntry {
  name: string;
  /**
   * What it is, as a clause.
   */
  about: string;
  size_bytes: number;
  sha256: string;
  /**
   * Places where a secret or a name was taken out.
   */
  redactions: number;
}
/**
 * What is not in a bundle, and why.
 *
 */
export interface Omission {
  name: string;
  reason: string;
}
/**
 * Body of ``POST doctor/bundle``.
 *
 */
export interface BundleRequest {
  flavour?: 'public' | 'staff';
  /**
   * Only tell what would be in it.
   */
  preview?: boolean;
  run_id?: string | null;
  /**
   * They hold lines of the user's code.
   */
  with_tracebacks?: boolean;
}
/**
 * Something that may be why.
 *
 */
export interface Cause {
  rule: string;
  /**
   * 'stated': something of the same time confirms it.
   */
  certainty: 'stated' | 'possible' | 'refuted';
  sentence: string;
  whose:
    | 'your_code'
    | 'your_environment'
    | 'your_lab'
    | 'application'
    | 'platform'
    | 'network'
    | 'announced'
    | 'unknown';
  next_step: string;
  /**
   * What confirms or refutes it.
   */
  evidence: Evidence[];
  /**
   * What would decide, and why it could not.
   */
  undecided: string[];
}
/**
 * One thing that was seen.
 *
 */
export interface Evidence {
  /**
   * Where: a file, a variable, an address.
   */
  source: string;
  /**
   * What was seen there, in words.
   */
  value: string;
  /**
   * Seconds since it was true; 0 is now.
   */
  age_s: number;
}
/**
 * The exception of a failed cell, without ANSI codes.
 *
 */
export interface CellError {
  ename: string;
  evalue: string;
  traceback: string;
}
/**
 * One code cell of one notebook of one run.
 *
 */
export interface CellResult {
  /**
   * 1-based over code cells, as mobu.
   */
  index: number;
  /**
   * Cell id; null before nbformat 4.5.
   */
  id: string | null;
  source_sha256: string;
  /**
   * First line, for display.
   */
  source: string;
  state:
    | 'queued'
    | 'running'
    | 'passed'
    | 'failed'
    | 'skipped'
    | 'not_run'
    | 'timed_out'
    | 'died'
    | 'stopped';
  started_at: string | null;
  duration_s: number | null;
  peak_memory_bytes: number | null;
  output_bytes: number;
  output_truncated: boolean;
  /**
   * End of its output as plain text, while it runs; kept if the cell timed out, died or was stopped.
   */
  output_tail: string | null;
  error: CellError | null;
  /**
   * Null if it has not passed before.
   */
  usual: UsualTime | null;
}
/**
 * What a notebook or a cell usually takes, and what it took.
 *
 * Of the last 20 passes before: same source, kernel, backend, line of
 * images, CPU limit and number of notebooks at once. An observation, never a
 * failure.
 *
 */
export interface UsualTime {
  median_s: number;
  /**
   * Median absolute deviation: how far passes usually are from the median.
   */
  mad_s: number;
  /**
   * Passes that these figures are of.
   */
  n: number;
  /**
   * Beyond this it is told as slower. Null: too few passes; or only a second slow one would count, for it is a cell, or one of the last passes was slow as well.
   */
  limit_s: number | null;
  /**
   * What is compared with the median: the seconds of the cell; of a notebook, of all its cells, without the start of its kernel. Null until it has passed.
   */
  measured_s: number | null;
  /**
   * Null: it did not pass, or there are too few passes.
   */
  slower: boolean | null;
}
/**
 * The times of one cell, as it is now.
 *
 */
export interface CellTrend {
  index: number;
  id: string | null;
  source: string;
  usual: UsualTime | null;
  /**
   * Beside the notebook's results; null: it did not pass, or its source was another.
   */
  times_s: (number | null)[];
}
/**
 * Body of ``POST doctor/checks/{id}``.
 *
 */
export interface CheckRequest {
  /**
   * The notebook in trouble, relative to the root.
   */
  notebook?: string | null;
  browser?: Browser | null;
}
/**
 * Body of ``POST repositories/{id}/checkout``.
 *
 */
export interface CheckoutRequest {
  fingerprint: string;
  ref?: string | null;
  /**
   * Keep outputs out of what is committed there.
   */
  output_filter?: boolean;
}
/**
 * What is stripped and what stays; one meaning everywhere.
 *
 * Files are cleaned by the server and the terminal. An open notebook is
 * cleaned by the front end, through its document model, by exactly these
 * steps:
 *
 * 1. For every cell that has outputs: its outputs stay if
 *    ``cell.metadata.tags`` is a list that holds at least one of
 *    ``keep_output_tags`` *and* their size is not more than
 *    ``keep_output_max_bytes``; else they all go (``outputs = []``).
 * 2. The size of outputs is the length in bytes, in UTF-8, of their compact
 *    JSON (no space after ``,`` and ``:``, no escapes of letters), in which
 *    every list that is not empty and holds only strings is replaced, at
 *    any depth, by the strings joined. In TypeScript: ``JSON.stringify`` of
 *    the joined value through ``TextEncoder``.
 * 3. For every cell: ``execution_count`` becomes ``null``; so does the
 *    ``execution_count`` of every output that stays.
 * 4. For every cell of any type: the fields ``drop_cell_metadata`` of
 *    ``cell.metadata`` are deleted. Names are literal, at the top level of
 *    the metadata only; a dot in a name means nothing. If ``collapsed`` is
 *    among them, ``jupyter.outputs_hidden``, its other name, is deleted
 *    too, and a ``jupyter`` that held nothing else.
 * 5. The fields ``drop_notebook_metadata`` of the notebook's metadata are
 *    deleted, likewise. ``language_info`` stays whole, but
 *    with ``strip_language_version`` its ``version`` is deleted; the rest
 *    of it then stays, even when it becomes empty.
 * 6. ``attachments`` of a code cell are deleted: nbformat has them in
 *    Markdown and raw cells only, where they stay.
 * 7. Nothing else is touched: sources, ids, cell order, tags,
 *    ``kernelspec``, ``metadata.mobu``, ``metadata.rsp_health``.
 *
 * A notebook is clean if these steps change nothing.
 *
 * Settings: the table ``tool.rsp-health.clean`` in ``pyproject.toml`` or the
 * table ``clean`` in ``.rsp-health.toml`` (which wins), in the nearest
 * folder upwards that holds ``.git``. The keys are these fields' names with
 * hyphens; ``extend-keep-output-tags``, ``extend-drop-cell-metadata`` and
 * ``extend-drop-notebook-metadata`` add to the defaults.
 *
 */
export interface CleanPolicy {
  /**
   * Cells with one of these tags keep their outputs.
   */
  keep_output_tags: string[];
  /**
   * Outputs of a kept cell beyond this size are dropped.
   */
  keep_output_max_bytes: number;
  /**
   * Cell metadata keys that are dropped.
   */
  drop_cell_metadata: string[];
  /**
   * Notebook metadata keys that are dropped.
   */
  drop_notebook_metadata: string[];
  /**
   * Whether language_info.version goes.
   */
  strip_language_version: boolean;
}
/**
 * Answer of ``POST clean``, ``clean --json`` and ``check --json``.
 *
 * ``policy`` is the one of the first file. Files of several repositories
 * may have several policies, so ask for one notebook when its policy is
 * what you want.
 *
 */
export interface CleanReport {
  schema: 'rsp-health.clean/1';
  dry_run: boolean;
  policy: CleanPolicy;
  /**
   * The state of the files; ``POST clean`` takes it back.
   */
  fingerprint: string | null;
  /**
   * What ``POST clean/undo`` puts the old content back by.
   */
  undo: string | null;
  files: CleanedFile[];
}
/**
 * The judgement on one notebook.
 *
 */
export interface CleanedFile {
  path: string;
  state: 'clean' | 'dirty' | 'cleaned' | 'error';
  /**
   * 1-based line of the first thing to strip.
   */
  line: number | null;
  /**
   * Outputs that go.
   */
  outputs: number;
  execution_counts: number;
  /**
   * Metadata fields that go.
   */
  metadata: number;
  removed_bytes: number;
  /**
   * Outputs that stay because of a tag.
   */
  kept_outputs: number;
  /**
   * Cells whose tag would keep outputs, were they smaller.
   */
  oversized: number;
  /**
   * Dirty, but not to be written; told by ``POST clean``.
   */
  read_only: boolean;
  message: string;
}
/**
 * Body of ``POST clean``; paths are relative to the root.
 *
 */
export interface CleanRequest {
  /**
   * @minItems 1
   * @maxItems 1000
   */
  paths: string[];
  /**
   * Notebooks to leave out, as those that are open.
   *
   * @maxItems 1000
   */
  exclude?: string[];
  dry_run?: boolean;
  /**
   * Refuse (409 ``changed``) if the files are not as then.
   */
  fingerprint?: string | null;
}
/**
 * Answer of ``POST clean/undo``.
 *
 */
export interface CleanUndoReport {
  files: UndoneFile[];
}
/**
 * What became of one notebook that was to be put back.
 *
 */
export interface UndoneFile {
  path: string;
  state: 'restored' | 'error';
  message: string;
}
/**
 * Body of ``POST clean/undo``.
 *
 */
export interface CleanUndoRequest {
  undo: string;
}
/**
 * What ``runs compare A B`` and ``GET comparison`` tell.
 *
 */
export interface ComparisonDocument {
  schema: 'rsp-health.comparison/1';
  before: RunReference;
  after: RunReference;
  /**
   * Notebooks that both sides have.
   */
  compared: number;
  /**
   * The worst first.
   */
  differences: Difference[];
  not_judged: NotJudged[];
}
/**
 * A run that is compared, and where it took place.
 *
 */
export interface RunReference {
  run_id: string;
  state:
    | 'queued'
    | 'running'
    | 'passed'
    | 'failed'
    | 'timed_out'
    | 'died'
    | 'invalid'
    | 'skipped'
    | 'stopped'
    | 'interrupted'
    | 'error'
    | 'unreadable';
  started_at: string;
  folder: string | null;
  environment: RunEnvironment;
  commit: string | null;
  /**
   * Runs in these conditions whose times count, at most 20.
   */
  runs: number;
}
/**
 * Where a run took place.
 *
 */
export interface RunEnvironment {
  instance: string | null;
  image: string | null;
  image_description: string | null;
  kernel: string | null;
  python: string | null;
  cpu_limit: number | null;
  memory_limit_bytes: number | null;
}
/**
 * One difference between the two sides.
 *
 */
export interface Difference {
  kind:
    | 'newly_failing'
    | 'still_failing'
    | 'unsteady'
    | 'gone'
    | 'slower'
    | 'more_memory'
    | 'new'
    | 'fixed'
    | 'faster';
  notebook: string;
  /**
   * 1-based over code cells; null: all of it.
   */
  cell_index: number | null;
  cell_id: string | null;
  /**
   * The cell's first line.
   */
  source: string | null;
  before: SideFigures | null;
  after: SideFigures | null;
  /**
   * The difference in one sentence.
   */
  text: string;
}
/**
 * A notebook or cell on one side of a comparison.
 *
 */
export interface SideFigures {
  state:
    | (
        | 'queued'
        | 'running'
        | 'passed'
        | 'failed'
        | 'timed_out'
        | 'died'
        | 'invalid'
        | 'skipped'
        | 'stopped'
        | 'interrupted'
        | 'error'
      )
    | null;
  /**
   * Times that it passed.
   */
  passed: number;
  /**
   * Times that it ran.
   */
  n: number;
  error: string | null;
  median_s: number | null;
  mad_s: number | null;
  /**
   * Passes that the times are of.
   */
  times: number;
  /**
   * Peak memory, the median of these passes.
   */
  memory_bytes: number | null;
}
/**
 * A notebook of which something could not be compared.
 *
 */
export interface NotJudged {
  notebook: string;
  reason: string;
}
/**
 * A 409: the error, and what it is in conflict with.
 *
 */
export interface ConflictBody {
  /**
   * Stable code, snake_case.
   */
  error: string;
  /**
   * What happened, and where.
   */
  message: string;
  /**
   * What to do next.
   */
  hint: string;
  /**
   * The tree as it is now, if it changed.
   */
  inspection: Inspection | null;
  /**
   * The run that has the notebook already.
   */
  run_id: string | null;
  /**
   * What the run must be asked for.
   */
  effects: ('passive' | 'writes' | 'hardware') | null;
  /**
   * As above.
   */
  load: ('light' | 'moderate' | 'heavy') | null;
}
/**
 * What a checkout would replace, exactly.
 *
 */
export interface Inspection {
  schema: 'rsp-health.inspection/1';
  repository: string;
  title: string;
  ref: string;
  directory: string;
  state: 'absent' | 'present' | 'foreign';
  /**
   * Something of the user's stands there; it is backed up.
   */
  at_risk: boolean;
  changes: FileChange[];
  /**
   * Changes beyond the listed ones.
   */
  changes_omitted: number;
  commits: LocalCommit[];
  stashes: number;
  /**
   * Other objects in git's store that upstream has not, such as a version of a file that was staged once.
   */
  objects: number;
  /**
   * Of a git repository that is no checkout of ours.
   */
  history: GitHistory | null;
  /**
   * Local branches not upstream.
   */
  branches: string[];
  /**
   * Notebooks inside with a running kernel.
   */
  kernels: string[];
  size_bytes: number | null;
  free_bytes: number | null;
  /**
   * Disk quota of the user's home, if the platform tells.
   */
  quota_bytes: number | null;
  /**
   * Files that .gitignore hides.
   */
  ignored_files: number;
  ignored_bytes: number;
  /**
   * Where the present tree would move to now; the time counts.
   */
  backup: string | null;
  /**
   * Checked out now.
   */
  commit: string | null;
  /**
   * The upstream commit that it was made of.
   */
  base_commit: string | null;
  upstream_commit: string | null;
  /**
   * Why the upstream commit is not known.
   */
  upstream_error: ErrorBody | null;
  /**
   * Linked work trees elsewhere that lose this repository.
   */
  worktrees: string[];
  /**
   * Processes at work in the folder, such as kernel (42).
   */
  processes: string[];
  /**
   * Upstream's commits since base_commit, if countable.
   */
  behind: number | null;
  /**
   * Whether our filter is on now; null without a checkout.
   */
  output_filter: boolean | null;
  fingerprint: string;
}
/**
 * A commit that exists only in this checkout.
 *
 */
export interface LocalCommit {
  commit: string;
  subject: string;
  branch: string | null;
}
/**
 * A git repository that somebody else made or cloned.
 *
 */
export interface GitHistory {
  /**
   * Those that its HEAD reaches.
   */
  commits: number;
  /**
   * Checked out; null if HEAD is detached.
   */
  branch: string | null;
  /**
   * Not all of its history was fetched.
   */
  shallow: boolean;
}
/**
 * An error as the HTTP API and ``--json`` tell it.
 *
 */
export interface ErrorBody {
  /**
   * Stable code, snake_case.
   */
  error: string;
  /**
   * What happened, and where.
   */
  message: string;
  /**
   * What to do next.
   */
  hint: string;
}
/**
 * Body of ``POST runs/{run_id}/copies``.
 *
 */
export interface CopyRequest {
  /**
   * As the run tells it.
   */
  notebook: string;
  purpose?: 'read' | 'debug';
}
/**
 * How fresh the list of applications is.
 *
 */
export interface DiscoveryStatus {
  state: 'fresh' | 'stale' | 'file' | 'none';
  age_s: number | null;
  message: string;
}
/**
 * The error below a cell of any notebook.
 *
 */
export interface ErrorOutput {
  ename?: string;
  evalue?: string;
  traceback?: string;
  /**
   * What the cell holds.
   */
  source?: string;
  /**
   * Name of its kernelspec, such as 'lsst'.
   */
  kernel?: string | null;
  /**
   * Path of the notebook, relative to the root.
   */
  notebook?: string | null;
  /**
   * Seconds since it failed; null if nobody knows.
   */
  age_s?: number | null;
}
/**
 * An executed copy that the lab can open.
 *
 */
export interface ExecutedCopy {
  /**
   * Relative to the root.
   */
  path: string;
  /**
   * False: it was there, perhaps changed by the user.
   */
  created: boolean;
}
/**
 * Body of ``POST doctor/explain``: a run, an error, or a service.
 *
 */
export interface ExplainRequest {
  run_id?: string | null;
  /**
   * Only this notebook of the run, as the run tells it.
   */
  notebook?: string | null;
  /**
   * Only this cell of it.
   */
  cell_index?: number | null;
  error?: ErrorOutput | null;
  /**
   * Id of a row that is not well.
   */
  service?: string | null;
}
/**
 * What failed.
 *
 */
export interface ExplainedFailure {
  notebook: string | null;
  cell_index: number | null;
  cell_id: string | null;
  /**
   * A notebook state of rsp-health.run/1.
   */
  state: string;
  /**
   * The error in one line.
   */
  error: string;
  /**
   * Null if earlier runs do not tell.
   */
  recurrence: Recurrence | null;
}
/**
 * Whether a notebook failed so before: same cell, same error.
 *
 */
export interface Recurrence {
  kind: 'new' | 'recurring' | 'regressed';
  /**
   * In a row without a pass in between, with this one.
   */
  times: number;
  /**
   * Of these the first; if regressed, when it last did.
   */
  since: string | null;
  sentence: string;
}
/**
 * Failures that have the same first cause, and what is known of it.
 *
 */
export interface Explanation {
  failures: ExplainedFailure[];
  /**
   * The most certain first; empty if no rule knows it.
   */
  causes: Cause[];
  /**
   * What to do where no cause is known.
   */
  advice: string;
  /**
   * Which are new, recur or regressed; empty if not known.
   */
  history: string;
}
/**
 * Answer of ``POST doctor/explain`` and ``rsp-health doctor --run``.
 *
 */
export interface ExplanationReport {
  schema: 'rsp-health.explanation/1';
  run_id: string | null;
  observed_at: string;
  /**
   * The first cause, told once.
   */
  sentence: string;
  /**
   * Those with most failures first.
   */
  explanations: Explanation[];
  /**
   * The platform as it was then, as far as it is known.
   */
  services: SeenServices[];
  /**
   * Rules of the repository or the site that cannot be used, and why.
   */
  problems: string[];
}
/**
 * The platform as it was at a time, in short.
 *
 */
export interface SeenServices {
  observed_at: string;
  /**
   * Kind of the first cause.
   */
  verdict: string;
  /**
   * The first cause, in words.
   */
  sentence: string;
  next_step: string;
  /**
   * Ids of the services that were seen to be well.
   */
  up: string[];
  /**
   * Those of which it was seen, or not known, that they are not well.
   */
  troubled: SeenService[];
}
/**
 * A service that was not well when a notebook failed.
 *
 */
export interface SeenService {
  id: string;
  title: string;
  application: string;
  /**
   * A service state of rsp-health.status/1.
   */
  state: string;
  evidence: string;
  /**
   * URL of the evidence.
   */
  source: string | null;
  until: string | null;
  owner: string | null;
  affected_by: string[];
}
/**
 * Answer of ``GET repositories/{id}/difference?path=``.
 *
 */
export interface FileDifference {
  schema: 'rsp-health.difference/1';
  repository: string;
  /**
   * Below the checkout.
   */
  path: string;
  /**
   * A notebook is compared by cell, without its outputs.
   */
  kind: 'text' | 'notebook';
  /**
   * In git's form; empty if nothing differs.
   */
  text: string;
  /**
   * There is more of it.
   */
  truncated: boolean;
}
/**
 * What one check found.
 *
 */
export interface Finding {
  /**
   * Id of the check.
   */
  check: string;
  /**
   * Its name, for people.
   */
  title: string;
  state: 'ok' | 'attention' | 'fault' | 'cannot_tell' | 'not_applicable';
  /**
   * What is so, or why nobody can tell.
   */
  sentence: string;
  /**
   * Whose problem; only if there is one.
   */
  whose:
    | (
        | 'your_code'
        | 'your_environment'
        | 'your_lab'
        | 'application'
        | 'platform'
        | 'network'
        | 'announced'
        | 'unknown'
      )
    | null;
  evidence: Evidence[];
  /**
   * The one thing to do now; empty if well.
   */
  next_step: string;
  fix: Fix | null;
  /**
   * Seconds that it took.
   */
  took_s: number;
}
/**
 * A change that the doctor can make, and undo.
 *
 */
export interface Fix {
  /**
   * What it does, as an order.
   */
  title: string;
}
/**
 * Body of ``POST doctor/fixes/{id}``.
 *
 */
export interface FixRequest {
  /**
   * Only say what would be moved.
   */
  dry_run?: boolean;
}
/**
 * One group of the platform's test bots, in mobu's own words.
 *
 */
export interface Flock {
  name: string;
  business: string;
  monkeys: number;
  started_at: string | null;
  failures: number;
  successes: number;
  /**
   * As mobu writes it to Slack.
   */
  summary: string;
}
/**
 * What was seen of a service in half an hour.
 *
 */
export interface HalfHour {
  start: string;
  /**
   * The worst that the row was shown in.
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
  checks: number;
  /**
   * Checks that did not pass; one alone turns no row.
   */
  not_passed: number;
  /**
   * The slowest good answer.
   */
  slowest_s: number | null;
}
/**
 * Answer of ``GET info``: the handshake of the front end.
 *
 */
export interface InfoDocument {
  schema: 'rsp-health.info/1';
  /**
   * Version of the server extension.
   */
  version: string;
  /**
   * Host name of the platform.
   */
  instance: string | null;
  image: string | null;
  image_description: string | null;
  /**
   * Absolute folder that JupyterLab shows as /
   */
  root: string;
  /**
   * checkout, runner, status, cleaning.
   */
  features: string[];
  /**
   * Seconds that a cell may run when the caller doesn't say.
   */
  cell_timeout_s: number;
  limits: LabLimits;
}
/**
 * What this lab may use, as the platform says; null: not said.
 *
 */
export interface LabLimits {
  /**
   * Size in words.
   */
  size: string | null;
  /**
   * Cores.
   */
  cpu_limit: number | null;
  memory_limit_bytes: number | null;
}
/**
 * Body of ``POST repositories/{id}/inspect``.
 *
 */
export interface InspectRequest {
  ref?: string | null;
}
/**
 * This lab's own limits and use.
 *
 */
export interface LabResources {
  image: string | null;
  image_description: string | null;
  size: string | null;
  cpu_limit: number | null;
  memory_limit_bytes: number | null;
  memory_used_bytes: number | null;
  disk_free_bytes: number | null;
  disk_total_bytes: number | null;
  /**
   * Cores in use, mean of the last seconds.
   */
  cpu_used: number | null;
  /**
   * Processes that lack of memory ended.
   */
  oom_kills: number | null;
  /**
   * Cores of all your labs together.
   */
  quota_cpu: number | null;
  quota_memory_bytes: number | null;
  /**
   * Of your home.
   */
  quota_disk_bytes: number | null;
  /**
   * Bytes by file system, as Gafaelfawr names them.
   */
  disk_quotas: {
    [k: string]: number;
  };
  /**
   * Whether you may start another lab.
   */
  may_spawn: boolean | null;
  /**
   * What may not fit into this lab.
   */
  hints: string[];
}
/**
 * The newest result of a notebook that checks a service.
 *
 */
export interface LastRun {
  run_id: string;
  /**
   * Relative to the root.
   */
  notebook: string;
  /**
   * A notebook state of rsp-health.run/1.
   */
  state: string;
  finished_at: string | null;
}
/**
 * Who is working on a checkout right now.
 *
 */
export interface LockOwner {
  host: string;
  pid: number;
  since: string;
  action: 'checkout' | 'restore' | 'remove' | 'reset';
}
/**
 * One place.
 *
 */
export interface LogPlace {
  title: string;
  /**
   * A path, or the address of a page.
   */
  place: string;
  /**
   * What it may tell, and why to look.
   */
  reason: string;
  /**
   * 'elsewhere': this lab cannot read it.
   */
  state: 'here' | 'not_here' | 'elsewhere';
}
/**
 * Answer of ``GET doctor/logs`` and ``rsp-health doctor logs --json``.
 *
 */
export interface LogPlaces {
  schema: 'rsp-health.doctor-logs/1';
  /**
   * The likeliest first.
   */
  places: LogPlace[];
}
/**
 * ``manifest.json`` of a bundle.
 *
 */
export interface Manifest {
  schema: 'rsp-health.bundle-manifest/1';
  made_at: string;
  /**
   * rsp-health and its version.
   */
  made_by: string;
  flavour: 'public' | 'staff';
  files: BundleEntry[];
  omissions: Omission[];
}
/**
 * One thing that is renamed.
 *
 */
export interface Moved {
  source: string;
  target: string;
  /**
   * Why it is not; empty if it is.
   */
  problem: string;
}
/**
 * A notebook of a checkout and whether its rules select it here.
 *
 */
export interface NotebookEntry {
  /**
   * Relative to the checkout.
   */
  path: string;
  application: string | null;
  required_applications: string[];
  selected: boolean;
  /**
   * Why it is not selected, quoting the rule.
   */
  reason: string | null;
  /**
   * What it says that it changes.
   */
  effects: 'passive' | 'writes' | 'hardware';
  /**
   * How much of the platform it takes.
   */
  load: 'light' | 'moderate' | 'heavy';
  /**
   * When the file was last written.
   */
  modified_at: string | null;
  /**
   * Digest of what it says now: results of another one are stale.
   */
  content_sha256: string | null;
  /**
   * What it usually takes, as of its last run.
   */
  usual: UsualTime | null;
  /**
   * Its last ten results, the oldest first.
   */
  recent: RecentResult[];
}
/**
 * How a notebook ended in one of its last runs.
 *
 */
export interface RecentResult {
  run_id: string;
  at: string;
  state:
    | 'queued'
    | 'running'
    | 'passed'
    | 'failed'
    | 'timed_out'
    | 'died'
    | 'invalid'
    | 'skipped'
    | 'stopped'
    | 'interrupted'
    | 'error';
  /**
   * Seconds of its cells; null if it did not pass.
   */
  measured_s: number | null;
  slower: boolean | null;
}
/**
 * Answer of ``GET notebooks?repository=``.
 *
 */
export interface NotebookList {
  schema: 'rsp-health.notebooks/1';
  repository: string;
  /**
   * Relative to the root.
   */
  directory: string;
  /**
   * Rules that could not be applied.
   */
  problems: string[];
  notebooks: NotebookEntry[];
}
/**
 * One notebook of one run.
 *
 */
export interface NotebookResult {
  /**
   * Relative to the run's folder; a byte of a name that is not UTF-8 is written as \xff.
   */
  path: string;
  application: string | null;
  /**
   * Kernelspec that it ran with.
   */
  kernel: string | null;
  state:
    | 'queued'
    | 'running'
    | 'passed'
    | 'failed'
    | 'timed_out'
    | 'died'
    | 'invalid'
    | 'skipped'
    | 'stopped'
    | 'interrupted'
    | 'error';
  reason: string | null;
  started_at: string | null;
  duration_s: number | null;
  attempts: number;
  /**
   * Executed copy: relative to the root (what the lab shows as /) when it is inside, else absolute.
   */
  executed_path: string | null;
  /**
   * Digest of what was run, without outputs and what editors note.
   */
  content_sha256: string | null;
  /**
   * Seconds that it took when it last passed, for an ETA.
   */
  expected_s: number | null;
  /**
   * Null if it has not passed before.
   */
  usual: UsualTime | null;
  /**
   * What is wrong, in a line that is the same for all notebooks that failed alike.
   */
  fault: string | null;
  /**
   * Worth knowing whatever the state, such as memory use.
   */
  notes: string[];
  cells: CellResult[];
}
/**
 * The last results of one notebook.
 *
 */
export interface NotebookTrend {
  /**
   * Absolute path, as records tell it.
   */
  notebook: string;
  usual: UsualTime | null;
  /**
   * The oldest first.
   */
  results: RecentResult[];
  /**
   * Only if one notebook is asked for.
   */
  cells: CellTrend[];
}
/**
 * One past probe, for the row of bars.
 *
 */
export interface Observation {
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
  latency_s: number | null;
  age_s: number;
}
/**
 * A long change to a checkout, under way or ended.
 *
 */
export interface Operation {
  schema: 'rsp-health.operation/1';
  id: string;
  kind: 'checkout' | 'restore' | 'remove' | 'reset';
  repository: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /**
   * What git is doing, in words.
   */
  phase: string;
  percent: number | null;
  /**
   * Relative to the root.
   */
  directory: string;
  /**
   * Id of the backup that was made.
   */
  backup: string | null;
  commit: string | null;
  /**
   * The file that is reset, if one is.
   */
  path: string | null;
  /**
   * Nothing had to be changed.
   */
  up_to_date: boolean;
  /**
   * What did not work, though it is done.
   */
  warning: ErrorBody | null;
  error: ErrorBody | null;
}
/**
 * What ``rsp-health run --plan`` tells: what would be run, and what not.
 *
 */
export interface PlanDocument {
  schema: 'rsp-health.plan/1';
  /**
   * Absolute folder that paths are relative to.
   */
  folder: string;
  mode: 'jupyter' | 'mobu';
  /**
   * Rules that could not be applied.
   */
  problems: string[];
  notebooks: PlanEntry[];
}
/**
 * A notebook of a plan, and whether a run would run it.
 *
 */
export interface PlanEntry {
  /**
   * Relative to the plan's folder.
   */
  path: string;
  application: string | null;
  required_applications: string[];
  selected: boolean;
  /**
   * Why it is not selected, quoting the rule.
   */
  reason: string | null;
  /**
   * What it says that it changes.
   */
  effects: 'passive' | 'writes' | 'hardware';
  /**
   * How much of the platform it takes.
   */
  load: 'light' | 'moderate' | 'heavy';
  /**
   * Why it will be told as invalid.
   */
  problem: string | null;
  /**
   * Kernel that it asks for.
   */
  kernel: string | null;
  code_cells: number;
  /**
   * Seconds that it took when it last passed.
   */
  expected_s: number | null;
}
/**
 * The first cause of what is wrong, told once.
 *
 */
export interface PlatformVerdict {
  /**
   * Which kind of cause, the first that applies.
   */
  state:
    | 'announced'
    | 'login'
    | 'quota'
    | 'root_service'
    | 'lab'
    | 'network'
    | 'service'
    | 'checks'
    | 'well'
    | 'unknown';
  /**
   * The cause in two or three words.
   */
  word: string;
  /**
   * What is known, and how.
   */
  sentence: string;
  since: string | null;
  /**
   * 'you', 'your site', the owner's name, 'nobody yet'; empty if nothing is wrong.
   */
  whose: string;
  /**
   * What to do now.
   */
  next_step: string;
  /**
   * The sentence, with since when: as shown.
   */
  told: string;
  /**
   * Whose it is and the next step in words: as shown.
   */
  advice: string;
  /**
   * The rows that it speaks of, the cause first.
   */
  services: string[];
  /**
   * Notebooks whose last check did not pass, relative to the root; the server fills them in.
   */
  checks: string[];
}
/**
 * What a playbook concludes.
 *
 */
export interface PlaybookResult {
  id: string;
  title: string;
  /**
   * The likeliest first.
   */
  steps: PlaybookStep[];
  /**
   * Checks that found one.
   */
  causes: string[];
  verdict: Verdict;
  /**
   * How to see that it is solved.
   */
  then: string;
}
/**
 * One cause that was looked at.
 *
 */
export interface PlaybookStep {
  check: string;
  title: string;
  /**
   * 'follows': it may come of a cause before it.
   */
  outcome: 'cause' | 'ruled_out' | 'not_known' | 'not_here' | 'follows';
  says: string;
}
/**
 * All findings in one sentence, and what to do first.
 *
 */
export interface Verdict {
  state: 'fault' | 'attention' | 'cannot_tell' | 'ok';
  /**
   * The first cause, or that none is seen.
   */
  sentence: string;
  whose:
    | (
        | 'your_code'
        | 'your_environment'
        | 'your_lab'
        | 'application'
        | 'platform'
        | 'network'
        | 'announced'
        | 'unknown'
      )
    | null;
  next_step: string;
  /**
   * The check that found the first cause.
   */
  check: string | null;
}
/**
 * Where a checkout came from.
 *
 */
export interface Provenance {
  url: string;
  ref: string;
  commit: string;
  checked_out_at: string;
  by: string | null;
}
/**
 * Body of ``POST repositories/{id}/backups/prune``.
 *
 */
export interface PruneRequest {
  /**
   * Those that the user agreed to; only expired ones go.
   *
   * @maxItems 1000
   */
  backups: string[];
}
/**
 * What came of reading a row of a service's data, when the user asked.
 *
 */
export interface QueryCheck {
  /**
   * 'unknown': it says nothing of the service.
   */
  state: 'passed' | 'failed' | 'unknown';
  /**
   * One sentence: what was read, or why.
   */
  evidence: string;
  age_s: number;
  latency_s: number | null;
}
/**
 * Body of ``POST services/query``.
 *
 */
export interface QueryRequest {
  /**
   * Id of the row whose data is read.
   */
  service: string;
}
/**
 * Answer of ``GET quota``.
 *
 */
export interface QuotaDocument {
  schema: 'rsp-health.quota/1';
  observed_at: string;
  token: TokenStatus;
  api: QuotaEntry[];
  /**
   * TAP queries at a time, by database (qserv, sso).
   */
  concurrent_queries: {
    [k: string]: number;
  };
  lab: LabResources;
  test_bots: TestBots | null;
}
/**
 * What the lab's token may do, and for how long. Never the token.
 *
 */
export interface TokenStatus {
  state: 'valid' | 'rejected' | 'missing' | 'unknown';
  message: string;
  username: string | null;
  scopes: string[];
  expires_at: string | null;
}
/**
 * The user's quota for one Gafaelfawr service.
 *
 */
export interface QuotaEntry {
  service: string;
  /**
   * Requests a minute; 0: blocked.
   */
  limit: number;
  remaining: number | null;
  resets_at: string | null;
  overridden: boolean;
}
/**
 * What the platform's own tests (mobu) say, if the token may read it.
 *
 */
export interface TestBots {
  state: 'fresh' | 'restricted' | 'unavailable' | 'not_deployed';
  message: string;
  flocks: Flock[];
}
/**
 * A branch or tag of a repository.
 *
 */
export interface Ref {
  name: string;
  commit: string;
}
/**
 * Answer of ``GET repositories/{id}/refs``.
 *
 */
export interface RefList {
  schema: 'rsp-health.refs/1';
  repository: string;
  default: string;
  suggested: string | null;
  /**
   * The default one first.
   */
  branches: Ref[];
  /**
   * By name, backwards.
   */
  tags: Ref[];
  /**
   * Refs whose names cannot be chosen here.
   */
  omitted: number;
}
/**
 * Body of ``POST services/refresh``.
 *
 */
export interface RefreshRequest {
  /**
   * Ids of rows; null: all that cost no quota.
   */
  services?: string[] | null;
}
/**
 * A fix: what is moved aside, and how to undo that.
 *
 */
export interface Repair {
  schema: 'rsp-health.doctor-fix/1';
  /**
   * For `rsp-health doctor undo ID`.
   */
  id: string;
  check: string;
  state: 'planned' | 'done' | 'undone' | 'partly_undone';
  moves: Moved[];
}
/**
 * Answer of ``GET doctor`` and ``rsp-health doctor --json``.
 *
 */
export interface Report {
  schema: 'rsp-health.doctor/1';
  /**
   * The platform's host name.
   */
  instance: string | null;
  observed_at: string;
  verdict: Verdict;
  summary: Summary;
  /**
   * The worst first.
   */
  findings: Finding[];
  /**
   * If a symptom was named.
   */
  playbook: PlaybookResult | null;
  /**
   * All that can be named.
   */
  symptoms: Symptom[];
}
/**
 * How many findings there are of each state.
 *
 */
export interface Summary {
  ok: number;
  attention: number;
  fault: number;
  cannot_tell: number;
  not_applicable: number;
}
/**
 * What users notice, and there is a playbook for.
 *
 */
export interface Symptom {
  /**
   * For `rsp-health doctor --symptom`.
   */
  id: string;
  title: string;
}
/**
 * A configured repository and the state of its checkout here.
 *
 */
export interface Repository {
  id: string;
  title: string;
  url: string;
  ref: string;
  /**
   * What AUTO_REPO_SPECS names for the same URL.
   */
  suggested_ref: string | null;
  /**
   * Relative to the root.
   */
  directory: string;
  /**
   * foreign: something not made by us stands there.
   */
  state: 'absent' | 'present' | 'foreign';
  writable: boolean;
  provenance: Provenance | null;
  /**
   * Whether our filter keeps outputs out of its commits; null without a checkout of ours.
   */
  output_filter: boolean | null;
  backups: number;
  locked_by: LockOwner | null;
  operation: Operation | null;
}
/**
 * One entry of ``c.HealthApp.repositories``.
 *
 */
export interface RepositoryConfig {
  id: string;
  title: string;
  url: string;
  ref: string;
  /**
   * Relative to the root; notebooks/rsp-health/<id> if unset.
   */
  directory: string | null;
  /**
   * Only these paths of the repository.
   */
  subset: string[] | null;
  /**
   * Offer only in the environments with these host names.
   */
  environments: string[] | null;
  /**
   * Download the content of Git LFS files, too.
   */
  lfs: boolean;
}
/**
 * Answer of ``GET repositories``.
 *
 */
export interface RepositoryList {
  schema: 'rsp-health.repositories/1';
  root: string;
  repositories: Repository[];
  /**
   * Entries of the configuration that are not offered, and why.
   */
  problems: string[];
}
/**
 * Body of ``POST repositories/{id}/reset``.
 *
 */
export interface ResetRequest {
  /**
   * Of the file, below the checkout.
   */
  path: string;
}
/**
 * Body of ``POST repositories/{id}/restore``.
 *
 */
export interface RestoreRequest {
  backup: string;
}
/**
 * The result of a run, ``rsp-health.run/1``.
 *
 */
export interface RunDocument {
  schema: 'rsp-health.run/1';
  run_id: string;
  state:
    | 'queued'
    | 'running'
    | 'passed'
    | 'failed'
    | 'timed_out'
    | 'died'
    | 'invalid'
    | 'skipped'
    | 'stopped'
    | 'interrupted'
    | 'error'
    | 'unreadable';
  reason: string | null;
  mode: 'jupyter' | 'mobu';
  backend: 'local' | 'dask';
  /**
   * Notebooks at once.
   */
  jobs: number;
  started_at: string;
  finished_at: string | null;
  duration_s: number | null;
  /**
   * Absolute folder that paths are relative to.
   */
  folder: string | null;
  environment: RunEnvironment;
  repository: RunRepository | null;
  /**
   * Rules that could not be applied, and warnings before.
   */
  problems: string[];
  /**
   * The platform as it was when notebooks failed.
   */
  services: SeenServices[];
  totals: RunTotals;
  notebooks: NotebookResult[];
}
/**
 * The repository whose notebooks were run.
 *
 */
export interface RunRepository {
  url: string | null;
  ref: string | null;
  commit: string | null;
}
/**
 * How many notebooks ended how.
 *
 */
export interface RunTotals {
  passed: number;
  failed: number;
  skipped: number;
  other: number;
}
/**
 * Answer of ``GET runs``, newest first.
 *
 */
export interface RunList {
  schema: 'rsp-health.runs/1';
  runs: RunSummary[];
  /**
   * What its user should know: results that could not be sent, and the own test bot.
   */
  notices: string[];
}
/**
 * One line of the history.
 *
 */
export interface RunSummary {
  run_id: string;
  state:
    | 'queued'
    | 'running'
    | 'passed'
    | 'failed'
    | 'timed_out'
    | 'died'
    | 'invalid'
    | 'skipped'
    | 'stopped'
    | 'interrupted'
    | 'error'
    | 'unreadable';
  mode: 'jupyter' | 'mobu';
  started_at: string;
  finished_at: string | null;
  duration_s: number | null;
  folder: string | null;
  totals: RunTotals;
  notebooks: number;
}
/**
 * Body of ``POST runs``.
 *
 * Either ``repository`` (an id) or ``paths`` (relative to the root) or both:
 * paths are then relative to the repository's checkout.
 *
 */
export interface RunRequest {
  repository?: string | null;
  /**
   * @maxItems 1000
   */
  paths?: string[];
  mode?: 'jupyter' | 'mobu';
  /**
   * Ignore selection rules.
   */
  all?: boolean;
  /**
   * The most that its notebooks may do; null: what the site lets every run do.
   */
  effects?: ('passive' | 'writes' | 'hardware') | null;
  /**
   * The heaviest of them; null: as above.
   */
  load?: ('light' | 'moderate' | 'heavy') | null;
  jobs?: number;
  cell_timeout_s?: number | null;
  timeout_s?: number | null;
}
/**
 * Answer of ``GET services/history``: a service's last 24 hours.
 *
 */
export interface ServiceHistory {
  schema: 'rsp-health.service-history/1';
  service: string;
  observed_at: string;
  /**
   * When the first half-hour begins that could be here.
   */
  begins_at: string;
  /**
   * Oldest first, without those in which nobody looked.
   */
  half_hours: HalfHour[];
}
/**
 * The user's own quota for one service.
 *
 */
export interface ServiceQuota {
  limit: number;
  remaining: number | null;
  resets_at: string | null;
}
/**
 * One row of the panel.
 *
 */
export interface ServiceStatus {
  id: string;
  title: string;
  /**
   * Phalanx application; notebooks name it.
   */
  application: string;
  category: string;
  dataset: string | null;
  /**
   * All that this row serves.
   */
  datasets: string[];
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
   * Seconds the state is shown; None: unset.
   */
  state_age_s: number | null;
  /**
   * The evidence is old.
   */
  stale: boolean;
  /**
   * One sentence: what is known, and how.
   */
  evidence: string;
  /**
   * URL of the evidence.
   */
  source: string | null;
  depth: ('frontend' | 'backend') | null;
  /**
   * What its probe looks at, as a clause.
   */
  looked_at: string;
  age_s: number | null;
  latency_s: number | null;
  until: string | null;
  /**
   * Consecutive probes that agree on the state.
   */
  checks: number;
  history: Observation[];
  quota: ServiceQuota | null;
  /**
   * Those that check it, relative to the root.
   */
  notebooks: string[];
  /**
   * The newest result among them; the server fills it in.
   */
  last_run: LastRun | null;
  /**
   * Its probe runs on request only.
   */
  spends_quota: boolean;
  /**
   * What a probe on request costs, in words.
   */
  cost: string;
  /**
   * The newest query that the user asked for.
   */
  query: QueryCheck | null;
  /**
   * What a query on request does and costs; empty: no query.
   */
  query_cost: string;
  version: string | null;
  /**
   * Announced maintenance that covers now.
   */
  maintenance: string | null;
  /**
   * Applications it needs.
   */
  depends_on: string[];
  /**
   * What keeps the user from using it although it may be well itself: 'login' (the user's own), or an application.
   */
  affected_by: string[];
  facility: string | null;
  open_url: string | null;
  docs: string | null;
  runbook: string | null;
  logs: string | null;
  owner: string | null;
  contact: string | null;
  /**
   * Of a row that is not well: whose it is, and what to do.
   */
  advice: string;
}
/**
 * Answer of ``GET services`` and ``rsp-health status --json``.
 *
 */
export interface StatusDocument {
  schema: 'rsp-health.status/1';
  instance: string | null;
  observed_at: string;
  /**
   * Everything fails at once: suspect us.
   */
  observer_offline: boolean;
  discovery: DiscoveryStatus;
  verdict: PlatformVerdict;
  /**
   * What is wrong with the site's catalogue file.
   */
  catalogue_problem: string;
  services: ServiceStatus[];
}
/**
 * Answer of ``GET`` and ``POST clean/on-save``.
 *
 */
export interface StripOnSave {
  /**
   * Notebooks below these are saved without outputs.
   */
  folders: string[];
  /**
   * Those of the folders that do not exist.
   */
  missing: string[];
  /**
   * False if this server does not store notebooks as files.
   */
  supported: boolean;
}
/**
 * Body of ``POST clean/on-save``.
 *
 * Folders are relative to the root, which itself is ``/``. An empty name is
 * refused: it is what a form has before anything is typed.
 *
 */
export interface StripOnSaveRequest {
  /**
   * @maxItems 100
   */
  folders: string[];
}
/**
 * What ``runs trend`` and ``GET trend`` tell.
 *
 */
export interface TrendDocument {
  schema: 'rsp-health.trend/1';
  notebooks: NotebookTrend[];
}
/**
 * Body of ``POST doctor/undo``.
 *
 */
export interface UndoFixRequest {
  /**
   * Of the fix; null: the last one.
   */
  id?: string | null;
}
/**
 * Answer of ``GET repositories/{id}/updates``.
 *
 */
export interface UpdateStatus {
  schema: 'rsp-health.updates/1';
  repository: string;
  url: string;
  ref: string;
  /**
   * What was checked out.
   */
  commit: string;
  upstream_commit: string | null;
  available: boolean;
  /**
   * New commits upstream, if countable.
   */
  behind: number | null;
  checked_at: string;
  message: string;
  error: ErrorBody | null;
}
