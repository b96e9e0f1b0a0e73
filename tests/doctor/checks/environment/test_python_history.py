"""IPython's history, as SQLite finds it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.checks.environment import python_history
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
    assert "in use by another process" in found.sentence


@pytest.mark.parametrize("which", ["file", "folder"])
def test_one_that_may_not_be_written_is_not_said_to_be_in_use(
    lab: Lab, history: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = history if which == "file" else history.parent
    # Root may write everywhere: the right itself is asked for.
    monkeypatch.setattr(
        os,
        "access",
        lambda path, mode: mode != os.W_OK or path != closed,
    )

    found = lab.look("python.history")

    assert (found.state, found.whose) == ("attention", "your_environment")
    assert "may not write" in found.sentence
    assert "in use" not in found.sentence
    assert found.fix is None


def test_one_that_cannot_be_opened_is_told_as_such(
    lab: Lab, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sqlite3, "connect", refuse)

    found = lab.look("python.history")

    assert found.state == "attention"
    assert "in use" not in found.sentence
    assert found.evidence[0].value == "unable to open database file"


def test_damage_in_the_middle_is_found(lab: Lab, history: Path) -> None:
    content = bytearray(history.read_bytes())
    content[4096:] = b"\xff" * len(content[4096:])
    history.write_bytes(content)

    found = lab.look("python.history")

    assert found.state == "fault"
    assert history.read_bytes() == content


def test_a_large_one_is_not_said_to_be_looked_through(
    lab: Lab, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(history)) as database:
        lines = ((f"line {number}",) for number in range(2000))
        database.executemany("INSERT INTO history VALUES (?)", lines)
        database.commit()
    monkeypatch.setattr(python_history, "_LOOK_S", -1.0)

    found = lab.look("python.history")

    assert found.state == "ok"
    assert "not looked through" in found.evidence[0].value


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
