"""``rsp-health bot`` and ``run --every``: the call, and one real turn."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from click import UsageError
from click.testing import CliRunner

from rsp_health.cli.main import cli
from rsp_health.errors import EnvironmentFailureError
from rsp_health.flocks import sentence, summary
from tests.faults.bot import expected_summary
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb" / "a.ipynb").write_bytes(notebook("1"))
    (tmp_path / "nb" / "b.ipynb").write_bytes(notebook("1/0"))
    return tmp_path


def call(folder: Path, *words: str) -> Result:
    data = str(folder / "data")
    return CliRunner().invoke(
        cli,
        [*words, "--data-dir", data],
        env={"HOME": str(folder)},
        standalone_mode=False,
    )


def test_a_bot_of_a_real_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.nice", lambda _: 0)
    nb = str(folder / "nb")
    moves = json.loads(notebook("1"))
    moves["metadata"]["rsp_health"] = {"effects": "hardware"}
    telescope = folder / "telescope.ipynb"
    telescope.write_text(json.dumps(moves))
    numbers = folder / "run.prom"
    done = call(
        folder,
        *("run", nb, str(telescope), "--every", "1h", "--until", "30m"),
        *("--metrics", str(numbers)),
    )
    assert (done.return_value, done.stdout) == (1, "")
    assert re.fullmatch(
        r"1 notebook does more than this run may: left out\. "
        r"To run it, add --effects hardware\.\n"
        r"\d{8}T\d{6}Z-\w+: 1 passed, 1 did not: nb/b\.ipynb\n"
        r"The bot has ended: 1 passed, 1 did not\.\n",
        done.stderr,
    )
    assert "rsp_health_run_success 0.0" in numbers.read_text()
    document = json.loads(call(folder, "bot", "show", "--json").stdout)
    assert document["schema"] == "rsp-health.bot/1"
    state = document["state"]
    assert (state["successes"], state["failures"], state["cycles"]) == (
        1,
        1,
        1,
    )
    shown = call(folder, "bot").stdout.splitlines()
    assert shown[:2] == [
        "No bot is at work.",
        "Currently running 0 flocks against this computer. The last one:",
    ]
    assert shown[2].endswith(" with 1 failure (50.00% success)")


def test_its_runs_know_its_settings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Path]] = []

    def refuse(*_: object, places: dict[str, Path], **__: object) -> None:
        asked.append(places)
        raise EnvironmentFailureError("No process could be started.", hint="")

    monkeypatch.setattr("os.nice", lambda _: 0)
    monkeypatch.setattr("rsp_health.runner.service.spawn_run", refuse)
    config = folder / "site.py"
    config.touch()
    words = ("--every", "1h", "--until", "30m", "--config", str(config))
    done = call(folder, "run", str(folder / "nb"), *words)
    assert done.stderr.splitlines() == [
        "No process could be started.",
        "The bot has ended: 0 passed, 0 did not.",
    ]
    (places,) = asked
    assert places["--config"] == config


def test_pause_and_resume(folder: Path) -> None:
    assert "There is no test bot." in call(folder, "bot").stdout
    paused = call(folder, "bot", "pause")
    assert (paused.return_value, paused.stderr.splitlines()) == (
        0,
        [
            "The bot is paused.",
            "No bot is at work now: rsp-health run PATH --every 10m",
        ],
    )
    assert "paused already" in call(folder, "bot", "pause").stderr
    told = json.loads(call(folder, "bot", "show", "--json").stdout)
    assert told["paused_since"] is not None
    assert "The bot goes on." in call(folder, "bot", "resume").stderr
    assert "was not paused" in call(folder, "bot", "resume").stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--every", "10"], "such as 10m"),
        (["--every", "10m", "--until", "yesterday"], "it must be a duration"),
        (["--until", "8h"], "--until goes with --every"),
        (["--every", "10m", "--kernel", "x"], "--kernel does not go"),
        (["--every", "10m", "--retries", "2"], "--retries does not go"),
    ],
)
def test_calls_that_are_wrong(
    folder: Path, words: list[str], said: str
) -> None:
    done = call(folder, "run", str(folder / "nb"), *words)
    assert isinstance(done.exception, UsageError)
    assert said in done.exception.format_message()


def test_the_wording_is_mobu_s() -> None:
    from datetime import UTC, datetime

    began = datetime(2026, 11, 22, tzinfo=UTC)
    for passed, failed in (
        (0, 0),
        (1, 0),
        (0, 1),
        (20_000, 1),
        (19_999, 1),
        (2, 1),
    ):
        text = summary(
            "https://rsp.example",
            [sentence("rsp-health", 1, began, failed, passed)],
        )
        assert text == expected_summary(began, passed, failed)
