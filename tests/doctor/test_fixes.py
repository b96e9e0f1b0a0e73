"""A fix is a rename that is undone byte for byte, whatever happens."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor import moves
from rsp_health.doctor.checks.environment.kernel_setups import NAME
from rsp_health.doctor.fixes import journal_of, plan_fix
from rsp_health.errors import (
    BadInputError,
    EnvironmentFailureError,
    NotFoundError,
)

from .checks.environment.test_python_shadow import USER, install
from .conftest import ROOT

if TYPE_CHECKING:
    from rsp_health.doctor.models import Repair
    from rsp_health.doctor.moves import MoveJournal

    from .conftest import Lab


def _tree(home: Path) -> dict[str, object]:
    """All that is below a home, but for our own notes."""
    found: dict[str, object] = {}
    for path in sorted(home.rglob("*")):
        if ".rsp-health" in path.parts:
            continue
        status = path.lstat()
        content: object = None
        if path.is_symlink():
            content = path.readlink()
        elif path.is_file():
            content = path.read_bytes()
        name = str(path.relative_to(home))
        found[name] = (stat.S_IMODE(status.st_mode), status.st_ino, content)
    return found


def _notes(lab: Lab) -> list[Path]:
    return list((lab.home / ".rsp-health" / "doctor").glob("*"))


@pytest.fixture
def journal(lab: Lab) -> MoveJournal:
    return journal_of(lab.context())


@pytest.fixture
def plan(lab: Lab) -> Repair:
    lab.write(NAME, "if\n").chmod(0o640)
    return plan_fix(lab.look("kernel.setups"), lab.context())


def test_setups_are_moved_aside_and_back(
    lab: Lab, journal: MoveJournal, plan: Repair
) -> None:
    before = _tree(lab.home)

    done = journal.move(plan)

    assert lab.look("kernel.setups").state == "not_applicable"
    target = lab.home / f".user_env.{done.id}" / "notebooks" / "user_setups"
    assert target.read_text() == "if\n"

    assert journal.undo(journal.latest()).state == "undone"
    assert _tree(lab.home) == before
    assert _notes(lab) == []


def test_packages_are_moved_aside_and_back(
    lab: Lab, tmp_path: Path, journal: MoveJournal
) -> None:
    stack = tmp_path / "stack"
    env = stack / "conda/envs/lsst-scipipe-1/lib/python3.12/site-packages"
    install(env, "numpy", "2.1.3")
    install(lab.home / USER, "numpy", "1.24.0")
    lab.write(f"{USER}/numpy/__init__.py", "raise ImportError")
    (lab.home / USER / "link").symlink_to("nowhere")
    before = _tree(lab.home)
    found = lab.look("python.shadow", stack=stack)

    done = journal.move(plan_fix(found, lab.context(stack=stack)))

    assert lab.look("python.shadow", stack=stack).state == "ok"
    aside = lab.home / f".user_env.{done.id}/local/lib/python3.12"
    assert (aside / "site-packages/numpy/__init__.py").is_file()
    journal.undo(done.id)
    assert _tree(lab.home) == before


def test_a_plan_changes_nothing(lab: Lab, plan: Repair) -> None:
    assert plan.state == "planned"
    assert (lab.home / NAME).exists()
    assert _notes(lab) == []


def test_what_has_no_fix_says_so(lab: Lab) -> None:
    with pytest.raises(BadInputError, match=r"to fix for home\.space"):
        plan_fix(lab.look("home.space"), lab.context())


def test_names_that_are_taken_are_left_alone(
    lab: Lab, journal: MoveJournal, plan: Repair
) -> None:
    lab.write(f".user_env.{plan.id}/notebooks/user_setups", "older")

    with pytest.raises(EnvironmentFailureError, match="Cannot move it aside"):
        journal.move(plan)

    assert (lab.home / NAME).read_text() == "if\n"
    assert _notes(lab) == []
    again = plan_fix(lab.look("kernel.setups"), lab.context())
    assert again.id != plan.id
    assert journal.move(again).state == "done"


def test_what_took_its_place_is_left_alone(
    lab: Lab, journal: MoveJournal, plan: Repair
) -> None:
    journal.move(plan)
    newer = lab.write(NAME, "setup newer")

    undone = journal.undo(plan.id)

    assert undone.state == "partly_undone"
    assert "There is another" in undone.moves[0].problem
    assert newer.read_text() == "setup newer"
    newer.unlink()
    assert journal.undo(plan.id).state == "undone"
    assert (lab.home / NAME).read_text() == "if\n"


def test_what_was_deleted_since_is_told(
    lab: Lab, journal: MoveJournal, plan: Repair
) -> None:
    Path(journal.move(plan).moves[0].target).unlink()

    assert journal.undo(plan.id).moves[0].problem == (
        "It is not where it was moved to."
    )


def test_nothing_to_undo_says_so(journal: MoveJournal) -> None:
    with pytest.raises(NotFoundError):
        journal.latest()
    for id in ("20200101000000", "../../etc/passwd", ""):
        with pytest.raises(NotFoundError):
            journal.undo(id)


@pytest.mark.parametrize("text", ["{", "[]", '{"check": "x", "moves": [{}]}'])
def test_a_damaged_journal_says_so(
    lab: Lab, journal: MoveJournal, text: str
) -> None:
    lab.write(".rsp-health/doctor/20200101000000.json", text)

    with pytest.raises(BadInputError):
        journal.undo(journal.latest())


#: Steps of a fix and of an undo, after each of which the process may die.
STEPS = ("write_json", "rename_noreplace", "fsync_directory")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("late", [False, True])
def test_after_a_crash_it_can_be_undone(
    lab: Lab,
    journal: MoveJournal,
    plan: Repair,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    late: bool,
) -> None:
    before = _tree(lab.home)
    real = getattr(moves, step)

    def crash(*arguments: object) -> None:
        if late:
            real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(moves, step, crash)
    with pytest.raises(KeyboardInterrupt):
        journal.move(plan)
    monkeypatch.undo()

    if _notes(lab):
        assert journal.undo(journal.latest()).state == "undone"
    tree = _tree(lab.home)
    assert {k: v for k, v in tree.items() if k in before} == before
    assert all(k.startswith(".user_env.") for k in tree.keys() - before.keys())


@pytest.mark.parametrize("step", STEPS)
def test_what_fails_is_taken_back(
    lab: Lab,
    journal: MoveJournal,
    plan: Repair,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    before = _tree(lab.home)
    real, calls = getattr(moves, step), []

    def fail(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(moves, step, fail)
    with pytest.raises(EnvironmentFailureError, match="the disk is full"):
        journal.move(plan)

    assert _tree(lab.home) == before
    assert _notes(lab) == []


def _call(lab: Lab, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "rsp_health.cli.start", "doctor"),
            *("--check-timeout", "60"),
            *arguments,
        ],
        env={"PATH": os.defpath, "HOME": str(lab.home), **lab.variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_shows_makes_and_undoes_it(lab: Lab) -> None:
    lab.write(NAME, "if\n")
    before = _tree(lab.home)

    shown = _call(lab, "fix", "kernel.setups", "--dry-run")
    assert shown.stdout.startswith(f"Would move {lab.home}/{NAME} to ")
    assert _tree(lab.home) == before

    made = json.loads(_call(lab, "fix", "kernel.setups", "--json").stdout)
    assert (made["schema"], made["state"]) == (
        "rsp-health.doctor-fix/1",
        "done",
    )
    undone = _call(lab, "undo", made["id"])
    assert (undone.returncode, undone.stderr) == (0, "")
    assert _tree(lab.home) == before
    assert _call(lab, "undo").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [("fix",), ("fix", "kernel"), ("fix", "home.space"), ("--dry-run",)],
)
def test_a_call_that_is_wrong_is_two(
    lab: Lab, arguments: tuple[str, ...]
) -> None:
    done = _call(lab, *arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_home_that_cannot_be_looked_at_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, **_: object) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "exists", refuse)

    with pytest.raises(EnvironmentFailureError):
        moves.MoveJournal(lab.home / "journal", lab.home).plan("a", {})
