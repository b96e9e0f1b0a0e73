from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.checks.environment import notebook_save

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.doctor.models import Finding

    from ...conftest import Lab

EMPTY = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def notebook(lab: Lab) -> Path:
    return lab.write("work/a.ipynb", json.dumps(EMPTY))


def _look(lab: Lab, notebook: Path) -> Finding:
    return lab.look("notebook.save", notebook=notebook)


def test_a_notebook_that_can_be_saved_is_well(
    lab: Lab, notebook: Path
) -> None:
    found = _look(lab, notebook)

    assert found.state == "ok"
    assert found.evidence[1].value == "a notebook with 0 code cells"


def test_without_a_notebook_there_is_nothing_to_look_at(lab: Lab) -> None:
    assert lab.look("notebook.save").state == "not_applicable"


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_read_only_is_a_fault(
    lab: Lab, notebook: Path, what: str
) -> None:
    place = notebook if what == "file" else notebook.parent
    place.chmod(0o555)

    found = _look(lab, notebook)
    place.chmod(0o755)

    assert (found.state, found.whose) == ("fault", "your_environment")
    assert f"its {what} is read-only" in found.sentence
    assert found.next_step == (
        f"Make it writable: chmod u+w {lab.context().shown(place)}"
    )


def test_a_read_only_file_system_is_the_platforms(lab: Lab) -> None:
    script = (
        'mount -t tmpfs tmpfs "$HOME"; printf "%s" "$1" > "$HOME/a.ipynb";'
        ' mount -o remount,ro "$HOME"; shift'
    )

    found = lab.isolated(
        "notebook.save",
        script,
        json.dumps(EMPTY),
        notebook=str(lab.home / "a.ipynb"),
    )

    assert (found.state, found.whose) == ("fault", "platform")


@pytest.mark.parametrize(
    ("limit", "state"),
    [("_LARGE_BYTES", "attention"), ("_REFUSED_BYTES", "fault")],
)
def test_a_large_one_is_told(
    lab: Lab,
    notebook: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    state: str,
) -> None:
    monkeypatch.setattr(notebook_save, limit, 10)

    found = _look(lab, notebook)

    assert (found.state, found.whose) == (state, "your_code")
    assert "rsp-health clean a.ipynb" in found.next_step


def test_marks_of_a_conflict_are_told(lab: Lab, notebook: Path) -> None:
    notebook.write_text("{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> main\n}")

    found = _look(lab, notebook)

    assert found.state == "fault"
    assert "git could not resolve" in found.sentence


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nbformat": 9}'])
def test_what_is_no_notebook_is_told(
    lab: Lab, notebook: Path, text: str
) -> None:
    notebook.write_text(text)

    found = _look(lab, notebook)

    assert found.state == "fault"
    assert "cannot be opened as a notebook" in found.sentence


def test_no_such_file_is_not_known(lab: Lab) -> None:
    assert _look(lab, lab.home / "none.ipynb").state == "cannot_tell"
