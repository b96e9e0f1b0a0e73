"""The record of any run can be read, however large the run was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.errors import UnreadableFileError
from rsp_health.redaction import Redactor
from rsp_health.runner.models import CellError
from rsp_health.runner.planning import plan as plans
from rsp_health.runner.planning.plan import (
    PlannedNotebook,
    RunPlan,
    tell_cells,
)
from rsp_health.runner.record import reducer as taking
from rsp_health.runner.record import writer as record
from rsp_health.runner.record.run_document import read_document, reduce_lines
from rsp_health.runner.record.writer import RecordWriter, read_lines
from rsp_health.runner.record_lines import (
    CellFinished,
    CellStarted,
    NotebookFinished,
    NotebookStarted,
    RunFinished,
    RunStarted,
    ToldCell,
    ToldNotebook,
)
from tests.support.record_lines import lines_of

if TYPE_CHECKING:
    from rsp_health.runner.models import NotebookResult, RunDocument

_AT = "2026-11-20T12:00:00.000Z"


def _cells(count: int) -> list[ToldCell]:
    return [
        ToldCell(
            index=number,
            id=f"cell-{number:04d}",
            source=f"x = [f({number}), {{1: 2}}]",
            source_sha256="0" * 64,
        )
        for number in range(1, count + 1)
    ]


def _plan(notebooks: int, cells: int) -> RunPlan:
    plan = RunPlan(
        folder=Path("/x"),
        notebooks=[
            PlannedNotebook(
                path=Path(f"/x/{number}.ipynb"),
                relative=f"{number}.ipynb",
                cells=_cells(cells),
            )
            for number in range(notebooks)
        ],
    )
    tell_cells(plan)
    return plan


def _write(
    path: Path, plan: RunPlan, *, bad: frozenset[int], attempts: int = 1
) -> None:
    """Write what a run writes whose notebooks fail at their last cell."""
    writer = RecordWriter(path, redactor=Redactor(), heartbeat_s=0)
    writer._sync = lambda: None  # type: ignore[method-assign]
    told = [
        ToldNotebook(path=n.relative, cells=n.cells if n.cells_told else [])
        for n in plan.notebooks
    ]
    writer.write(RunStarted(run_id="20261120T120000Z-0001", notebooks=told))
    for number, planned in enumerate(plan.notebooks):
        name = planned.relative
        for attempt in range(1, attempts + 1):
            again = attempt > 1 or not planned.cells_told
            writer.write(
                NotebookStarted(
                    notebook=name,
                    attempt=attempt,
                    cells=planned.cells if again else None,
                )
            )
            for cell in planned.cells:
                index = cell.index
                fails = number in bad and index == len(planned.cells)
                writer.write(CellStarted(notebook=name, cell_index=index))
                writer.write(
                    CellFinished(
                        notebook=name,
                        cell_index=index,
                        state="failed" if fails else "passed",
                    )
                )
        state = "failed" if number in bad else "passed"
        writer.write(NotebookFinished(notebook=name, state=state))
    writer.write(RunFinished(state="failed", duration_s=1.0))
    writer.close()


def _read(path: Path) -> RunDocument:
    document = read_document(path)
    assert document is not None
    return document


def _check_ends(document: RunDocument, bad: frozenset[int]) -> None:
    """Each notebook has its state, and what went wrong is listed."""
    assert document.state == "failed"
    assert [
        number
        for number, notebook in enumerate(document.notebooks)
        if notebook.state == "failed"
    ] == sorted(bad)
    for number in bad:
        cells = document.notebooks[number].cells
        assert [c.state for c in cells][-1:] == ["failed"], number
    assert "not_run" not in {
        cell.state for n in document.notebooks for cell in n.cells
    }


def _is_cut(notebook: NotebookResult) -> bool:
    return any("not listed" in note for note in notebook.notes)


@pytest.mark.slow
def test_a_thousand_notebooks_of_sixty_cells(tmp_path: Path) -> None:
    bad = frozenset({0, 5, 500, 999})
    _write(tmp_path / "r", _plan(1000, 60), bad=bad)
    document = _read(tmp_path / "r")
    _check_ends(document, bad)
    assert document.totals.passed == 996
    assert sum(len(n.cells) for n in document.notebooks) <= 30_000
    # Whatever is not listed is said to be so.
    assert all((len(n.cells) < 60) is _is_cut(n) for n in document.notebooks)


@pytest.mark.parametrize("attempts", [1, 3])
def test_beyond_the_bounds_what_went_wrong_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attempts: int
) -> None:
    monkeypatch.setattr(taking, "_MOST_CELLS", 30)
    monkeypatch.setattr(plans, "_TOLD_CELLS", 20)
    monkeypatch.setattr(record, "_CELLS_LINES", 100)
    bad = frozenset({0, 3, 11})
    plan = _plan(12, 7)
    assert [n.cells_told for n in plan.notebooks].count(True) == 2
    _write(tmp_path / "r", plan, bad=bad, attempts=attempts)
    document = _read(tmp_path / "r")
    _check_ends(document, bad)
    assert sum(len(n.cells) for n in document.notebooks) <= 30
    assert all((len(n.cells) < 7) is _is_cut(n) for n in document.notebooks)


def test_an_attempts_cells_replace_those_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_MOST_CELLS", 10)
    _write(tmp_path / "r", _plan(1, 7), bad=frozenset({0}), attempts=4)
    document = _read(tmp_path / "r")
    assert len(document.notebooks[0].cells) == 7
    assert document.notebooks[0].attempts == 4


def test_a_record_of_before_with_too_many_cells_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _plan(9, 7)
    for notebook in plan.notebooks:
        notebook.cells_told = True
    _write(tmp_path / "r", plan, bad=frozenset({1}))
    monkeypatch.setattr(taking, "_MOST_CELLS", 30)
    _check_ends(_read(tmp_path / "r"), frozenset({1}))


def test_one_line_tells_no_more_than_can_be_read(tmp_path: Path) -> None:
    plan = _plan(22, 1000)
    told = [n for n in plan.notebooks if n.cells_told]
    assert 0 < len(told) < 22
    _write(tmp_path / "r", RunPlan(plan.folder, told), bad=frozenset())
    assert len(read_lines(tmp_path / "r")[0]) > 1


_FIRST = {
    "kind": "run_started",
    "at": _AT,
    "run_id": "20261120T120000Z-0001",
    "notebooks": [
        {"path": "a.ipynb", "selected": True, "cells": [{"index": 1}]}
    ],
}


def _line(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "at": _AT, "notebook": "a.ipynb", **fields}


@pytest.mark.parametrize("word", ["flaky", 5, None, ["passed"], {"a": 1}])
def test_a_state_that_is_not_known_spoils_nothing_else(word: Any) -> None:
    """Labs of several images share a home."""
    started = _line("notebook_started", attempt=1)
    cell = _line("cell_finished", cell_index=1, state="failed")
    done = _line("notebook_finished", state="failed")
    end = {"kind": "run_finished", "at": _AT, "state": "failed"}

    document = reduce_lines(
        lines_of(_FIRST, started, {**cell, "state": word}, done, end)
    )
    assert document is not None
    assert document.state == "failed"
    assert document.notebooks[0].cells[0].state == "stopped"

    document = reduce_lines(
        lines_of(_FIRST, started, cell, {**done, "state": word}, end)
    )
    assert document is not None
    assert document.notebooks[0].state == "error"
    assert document.notebooks[0].cells[0].state == "failed"
    assert "does not know" in str(document.notebooks[0].reason)

    document = reduce_lines(
        lines_of(_FIRST, started, cell, done, {**end, "state": word})
    )
    assert document is not None
    assert document.state == "error"
    assert document.finished_at is not None
    assert document.notebooks[0].state == "failed"


def test_what_is_not_known_of_a_run_is_left_out() -> None:
    odd = {"mode": "dreaming", "backend": 5, "folder": [], "problems": [5]}
    document = reduce_lines(lines_of({**_FIRST, **odd}))
    assert document is not None
    assert (document.mode, document.backend) == ("jupyter", "local")
    assert (document.folder, document.problems) == (None, [])
    document.model_dump_json()


@pytest.mark.parametrize("started", [True, False])
def test_only_what_is_no_run_is_to_be_removed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: bool,
) -> None:
    monkeypatch.setattr(record, "_RECORD_LINES", 3)
    lines: list[dict[str, Any]] = [_line("cell_started", cell_index=1)] * 5
    if started:
        lines.insert(0, _FIRST)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "r").write_text(text)
    with pytest.raises(UnreadableFileError) as caught:
        read_document(tmp_path / "r")
    assert ("Remove" in caught.value.hint) is not started
    assert "other runs are listed" in caught.value.hint


@pytest.mark.parametrize(
    ("secret", "line"),
    [
        (
            "pathfinder2026",
            {
                "kind": "run_started",
                "run_id": "r",
                "notebooks": [{"path": "finder2026.ipynb"}],
            },
        ),
        (
            "cells-path-2026",
            {
                "kind": "run_started",
                "run_id": "r",
                "notebooks": [
                    {"path": "a.ipynb", "selected": True, "cells": []},
                    {"path": "2026/b.ipynb", "selected": True, "cells": []},
                ],
            },
        ),
        (
            "passed-reason-2026",
            {
                "kind": "notebook_finished",
                "notebook": "a.ipynb",
                "state": "passed",
                "reason": "2026: ok",
            },
        ),
        (
            "stopped-by-user",
            {"kind": "run_finished", "state": "stopped", "reason": "by user"},
        ),
        (
            "portal-nublado-2026",
            {
                "kind": "run_started",
                "run_id": "r",
                "problems": ["portal", "nublado 2026"],
            },
        ),
    ],
)
def test_neighbouring_fields_are_no_secret(
    tmp_path: Path, secret: str, line: dict[str, Any]
) -> None:
    redactor = Redactor([secret])
    writer = RecordWriter(tmp_path / "r", redactor=redactor, heartbeat_s=0)
    (written,) = lines_of(line)
    writer.write(written)
    # One that is there is found, and takes nothing but itself.
    error = CellError(ename="E", evalue=f"no {secret}!", traceback="")
    writer.write(CellFinished(notebook="a.ipynb", cell_index=1, error=error))
    writer.close()
    first, second = read_lines(tmp_path / "r")[0]
    assert first == written
    assert isinstance(second, CellFinished)
    assert second.error is not None
    assert (second.error.evalue, second.notebook) == (
        "no [secret]!",
        "a.ipynb",
    )


def test_a_password_like_our_own_words_changes_no_state(
    tmp_path: Path,
) -> None:
    run_id = "20261120T120000Z-0001"
    redactor = Redactor(["run_started", run_id])
    writer = RecordWriter(tmp_path / "r", redactor=redactor, heartbeat_s=0)
    writer.write(RunStarted(run_id=run_id, problems=[f"is {run_id}"]))
    writer.close()
    (line,) = read_lines(tmp_path / "r")[0]
    assert isinstance(line, RunStarted)
    assert line.run_id == run_id
    assert line.problems == ["is [secret]"]
