"""What of a run is sent: events in the names of mobu's fields.

The same two events as mobu's (``notebook_execution`` and
``notebook_cell_execution``), and for what failed what Sentry needs. No
source, no output and no traceback is in them.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ...states import FAILED

if TYPE_CHECKING:
    from datetime import datetime

    from ...redaction import Redactor
    from ..models import NotebookResult, RunDocument
    from .contract import Event

__all__ = ["APPLICATION", "BUSINESS", "failures", "metrics"]

APPLICATION = "rsp_health"
BUSINESS = "RSPHealth"
#: Characters of an exception's message.
_MESSAGE = 300
_RAN = {"passed", *FAILED} - {"invalid", "error"}


def metrics(
    document: RunDocument, *, username: str, redactor: Redactor
) -> list[Event]:
    """Return the events of what was executed in a run.

    Parameters
    ----------
    document
        The run.
    username
        Whose lab it was.
    redactor
        Takes out what looks like a secret, wherever it is.
    """
    found: list[Event] = []
    for notebook in document.notebooks:
        if notebook.state not in _RAN:
            continue  # nothing was executed
        base = _base(document, notebook, username)
        for cell in notebook.cells:
            if cell.duration_s is None:
                continue
            at = cell.started_at or notebook.started_at or document.started_at
            found.append(
                _event(
                    "notebook_cell_execution",
                    _key(document, notebook, str(cell.index)),
                    _after(at, cell.duration_s),
                    base,
                    duration=cell.duration_s,
                    success=cell.state == "passed",
                    cell_id=cell.id or str(cell.index),
                )
            )
        at = notebook.started_at or document.started_at
        found.append(
            _event(
                "notebook_execution",
                _key(document, notebook, ""),
                _after(at, notebook.duration_s),
                base,
                duration=notebook.duration_s,
                success=notebook.state == "passed",
            )
        )
    return [redactor.value(event) for event in found]


def failures(
    document: RunDocument, *, username: str, redactor: Redactor
) -> list[Event]:
    """Return what is told of each notebook that did not pass.

    Parameters
    ----------
    document, username, redactor
        As for `metrics`.
    """
    found: list[Event] = []
    for notebook in document.notebooks:
        if notebook.state not in FAILED:
            continue
        cell = notebook.failed_cell
        error = None if cell is None else cell.error
        said = (notebook.reason or "") if error is None else error.evalue
        found.append(
            {
                **_base(document, notebook, username),
                "id": _key(document, notebook, "failure"),
                "timestamp": _moment(document, notebook).timestamp(),
                "state": notebook.state,
                "cell": None if cell is None else cell.id or str(cell.index),
                "cell_number": None if cell is None else f"#{cell.index}",
                "phase": "execute_notebook"
                if cell is None
                else "execute_cell",
                "image_description": document.environment.image_description,
                "image_reference": document.environment.image,
                "instance": document.environment.instance,
                "exception": notebook.state if error is None else error.ename,
                "message": " ".join(said.split())[:_MESSAGE],
            }
        )
    return [redactor.value(event) for event in found]


def _base(
    document: RunDocument, notebook: NotebookResult, username: str
) -> Event:
    repository = document.repository
    url = None if repository is None else repository.url
    return {
        "flock": None,
        "business": BUSINESS,
        "username": username,
        "notebook": notebook.path,
        "repo": url or "",
        "repo_ref": (repository and repository.ref) or "",
        "repo_hash": (repository and repository.commit) or "",
    }


def _event(
    kind: str, key: str, at: datetime, base: Event, **more: object
) -> Event:
    nanoseconds = int(at.timestamp() * 1_000_000) * 1000
    return {
        "kind": kind,
        **base,
        **more,
        "id": key,
        "application": APPLICATION,
        "timestamp": nanoseconds // 1_000_000,
        "timestamp_ns": nanoseconds,
    }


def _key(document: RunDocument, notebook: NotebookResult, what: str) -> str:
    """Return the same id whenever the same thing is told."""
    name = f"{document.run_id}\n{notebook.path}\n{what}"
    digest = uuid.uuid5(uuid.NAMESPACE_URL, name).int
    return str(uuid.UUID(int=digest, version=4))


def _after(at: datetime, seconds: float | None) -> datetime:
    from datetime import timedelta

    return at + timedelta(seconds=seconds or 0.0)


def _moment(document: RunDocument, notebook: NotebookResult) -> datetime:
    at = notebook.started_at or document.started_at
    return _after(at, notebook.duration_s)
