"""IPython's history, as SQLite finds it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.fixes import journal_of, plan_fix

if TYPE_CHECKING:
    from pathlib import Path

    from ...conftest import Lab


@pytest.fixture
def history(lab: Lab) -> Path:
    path = lab.write(".ipython/profile_default/history.sqlite", b"")
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE history (line)")
        database.commit()
    return path


def test_one_that_can_be_written_is_well_and_stays_as_it_was(
    lab: Lab, history: Path
) -> None:
    before = history.read_bytes(), history.stat().st_mtime_ns

    assert lab.look("python.history").state == "ok"

    assert (history.read_bytes(), history.stat().st_mtime_ns) == before
    assert list(history.parent.iterdir()) == [history]


def test_without_one_there_is_nothing_to_look_at(lab: Lab) -> None:
    assert lab.look("python.history").state == "not_applicable"


def test_one_that_another_process_holds_is_told(
    lab: Lab, history: Path
) -> None:
    with closing(sqlite3.connect(history)) as other:
        other.execute("BEGIN EXCLUSIVE")

        found = lab.look("python.history")

    assert (found.state, found.whose) == ("attention", "your_environment")
    assert found.evidence[0].value == "database is locked"


def test_a_damaged_one_is_a_fault_with_a_fix(lab: Lab, history: Path) -> None:
    history.write_bytes(b"no database" * 1000)

    found = lab.look("python.history")
    damaged = history.read_bytes()
    journal = journal_of(lab.context())
    journal.move(plan_fix(found, lab.context()))

    assert found.state == "fault"
    assert lab.look("python.history").state == "not_applicable"
    journal.undo(journal.latest())
    assert history.read_bytes() == damaged
