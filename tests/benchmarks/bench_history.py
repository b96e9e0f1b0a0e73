"""What the times of 500 runs of 40 notebooks with 30 cells cost.

The panel's list with each notebook's usual time and last results, as a server
that has just started answers it and then again; the page of runs over time,
all notebooks and the cells of one; what a run adds when it ends, and what it
costs to take out what no longer counts, which some runs do when they begin;
and what is left of the file. As in a run, the times are read before that, for
its estimate.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.comparison.service import trend
from rsp_health.runner.models import (
    CellResult,
    NotebookResult,
    RunDocument,
    RunEnvironment,
)
from rsp_health.runner.record.history import History
from rsp_health.runner.record.run_folder import RunFolder, timings_of
from rsp_health.runner.service import RunnerService
from rsp_health.runner.timings.store import TimingStore
from tests.benchmarks.bench_runner import book

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["main"]


def _document(folder: Path, notebooks: int, cells: int) -> RunDocument:
    return RunDocument(
        run_id="",
        state="passed",
        started_at=datetime(2026, 11, 1, tzinfo=UTC),
        finished_at=datetime(2026, 11, 1, tzinfo=UTC),
        folder=str(folder),
        environment=RunEnvironment(kernel="python3", image="r/lab:w_2026_45"),
        notebooks=[
            NotebookResult(
                path=f"n{number}.ipynb",
                state="passed",
                kernel="python3",
                duration_s=3.0,
                cells=[
                    CellResult(
                        index=index,
                        id=f"cell-{index}",
                        source_sha256=f"{number:032}{index:032}",
                        state="passed",
                        duration_s=0.1,
                    )
                    for index in range(1, cells + 1)
                ],
            )
            for number in range(notebooks)
        ],
    )


def _runs(document: RunDocument, count: int) -> Sequence[str]:
    return [
        f"{document.started_at + timedelta(minutes=number):%Y%m%dT%H%M%SZ}"
        "-0000"
        for number in range(count)
    ]


def _write(
    data: Path, document: RunDocument, count: int
) -> tuple[list[float], list[float]]:
    """Write so many runs.

    Returns
    -------
    tuple
        The seconds that each run's times took to add, and those that it took
        to take out what no longer counts, where something was.
    """
    chance = random.Random(1)  # noqa: S311 - the same each time
    path = timings_of(data / "runs")
    store = TimingStore(path)
    history = History(data)
    added, taken_out = [], []
    for run_id in _runs(document, count):
        _ = history.timings()
        before = path.stat().st_ino if path.exists() else None
        took = _took(history.compact)
        if before is not None and path.stat().st_ino != before:
            taken_out.append(took)
        for notebook in document.notebooks:
            for cell in notebook.cells:
                cell.duration_s = 0.1 * chance.lognormvariate(0, 0.1)
        document.run_id = run_id
        folder = RunFolder.create(data, run_id)
        folder.active.unlink()
        added.append(_took(lambda: store.append([document])))
    return added, taken_out


def _write_record(data: Path, document: RunDocument) -> None:
    """Write the record of the newest run: it says what the cells are."""
    lines: list[dict[str, object]] = [
        {
            "kind": "run_started",
            "run_id": document.run_id,
            "folder": document.folder,
            "notebooks": [
                {
                    "path": notebook.path,
                    "kernel": "python3",
                    "cells": [
                        {
                            "index": cell.index,
                            "id": cell.id,
                            "source": "x = 1",
                            "source_sha256": cell.source_sha256,
                        }
                        for cell in notebook.cells
                    ],
                }
                for notebook in document.notebooks
            ],
        }
    ]
    for notebook in document.notebooks:
        lines += [
            {
                "kind": "cell_finished",
                "notebook": notebook.path,
                "cell_index": cell.index,
                "state": "passed",
                "duration_s": cell.duration_s,
            }
            for cell in notebook.cells
        ]
    lines.append({"kind": "run_finished", "state": "passed"})
    record = History(data).folder(document.run_id).record
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))


def _trend_page(
    data: Path, document: RunDocument
) -> tuple[float, float, float]:
    """Return the seconds of the page: all, again, and the cells of one."""
    history = History(data)

    def everything() -> None:
        found = trend(history, None)
        assert len(found.notebooks) == len(document.notebooks)
        assert all(len(one.results) == 20 for one in found.notebooks)
        found.model_dump_json()

    def one() -> None:
        found = trend(history, f"{document.folder}/n0.ipynb")
        (cells,) = [notebook.cells for notebook in found.notebooks]
        assert len(cells) == 30
        assert all(None not in cell.times_s for cell in cells)
        found.model_dump_json()

    return (
        _took(everything),
        median(_took(everything) for _ in range(5)),
        median(_took(one) for _ in range(5)),
    )


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    _ = work()
    return time.perf_counter() - began


def main(argv: Sequence[str]) -> bool:
    """Print the table; return whether a limit was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as scratch:
        folder, data = Path(scratch, "checks"), Path(scratch, "data")
        folder.mkdir()
        for number in range(40):
            path = folder / f"n{number}.ipynb"
            path.write_text(book(["x = 1"] * 30))
        document = _document(folder.resolve(), 40, 30)
        added, taken_out = _write(data, document, options.runs)
        environment = LabEnvironment(variables={})

        def listed(service: RunnerService) -> None:
            found = service.notebooks(
                folder, repository="checks", applications=None
            )
            assert all(len(x.recent) == 10 for x in found.notebooks)
            assert all(x.usual and x.usual.n == 20 for x in found.notebooks)

        def service() -> RunnerService:
            return RunnerService(
                root=folder, data_dir=data, environment=environment
            )

        first = _took(lambda: listed(service()))
        kept = service()
        listed(kept)
        again = median(_took(lambda: listed(kept)) for _ in range(5))
        _write_record(data, document)
        page = _trend_page(data, document)
        size = timings_of(data / "runs").stat().st_size
    most = sorted(added)[int(0.95 * len(added))]
    mean = (sum(added) + sum(taken_out)) / len(added)
    print(f"  {options.runs} runs x 40 notebooks x 30 cells, {size} bytes")
    print(f"  list, first time     {first * 1e3:7.1f} ms  (limit 100)")
    print(f"  list, again          {again * 1e3:7.1f} ms  (limit 100)")
    print(f"  page, first time     {page[0] * 1e3:7.1f} ms  (limit 300)")
    print(f"  page, again          {page[1] * 1e3:7.1f} ms  (limit 300)")
    print(f"  page, one notebook   {page[2] * 1e3:7.1f} ms  (limit 300)")
    print(f"  a run adds, median   {median(added) * 1e3:7.1f} ms  (limit 5)")
    print(f"  a run adds, 95 %     {most * 1e3:7.1f} ms  (limit 5)")
    print(f"  both together, mean  {mean * 1e3:7.1f} ms  (limit 5)")
    print(
        f"  what no longer counts was taken out {len(taken_out)} times, "
        f"median {median(taken_out) * 1e3:.1f} ms, "
        f"at most {max(taken_out) * 1e3:.1f} ms"
    )
    limits = (
        (max(first, again), 0.1),
        (max(page), 0.3),
        (max(most, mean), 5e-3),
    )
    return any(seconds > limit for seconds, limit in limits)


if __name__ == "__main__":
    raise SystemExit(main(__import__("sys").argv[1:]))
