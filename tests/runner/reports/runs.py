"""Runs to report on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rsp_health.runner.models import (
    CellError,
    CellResult,
    NotebookResult,
    RunDocument,
)

LOGIN = CellError(
    ename="DALServiceError",
    evalue="302 to login, request 5f3c9a1e-0000-4000-8000-000000000001",
    traceback="Traceback\n  File <x>\nDALServiceError: 302 to login",
)


def cell(index: int, state: Any = "passed", **fields: Any) -> CellResult:
    return CellResult(
        **{
            "index": index,
            "id": f"cell-{index}",
            "source_sha256": "0",
            "source": f"query({index}) # <&>",
            "state": state,
            "duration_s": 0.25 * index,
            **fields,
        }
    )


def notebook(
    path: str, state: Any = "passed", **fields: Any
) -> NotebookResult:
    cells = [cell(1), cell(2)] if state == "passed" else []
    return NotebookResult(
        **{
            "path": path,
            "state": state,
            "duration_s": None if state == "skipped" else 1.5,
            "cells": cells,
            **fields,
        }
    )


def failed(path: str, error: CellError = LOGIN) -> NotebookResult:
    cells = [cell(1), cell(2, "failed", error=error), cell(3, "not_run")]
    reason = f"Cell 2 raised {error.ename}."
    return notebook(path, "failed", cells=cells, reason=reason)


def run(*notebooks: NotebookResult, **fields: Any) -> RunDocument:
    return RunDocument(
        **{
            "run_id": "20261120T213341Z-3f9c",
            "state": "failed",
            "started_at": datetime(2026, 11, 20, 21, 33, 41, tzinfo=UTC),
            "finished_at": datetime(2026, 11, 20, 21, 34, 41, tzinfo=UTC),
            "duration_s": 60.123456,
            "folder": "/home/me/notebooks",
            "notebooks": list(notebooks),
            **fields,
        }
    )


#: One of each end.
EVERY_END = run(
    notebook("skip.ipynb", "skipped", reason="ppdbtap is not deployed here"),
    notebook("good.ipynb"),
    failed("bad.ipynb"),
    notebook("slow.ipynb", "timed_out", cells=[cell(1, "timed_out")]),
    notebook("dead.ipynb", "died", cells=[cell(1, "died")]),
    notebook("none.ipynb", "invalid", reason="It is not JSON."),
    notebook("kernel.ipynb", "error", reason="No kernel could be started."),
    notebook("stop.ipynb", "stopped", cells=[cell(1, "stopped")]),
    notebook("cut.ipynb", "interrupted", reason="It ended with its server."),
)
