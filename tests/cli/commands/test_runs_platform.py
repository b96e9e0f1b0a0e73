"""``rsp-health runs platform``: the table, and why there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from rsp_health.cli.main import cli
from rsp_health.errors import BadInputError
from tests.runner.platform_times.test_lookup import answer, mine, point
from tests.support.sasquatch import PASSWORD, TOKEN, Platform

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from click.testing import Result


def call(platform: Platform, folder: Path, *words: str) -> Result:
    return CliRunner().invoke(
        cli,
        ["runs", "platform", *words, "--data-dir", str(folder)],
        env={
            "HOME": str(folder),
            "EXTERNAL_INSTANCE_URL": platform.url,
            "ACCESS_TOKEN": TOKEN,
        },
        standalone_mode=False,
    )


def test_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [point(2, "imports", 1.25), point(1, "imports", 1.75)]
    monkeypatch.setattr(
        "rsp_health.cli.commands.runs_platform._run", lambda *_: mine()
    )
    with Platform(lambda *_: answer(rows)) as platform:
        shown = call(platform, tmp_path)
        told = json.loads(call(platform, tmp_path, "--json").stdout)
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert (lines[2][:6]) == [
        "1",
        "0.25",
        "1.50",
        "\N{PLUS-MINUS SIGN}",
        "0.25",
        "2",
    ]
    assert "no judgement" in shown.stdout
    assert told["schema"] == "rsp-health.platform_times/1"
    assert told["database"] == "metrics"
    assert PASSWORD not in shown.output + str(told)


def test_without_a_run(tmp_path: Path) -> None:
    with Platform(lambda *_: answer()) as platform:
        done = call(platform, tmp_path)
    assert isinstance(done.exception, BadInputError)
