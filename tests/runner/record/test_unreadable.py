"""A record that is damaged, planted or endless spoils only its own run."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from rsp_health.cli.main import cli
from rsp_health.errors import BadInputError, NotFoundError
from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.record.history import History
from rsp_health.runner.record.run_folder import RunFolder
from rsp_health.runner.record.writer import read_lines
from rsp_health.runner.service import RunnerService

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = "20261120T120000Z-0001"
BAD = "20261120T130000Z-0002"


def lines(run_id: str = GOOD, **fields: Any) -> list[dict[str, Any]]:
    at = "2026-11-20T12:00:00.000Z"
    first = {
        "kind": "run_started",
        "at": at,
        "run_id": run_id,
        "notebooks": [{"path": "a.ipynb", "selected": True}],
    }
    return [
        {**first, **fields},
        {
            "kind": "notebook_finished",
            "at": at,
            "notebook": "a.ipynb",
            "state": "failed",
        },
        {"kind": "run_finished", "at": at, "state": "failed"},
    ]


def record(data_dir: Path, run_id: str, found: list[dict[str, Any]]) -> Path:
    folder = RunFolder.create(data_dir, run_id)
    text = "".join(json.dumps(line) + "\n" for line in found)
    folder.record.write_text(text)
    return folder.record


def service(tmp_path: Path) -> RunnerService:
    return RunnerService(
        root=tmp_path,
        data_dir=tmp_path,
        environment=LabEnvironment(variables={}),
    )


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "pipe": pipe,
    "device": device,
    "folder": folder,
    "deep": lambda path: append(path, b"[" * 10_000 + b"\n"),
    "deep and closed": lambda path: append(
        path, b"[" * 3000 + b"]" * 3000 + b"\n"
    ),
    "digits": lambda path: append(path, b'{"kind": ' + b"9" * 5000 + b"}\n"),
    "wide": lambda path: append(path, b"[" + b"[]," * 600_000 + b"[]]\n"),
    "endless": lambda path: os.truncate(path, 1 << 40),
    "no first line": lambda path: path.write_bytes(
        path.read_bytes().partition(b"\n")[2]
    ),
    "another kind": lambda path: path.write_bytes(b'{"a": 1}\n'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_it_alone_is_unreadable(tmp_path: Path, damage: str) -> None:
    record(tmp_path, GOOD, lines())
    DAMAGES[damage](record(tmp_path, BAD, lines(BAD)))
    runner = service(tmp_path)
    found = runner.list().runs
    assert [(run.run_id, run.state) for run in found] == [
        (BAD, "unreadable"),
        (GOOD, "failed"),
    ]
    document = runner.get(BAD)
    assert document.state == "unreadable"
    assert document.reason is not None
    assert str(tmp_path / "runs" / BAD) in document.reason
    assert document.started_at.isoformat() == "2026-11-20T13:00:00+00:00"
    assert runner.active() == []
    assert runner.stop(BAD).state == "unreadable"
    runner.follow(BAD, 0)
    for fmt in ("html", "junit"):
        with pytest.raises(BadInputError, match="unreadable"):
            runner.report(BAD, fmt)
    with pytest.raises(NotFoundError):
        runner.copy(BAD, "a.ipynb", "read")


def test_it_is_listed_as_what_it_is_once_it_is_repaired(
    tmp_path: Path,
) -> None:
    path = record(tmp_path, BAD, lines(BAD))
    text = path.read_bytes()
    append(path, b"[" * 10_000 + b"\n")
    history = History(tmp_path)
    assert [run.state for run in history.summaries()] == ["unreadable"]
    path.write_bytes(text)
    assert [run.state for run in history.summaries()] == ["failed"]


def test_a_run_is_that_of_its_folder(tmp_path: Path) -> None:
    record(tmp_path, BAD, lines("../../../etc"))
    (found,) = History(tmp_path).summaries()
    assert found.run_id == BAD
    assert service(tmp_path).get(BAD).run_id == BAD


def test_names_that_are_no_dates(tmp_path: Path) -> None:
    name = "99999999T999999Z-abcd"
    pipe(record(tmp_path, name, lines()))
    (found,) = History(tmp_path).summaries()
    assert (found.run_id, found.state) == (name, "unreadable")


def test_a_time_that_is_none_ends_a_run_all_the_same(tmp_path: Path) -> None:
    path = record(tmp_path, BAD, lines(BAD))
    path.write_text(path.read_text().replace("2026-11-20", "99999-99-99"))
    document = service(tmp_path).get(BAD)
    assert (document.state, document.finished_at) == (
        "failed",
        document.started_at,
    )
    path.write_text(path.read_text().splitlines()[0] + "\n")
    document = service(tmp_path).get(BAD)
    assert document.state == "interrupted"
    assert document.finished_at is not None


def test_half_a_character_ends_no_answer(tmp_path: Path) -> None:
    path = record(tmp_path, BAD, lines(BAD))
    path.write_text(path.read_text().replace("a.ipynb", "\\ud800.ipynb"))
    document = service(tmp_path).get(BAD)
    assert document.notebooks[0].path == "\ufffd.ipynb"
    assert document.notebooks[0].state == "failed"
    document.model_dump_json()


def test_a_file_with_holes_costs_no_run(tmp_path: Path) -> None:
    record(tmp_path, GOOD, lines())
    os.truncate(record(tmp_path, BAD, lines(BAD)), 1 << 40)
    assert service(tmp_path).prune() == []
    assert len(History(tmp_path).ids()) == 2


def test_a_pipe_is_followed_without_waiting(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    os.mkfifo(path)
    assert read_lines(path, 5) == ([], 5)


def test_the_terminal_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RSP_HEALTH_DATA_DIR", str(tmp_path))
    pipe(record(tmp_path, BAD, lines(BAD)))
    for words in (["runs"], ["runs", "show", BAD]):
        done = CliRunner().invoke(
            cli, ["--data-dir", str(tmp_path), *words], terminal_width=200
        )
        assert "unreadable" in done.output, done.output
    assert "not a regular file" in " ".join(done.output.split())
