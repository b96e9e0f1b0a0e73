"""Runs that were, made by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rsp_health.runner.models import (
    CellResult,
    NotebookResult,
    RunDocument,
    RunEnvironment,
)
from rsp_health.runner.record.run_folder import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["book", "keep", "make_run", "write_record"]

_START = datetime(2026, 11, 1, tzinfo=UTC)


def book(
    *seconds: float,
    path: str = "tap.ipynb",
    state: Any = "passed",
    source: str = "a",
    ids: bool = True,
) -> NotebookResult:
    """Return a notebook with a cell for each time."""
    return NotebookResult(
        path=path,
        state=state,
        kernel="python3",
        started_at=_START,
        duration_s=sum(seconds) + 0.5,
        attempts=1,
        cells=[
            CellResult(
                index=index,
                id=f"cell-{index}" if ids else None,
                source_sha256=f"{source}{index}",
                state="passed" if state == "passed" else "failed",
                duration_s=one,
                peak_memory_bytes=index << 20,
            )
            for index, one in enumerate(seconds, start=1)
        ],
    )


def make_run(
    number: int, *notebooks: NotebookResult, **more: Any
) -> RunDocument:
    """Return the run of that number: a later one has a greater one."""
    at = _START + timedelta(minutes=number)
    state = "passed"
    if any(notebook.state != "passed" for notebook in notebooks):
        state = "failed"
    return RunDocument(
        **{
            "run_id": f"{at:%Y%m%dT%H%M%SZ}-0000",
            "state": state,
            "started_at": at,
            "finished_at": at,
            "duration_s": 1.0,
            "folder": "/home/me/checks",
            "environment": RunEnvironment(
                kernel="python3",
                image="registry/sciplat-lab:w_2026_45",
                cpu_limit=2.0,
            ),
            "notebooks": list(notebooks),
            **more,
        }
    )


def keep(
    data: Path, document: RunDocument, *, record: bool = False
) -> RunFolder:
    """Keep a run as if it had just ended, with its record or without."""
    folder = RunFolder.create(data, document.run_id)
    folder.write_summary(document)
    if record:
        write_record(folder.record, document)
    return folder


def write_record(path: Path, document: RunDocument) -> None:
    """Write the record of a run as the version without times wrote it."""
    at = document.started_at.isoformat()
    lines: list[dict[str, Any]] = [
        {
            "kind": "run_started",
            "run_id": document.run_id,
            "folder": document.folder,
            "environment": document.environment.model_dump(),
            "notebooks": [
                {
                    "path": notebook.path,
                    "selected": True,
                    "cells": [
                        cell.model_dump(
                            include={"index", "id", "source", "source_sha256"}
                        )
                        for cell in notebook.cells
                    ],
                }
                for notebook in document.notebooks
            ],
        }
    ]
    for notebook in document.notebooks:
        name = {"notebook": notebook.path}
        lines.append({"kind": "notebook_started", **name})
        lines += [
            {
                "kind": "cell_finished",
                **name,
                "cell_index": cell.index,
                **cell.model_dump(
                    include={
                        "state",
                        "duration_s",
                        "peak_memory_bytes",
                        "error",
                    }
                ),
            }
            for cell in notebook.cells
        ]
        ended = notebook.model_dump(include={"state", "duration_s"})
        lines.append({"kind": "notebook_finished", **name, **ended})
    lines.append({"kind": "run_finished", "state": document.state})
    path.write_text("".join(json.dumps({**x, "at": at}) + "\n" for x in lines))
