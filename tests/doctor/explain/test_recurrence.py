"""New, recurring, regressed: what earlier runs tell of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.doctor.explain.recurrence import recurrence
from rsp_health.runner.models import (
    CellError,
    CellResult,
    NotebookResult,
    RunDocument,
)
from rsp_health.runner.record.alike import in_a_line
from rsp_health.runner.timings.lookup import Timings
from rsp_health.runner.timings.store import TimingStore

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.doctor.explain.models import Recurrence

BUSY = ("query", "503 for job 1234567 at 0x7f3a2c10")
BUSY_AGAIN = ("query", "503 for job 7654321 at 0x7f000000")
OTHER = ("query", "404 for it")
ELSEWHERE = ("plot", "503 for job 1234567 at 0x7f3a2c10")


def run(day: int, failed: tuple[str, str] | None, **more: Any) -> RunDocument:
    """A run of that day: it passed, or failed in a cell with a message."""
    cells = []
    fault = None
    if failed is not None:
        cell, message = failed
        cells = [
            CellResult(
                index=1,
                id=cell,
                source_sha256="",
                source="",
                state="failed",
                error=CellError(
                    ename="DALServiceError", evalue=message, traceback=""
                ),
            )
        ]
        fault = in_a_line("DALServiceError", message)
    notebook = NotebookResult(
        path="a.ipynb",
        state="failed" if failed else "passed",
        fault=fault,
        cells=cells,
        **more,
    )
    return RunDocument.model_validate(
        {
            "run_id": f"202611{day:02}T090000Z-3f9c",
            "state": "failed",
            "folder": "/home/v/notebooks",
            "started_at": f"2026-11-{day:02}T09:00:00Z",
            "notebooks": [notebook],
        }
    )


def told(
    folder: Path,
    *earlier: tuple[str, str] | None,
    last: Any = BUSY_AGAIN,
    first: int = 1,
) -> Recurrence | None:
    """What is told of a failure after runs that ended so, a day each."""
    store = TimingStore(folder / "timings.jsonl")
    runs = [run(day, end) for day, end in enumerate([*earlier, last], first)]
    store.append(runs)
    seen, _ = TimingStore(folder / "timings.jsonl").read()
    return recurrence(runs[-1], runs[-1].notebooks[0], Timings(seen))


@pytest.mark.parametrize(
    ("earlier", "kind", "times", "since"),
    [
        ((), "new", 1, None),
        ((None, None), "new", 1, None),
        ((OTHER, ELSEWHERE), "new", 1, None),
        ((BUSY,), "recurring", 2, "2026-11-01"),
        ((None, BUSY, BUSY), "recurring", 3, "2026-11-02"),
        ((BUSY, None, BUSY, OTHER), "recurring", 2, "2026-11-03"),
        ((BUSY, None), "regressed", 1, "2026-11-01"),
        ((BUSY, BUSY, None, OTHER), "regressed", 1, "2026-11-02"),
    ],
)
def test_it_is_known_again_by_its_cell_and_error(
    tmp_path: Path,
    earlier: tuple[Any, ...],
    kind: str,
    times: int,
    since: str | None,
) -> None:
    found = told(tmp_path, *earlier)

    assert found is not None
    assert (found.kind, found.times) == (kind, times)
    assert (found.since and f"{found.since:%Y-%m-%d}") == since
    assert (since or "") in found.sentence


def test_what_older_versions_noted_decides_nothing(tmp_path: Path) -> None:
    path = tmp_path / "timings.jsonl"
    TimingStore(path).append([run(1, OTHER)])
    path.write_text(path.read_text().replace('"fault":', '"was":'))

    assert told(tmp_path, last=BUSY, first=2) is None


def test_what_did_not_fail_has_none(tmp_path: Path) -> None:
    assert told(tmp_path, BUSY, last=None) is None
