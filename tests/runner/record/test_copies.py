"""Executed copies that the lab can open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from rsp_health.errors import (
    BadInputError,
    ConflictError,
    EnvironmentFailureError,
    NotFoundError,
)
from rsp_health.runner.models import NotebookResult, RunDocument
from rsp_health.runner.record import copies
from rsp_health.runner.record.copies import open_copy
from rsp_health.wire import utc_now

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.models import CopyPurpose

EXECUTED = b'{"cells": [], "nbformat": 4}\n'
RUN_ID = "20261120T213341Z-3f9c"


def document(**executed: str | None) -> RunDocument:
    return RunDocument(
        run_id=RUN_ID,
        state="failed",
        started_at=utc_now(),
        notebooks=[
            NotebookResult(path=path, state="failed", executed_path=copy)
            for path, copy in executed.items()
        ],
    )


@pytest.fixture
def hidden(tmp_path: Path) -> str:
    """A copy as a run leaves it."""
    path = tmp_path / ".rsp-health" / "runs" / RUN_ID / "executed" / "a.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(EXECUTED)
    return path.relative_to(tmp_path).as_posix()


def test_one_to_read_is_copied_once(tmp_path: Path, hidden: str) -> None:
    run = document(**{"sub/.old/a.ipynb": hidden})
    first = open_copy(run, "sub/.old/a.ipynb", root=tmp_path, purpose="read")
    assert first.created
    assert first.path == f"rsp-health-runs/{RUN_ID}/sub/_old/a.ipynb"
    path = tmp_path / first.path
    assert path.read_bytes() == EXECUTED
    path.write_bytes(b"what the user made of it")
    again = open_copy(run, "sub/.old/a.ipynb", root=tmp_path, purpose="read")
    assert (again.path, again.created) == (first.path, False)
    assert path.read_bytes() == b"what the user made of it"
    assert [p.name for p in path.parent.iterdir()] == ["a.ipynb"]


def test_each_one_to_debug_is_new(
    tmp_path: Path, hidden: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_MOST", 3)
    run = document(**{"a.ipynb": hidden})
    made = [
        open_copy(run, "a.ipynb", root=tmp_path, purpose="debug").path
        for _ in range(3)
    ]
    folder = f"rsp-health-runs/{RUN_ID}"
    assert made == [
        f"{folder}/a-debug.ipynb",
        f"{folder}/a-debug-2.ipynb",
        f"{folder}/a-debug-3.ipynb",
    ]
    with pytest.raises(ConflictError, match="3 copies of"):
        open_copy(run, "a.ipynb", root=tmp_path, purpose="debug")
    assert len(list((tmp_path / folder).iterdir())) == 3


def test_what_the_lab_can_open_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.ipynb").write_bytes(EXECUTED)
    run = document(**{"a.ipynb": "out/a.ipynb"})
    copy = open_copy(run, "a.ipynb", root=tmp_path, purpose="read")
    assert (copy.path, copy.created) == ("out/a.ipynb", False)
    # Debugging changes it, so that gets a copy all the same.
    copy = open_copy(run, "a.ipynb", root=tmp_path, purpose="debug")
    assert copy.path.startswith("rsp-health-runs/")


@pytest.mark.parametrize("asked", ["a.ipynb", "b.ipynb", "../a.ipynb", "\0"])
def test_no_copy_to_open(tmp_path: Path, asked: str) -> None:
    run = document(**{"a.ipynb": ".gone/a.ipynb", "b.ipynb": None})
    with pytest.raises(NotFoundError, match="no executed copy"):
        open_copy(run, asked, root=tmp_path, purpose="read")
    assert not (tmp_path / "rsp-health-runs").exists()


def test_nothing_is_written_outside_the_root(
    tmp_path: Path, hidden: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    root.mkdir()
    (root / "rsp-health-runs").symlink_to(outside)
    run = document(**{"../../a.ipynb": str(tmp_path / hidden)})
    with pytest.raises(BadInputError, match="is not inside"):
        open_copy(run, "../../a.ipynb", root=root, purpose="read")
    assert list(outside.iterdir()) == []


def test_a_folder_that_is_a_file(tmp_path: Path, hidden: str) -> None:
    (tmp_path / "rsp-health-runs").write_text("mine")
    run = document(**{"a.ipynb": hidden})
    with pytest.raises(EnvironmentFailureError, match="Cannot copy"):
        open_copy(run, "a.ipynb", root=tmp_path, purpose="read")
    assert (tmp_path / "rsp-health-runs").read_text() == "mine"


@pytest.mark.parametrize("purpose", ["read", "debug"])
def test_what_is_no_notebook_is_not_copied(
    tmp_path: Path, purpose: CopyPurpose
) -> None:
    # A record that somebody edited may name any file.
    root = tmp_path / "root"
    for name, data in (
        ("key.txt", EXECUTED),
        ("key.ipynb", b"-----BEGIN PRIVATE KEY-----\n"),
        ("json.ipynb", b'{"password": "x"}'),
        ("empty.ipynb", b""),
    ):
        root.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "device.ipynb").symlink_to("/dev/zero")
    for name in (
        "/etc/passwd",
        *(str(path) for path in tmp_path.iterdir()),
        "../key.txt",
        "\0",
    ):
        run = document(**{"a.ipynb": name})
        with pytest.raises(NotFoundError):
            open_copy(run, "a.ipynb", root=root, purpose=purpose)
    assert not list(root.iterdir())


def test_what_is_too_large_is_not_copied(
    tmp_path: Path, hidden: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MAX_BYTES", 10)
    with pytest.raises(NotFoundError):
        open_copy(
            document(**{"a.ipynb": hidden}),
            "a.ipynb",
            root=tmp_path,
            purpose="read",
        )
