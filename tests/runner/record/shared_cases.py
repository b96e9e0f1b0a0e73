"""Runs, line by line, on which Python's and the panel's reducers must agree.

`python -m tests.runner.record.shared_cases` records what Python makes of
them in ``shared_cases.json``, which the front end's tests read as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rsp_health.runner.record.run_document import reduce_lines
from rsp_health.server.jobs.run_events import event_of
from tests.support.record_lines import lines_of

__all__ = ["FILE", "recorded"]

FILE = Path(__file__).with_suffix(".json")
_RUN = "20261120T213341Z-3f9c"
_AT = "2026-11-20T21:33:41.123Z"


def _plan(**cells: int) -> dict[str, Any]:
    return {
        "kind": "run_started",
        "at": _AT,
        "run_id": _RUN,
        "folder": "/home/user/checks",
        "notebooks": [
            {
                "path": f"{name}.ipynb",
                "selected": count > 0,
                "cells": [{"index": n + 1} for n in range(max(count, 1))],
            }
            for name, count in cells.items()
        ],
    }


def _said(kind: str, name: str = "a", **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "at": _AT, "notebook": f"{name}.ipynb", **fields}


def _cell(name: str, index: int, state: str = "passed") -> list[Any]:
    return [
        _said("cell_started", name, cell_index=index),
        _said("cell_finished", name, cell_index=index, state=state),
    ]


_CASES: dict[str, list[dict[str, Any]]] = {
    "one notebook passes": [
        _plan(a=2, left=0),
        _said("notebook_started", attempt=1),
        *_cell("a", 1),
        *_cell("a", 2),
    ],
    "a cell fails and the rest is not run": [
        _plan(a=3),
        _said("notebook_started", attempt=1),
        *_cell("a", 1, "failed"),
    ],
    "a cell with a tag is skipped": [
        _plan(a=2),
        _said("notebook_started", attempt=1),
        _said("cell_finished", cell_index=1, state="skipped"),
        *_cell("a", 2),
    ],
    "the second attempt starts anew": [
        _plan(a=2),
        _said("notebook_started", attempt=1),
        *_cell("a", 1),
        *_cell("a", 2, "timed_out"),
        _said("notebook_started", attempt=2),
        *_cell("a", 1),
    ],
    "two notebooks at once": [
        _plan(a=1, b=1),
        _said("notebook_started", attempt=1),
        _said("notebook_started", "b", attempt=1),
        _said("cell_started", "b", cell_index=1),
        _said("cell_started", cell_index=1),
        _said("cell_finished", "b", cell_index=1, state="died"),
        _said("cell_finished", cell_index=1, state="passed"),
    ],
    "what is told of no notebook or cell of the run": [
        _plan(a=1),
        _said("notebook_started", "other", attempt=1),
        _said("notebook_started", attempt=1),
        _said("cell_started", cell_index=7),
        _said("cell_output", cell_index=1, text="half", output_bytes=4),
        {"kind": "heartbeat", "at": _AT},
    ],
}


def _states(lines: list[Any]) -> dict[str, Any]:
    document = reduce_lines(lines)
    if document is None:
        raise LookupError("no run")
    return {
        notebook.path: [notebook.state, [c.state for c in notebook.cells]]
        for notebook in document.notebooks
    }


def recorded() -> list[dict[str, Any]]:
    """Return the cases, with what Python makes of each line."""
    found = []
    for name, raw in _CASES.items():
        lines = lines_of(*raw)
        started = reduce_lines(lines[:1])
        if started is None:
            raise LookupError(name)
        found.append(
            {
                "name": name,
                "started": started.model_dump(mode="json"),
                "steps": [
                    {
                        "event": event_of(_RUN, line),
                        "after": _states(lines[: number + 1]),
                    }
                    for number, line in enumerate(lines)
                    if number
                ],
            }
        )
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(recorded(), indent=1) + "\n")
