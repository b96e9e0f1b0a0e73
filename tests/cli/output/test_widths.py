"""What commands print, at every width of a terminal: it fits, and is whole."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from rich.cells import cell_len
from rich.console import Console

from rsp_health.checkout.models import FileChange, Inspection, LocalCommit
from rsp_health.cli.output.checkout_view import tell_inspection
from rsp_health.cli.output.comparison_view import show_comparison, show_trend
from rsp_health.cli.output.runs_view import show_run, show_runs
from rsp_health.runner.comparison.models import (
    CellTrend,
    ComparisonDocument,
    Difference,
    NotebookTrend,
    RunReference,
    TrendDocument,
)
from rsp_health.runner.models import (
    RecentResult,
    RunEnvironment,
    RunList,
    RunSummary,
    RunTotals,
)
from tests.runner.reports.runs import failed, notebook, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from rsp_health.cli.context import CliContext

LONG = "deep/" * 9 + "a_notebook_with_a_name_as_long_as_they_get_星_one.ipynb"
RUN = run(failed(LONG), failed(LONG.replace("one", "two")), notebook("b"))


def _runs(out: Console) -> None:
    row = RunSummary(
        run_id=RUN.run_id,
        state="failed",
        mode="jupyter",
        started_at=RUN.started_at,
        duration_s=1234.5,
        folder=f"/home/me/{LONG}",
        totals=RunTotals(passed=8, failed=4, skipped=1, other=0),
        notebooks=13,
    )
    show_runs(out, RunList(runs=[row]))


def _run(out: Console) -> None:
    show_run(out, RUN, Path("/home/me"))


def _comparison(out: Console) -> None:
    sides = [
        RunReference(
            run_id=name,
            state="failed",
            started_at=RUN.started_at,
            folder="/home/me",
            environment=RunEnvironment(image_description="Weekly 2026_45"),
            runs=1,
        )
        for name in ("20261120T213341Z-3f9c", "20261121T213341Z-0000")
    ]
    difference = Difference(
        kind="newly_failing",
        notebook=LONG,
        cell_index=2,
        source="results = service.search(query)",
        text="It passed 5 of 5 times, now it failed: DALServiceError.",
    )
    show_comparison(
        out,
        ComparisonDocument(
            before=sides[0],
            after=sides[1],
            compared=3,
            differences=[difference],
            not_judged=[],
        ),
    )


def _trend(out: Console) -> None:
    results = [
        RecentResult(
            run_id=f"20261120T2133{number:02}Z-3f9c",
            state="failed" if number % 3 else "passed",
            at=RUN.started_at,
            measured_s=12.5,
        )
        for number in range(20)
    ]
    cell = CellTrend(
        index=3,
        id="x",
        source="results = service.search(query)",
        usual=None,
        times_s=[10.5 + number for number in range(20)],
    )
    trend = NotebookTrend(
        notebook=f"/home/me/{LONG}",
        usual=None,
        results=results,
        cells=[cell],
    )
    show_trend(out, TrendDocument(notebooks=[trend]))


def _inspection(out: Console) -> None:
    found = Inspection(
        repository="system-test",
        title="System test",
        ref="main",
        directory="/home/me/notebooks/rsp-health/system-test",
        state="present",
        at_risk=True,
        changes=[FileChange(path=LONG, kind="modified", size_bytes=4096)],
        commits=[
            LocalCommit(
                commit="a2c8fd8" * 5,
                subject="Wait for the answer of the service, and say so",
                branch="tickets/DM-50260-a-branch-with-a-long-name",
            )
        ],
        backup="system-test.backup-20261120T213341Z",
        fingerprint="x",
    )
    context = SimpleNamespace(out=out, console=out, as_json=False)
    tell_inspection(cast("CliContext", context), found)


@pytest.mark.parametrize(
    ("show", "facts"),
    [
        (
            _runs,
            [RUN.run_id, "2026-11-20 21:33 UTC", "failed", "1234.5", LONG],
        ),
        (
            _run,
            [
                *(RUN.run_id, LONG, LONG.replace("one", "two")),
                *("DALServiceError: 302 to login", "0.50", "query(2)"),
            ],
        ),
        (
            _comparison,
            [
                *("20261121T213341Z-0000", "Weekly 2026_45", LONG),
                *("results = service.search(query)", "DALServiceError."),
            ],
        ),
        (_trend, [LONG, "12.5", "29.5", "results = service.search(query)"]),
        (
            _inspection,
            [
                *(
                    LONG,
                    "a2c8fd8",
                    "tickets/DM-50260-a-branch-with-a-long-name",
                ),
                *("system-test.backup-20261120T213341Z", "and say so"),
            ],
        ),
    ],
    ids=["list", "show", "compare", "trend", "inspect"],
)
def test_it_fits_and_nothing_is_lost(
    show: Callable[[Console], None], facts: list[str]
) -> None:
    for width in range(40, 201):
        out = io.StringIO()
        show(Console(file=out, width=width, color_system=None))
        for line in out.getvalue().splitlines():
            assert cell_len(line) <= width, line
        whole = "".join(out.getvalue().split())
        for fact in facts:
            assert "".join(fact.split()) in whole, (width, fact)
