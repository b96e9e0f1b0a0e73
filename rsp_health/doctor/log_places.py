"""Where the log is: the places that may tell more, the likeliest first.

Much of what happens in a lab is written where no lab can read it: to the
output of the container, and by the services themselves. That is said, with
the address of the site's own log service where its catalogue names one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ..errors import RSPHealthError
from ..files import safe_read
from ..runner.record.history import History
from ..states import is_problem
from ..status.rows.catalogue import load
from ..wire import WireModel, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from ..runner.models import NotebookResult, RunDocument
    from ..status.rows.site_words import SiteWords
    from .context import Context

__all__ = [
    "LogPlace",
    "LogPlaces",
    "find_logs",
    "read_tails",
    "site_words",
]

#: Minutes before and after that a log service is asked for.
_AROUND = timedelta(minutes=2)
_LAST = timedelta(minutes=15)
_TAIL_BYTES = 32 * 1024
_READ_BYTES = 64 * 1024**2
_MOST = 20
#: Logs that programs in a lab write, below the home.
_FILES = (
    (".rsp-health/logs/*.log", "what rsp-health's own processes said"),
    (".local/share/jupyter/runtime/*.log", "what Jupyter's processes said"),
    (".jupyter/*.log", "what the server was told to write down"),
    ("dask-logs/*.log", "what Dask's workers said"),
)


class LogPlace(WireModel):
    """One place."""

    title: str
    place: str = Field(description="A path, or the address of a page.")
    reason: str = Field(description="What it may tell, and why to look.")
    state: Literal["here", "not_here", "elsewhere"] = Field(
        description="'elsewhere': this lab cannot read it."
    )


class LogPlaces(WireModel):
    """Answer of ``GET doctor/logs`` and ``rsp-health doctor logs --json``."""

    schema_: Literal["rsp-health.doctor-logs/1"] = Field(
        default="rsp-health.doctor-logs/1", alias="schema"
    )
    places: list[LogPlace] = Field(description="The likeliest first.")


def find_logs(
    context: Context, run_id: str | None = None, service: str = ""
) -> LogPlaces:
    """Return where more may be written of what went wrong.

    Parameters
    ----------
    context
        The lab.
    run_id
        A run; `None`: the last one.
    service
        The application that is in trouble; empty: that of the run.
    """
    run = _run(context, run_id)
    failed = _failed(run)
    places = [*_of_run(context, run, failed), *_files(context)]
    service = service or (failed.application if failed else "") or ""
    places += _elsewhere(context, run, service)
    order = ("here", "elsewhere", "not_here")
    return LogPlaces(places=sorted(places, key=lambda p: order.index(p.state)))


def read_tails(context: Context, run_id: str | None = None) -> str:
    """Return the ends of the logs that this lab can read."""
    paths = _paths(context)
    run = _run(context, run_id)
    if run is not None:
        log = History(context.find_data_dir()).folder(run.run_id).kernel_log
        if log.exists():
            paths.insert(0, (log, f"what the kernels of {run.run_id} wrote"))
    parts = []
    for path, about in paths:
        try:
            text = safe_read(path, limit=_READ_BYTES).decode(
                "utf-8", "replace"
            )
        except RSPHealthError as exc:
            text = exc.message
        parts.append(
            f"== {context.shown(path)}: {about}\n{text[-_TAIL_BYTES:]}\n"
        )
    return "\n".join(parts)


def _run(context: Context, run_id: str | None) -> RunDocument | None:
    history = History(context.find_data_dir())
    if run_id is None:
        newest = next(iter(history.summaries()), None)
        run_id = None if newest is None else newest.run_id
    return None if run_id is None else history.document(run_id)


def _failed(run: RunDocument | None) -> NotebookResult | None:
    notebooks = [] if run is None else run.notebooks
    return next((n for n in notebooks if is_problem(n.state)), None)


def _of_run(
    context: Context, run: RunDocument | None, failed: NotebookResult | None
) -> Iterator[LogPlace]:
    if run is None:
        return
    if failed is not None:
        copy = failed.executed_path
        yield LogPlace(
            title=f"Executed copy of {failed.path}",
            place=copy or "",
            reason="The failed cell with its output and traceback: what the "
            "Butler and other libraries write stands there, too."
            if copy
            else "None was kept.",
            state="here" if copy else "not_here",
        )
    folder = History(context.find_data_dir()).folder(run.run_id)
    if folder.kernel_log.exists():
        yield LogPlace(
            title="What the kernels wrote past their notebooks",
            place=context.shown(folder.kernel_log),
            reason="A launcher's complaint, the last words before a crash.",
            state="here",
        )
    record = folder.record
    yield LogPlace(
        title=f"Record of the run {run.run_id}",
        place=context.shown(record),
        reason="Each cell with the time that it began and ended.",
        state="here",
    )


def _paths(context: Context) -> list[tuple[Path, str]]:
    found = []
    for pattern, about in _FILES:
        try:
            found += [(p, about) for p in sorted(context.home.glob(pattern))]
        except OSError:
            continue
    return found[:_MOST]


def _files(context: Context) -> Iterator[LogPlace]:
    for path, about in _paths(context):
        yield LogPlace(
            title=path.name,
            place=context.shown(path),
            reason=f"{about[:1].upper()}{about[1:]}.",
            state="here",
        )


def _elsewhere(
    context: Context, run: RunDocument | None, service: str
) -> Iterator[LogPlace]:
    words = site_words(context)
    start, end = _window(run)
    url = None
    if words is not None:
        url = words.log_url(
            service=service or "nublado",
            user=context.environment.user or "",
            start=start,
            end=end,
        )
    when = f"{start:%H:%M} to {end:%H:%M} UTC"
    named = f" of {service}" if service else ""
    yield LogPlace(
        title=f"The site's logs{named}, {when}",
        place=url or "",
        reason="What the service itself wrote; you may need to be of the "
        "site's staff."
        if url
        else "The site names no log service (operators: [site] logs in the "
        "catalogue). Its staff can read them: tell them this time.",
        state="elsewhere",
    )
    yield LogPlace(
        title="Log of this Jupyter server",
        place="",
        reason="It goes to the output of the container, which a lab cannot "
        f"read. The site's staff can: user {context.environment.user or '?'}"
        f", {when}.",
        state="elsewhere",
    )
    yield LogPlace(
        title="Errors of your queries",
        place="rsp-health doctor tap.jobs",
        reason="The service keeps the error of each asynchronous query; this "
        "asks it (one request of your quota).",
        state="elsewhere",
    )
    yield LogPlace(
        title="Console of your browser",
        place="",
        reason="What Firefly and JupyterLab's own page say: press F12 there.",
        state="elsewhere",
    )


def site_words(context: Context) -> SiteWords | None:
    """Return what the site's catalogue says of help and logs, if it can."""
    try:
        return load(context.find_catalogue()).site
    except RSPHealthError:
        return None


def _window(run: RunDocument | None) -> tuple[datetime, datetime]:
    if run is None:
        now = utc_now()
        return now - _LAST, now
    return run.started_at - _AROUND, (run.finished_at or utc_now()) + _AROUND
