"""``rsp-health sinks``, and what a run leaves to be sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from rsp_health.cli.main import cli
from tests.faults.runner.cases import notebook
from tests.support.receivers import Receiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def call(folder: Path, receiver: Receiver, *words: str) -> Result:
    config = folder / "site.py"
    config.write_text("c.HealthApp.sasquatch_topics = 'lsst.example'\n")
    common = ["--data-dir", str(folder / "data"), "--config", str(config)]
    environment = {
        "HOME": str(folder),
        "EXTERNAL_INSTANCE_URL": receiver.url,
    }
    return CliRunner().invoke(
        cli, [*words, *common], env=environment, standalone_mode=False
    )


def test_off_by_default(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["sinks", "--data-dir", str(tmp_path)])
    assert done.exit_code == 0
    assert "Nothing is sent anywhere" in done.stdout


def test_a_run_is_sent_by_a_process_of_its_own(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawned: list[Any] = []
    monkeypatch.setattr(
        "subprocess.Popen",
        lambda words, **more: spawned.append((words, more)),
    )
    (tmp_path / "a.ipynb").write_bytes(notebook("1"))
    path = str(tmp_path / "a.ipynb")
    options = ("--no-warm", "--applications", "")
    monkeypatch.setattr(
        "rsp_health.cli.commands.run.run_once", lambda *_: _document()
    )
    receiver.mood = "refusing"
    assert call(tmp_path, receiver, "run", path, *options).return_value == 0
    ((words, more),) = spawned
    assert words[1:6] == ["-P", "-m", "rsp_health.cli.start", "sinks", "send"]
    assert more["start_new_session"]
    assert receiver.headers == []  # the run itself sends nothing

    waits = call(tmp_path, receiver, "sinks", "send")
    assert (waits.return_value, waits.stdout) == (
        1,
        "3 events wait for sasquatch: Sasquatch answered HTTP 503.\n",
    )
    again = call(tmp_path, receiver, "run", path, *options)
    assert "Note: 3 events wait for sasquatch: " in again.stderr
    receiver.mood = "well"
    assert call(tmp_path, receiver, "sinks", "send").return_value == 0
    document = json.loads(call(tmp_path, receiver, "sinks", "--json").stdout)
    assert document == {
        "schema": "rsp-health.sinks/1",
        "sinks": [
            {
                "name": "sasquatch",
                "waiting": 0,
                "dropped": 0,
                "damaged": 0,
                "problem": "",
            }
        ],
    }


def _document() -> Any:
    from tests.runner.reports import runs

    return runs.run(runs.notebook("a.ipynb"), state="passed")
