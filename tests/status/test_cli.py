from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.cli.main import main
from rsp_health.states import SERVICE_STATES, VERDICT_STATES
from rsp_health.status.service import StatusService
from tests.faults.checkout.homes import git, notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.status.models import StatusDocument

    from .conftest import Lab

type Call = Callable[..., tuple[int, str, str]]

NONE = SERVICE_STATES["unmonitored"].sign


@pytest.fixture
def call(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Call:
    """Call ``rsp-health status`` in a lab on the sandbox."""
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: str) -> tuple[int, str, str]:
        for name in ("EXTERNAL_INSTANCE_URL", "REPERTOIRE_BASE_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in lab.variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(["status", "--data-dir", str(tmp_path / "d"), *arguments])
        out, err = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return code, out, err

    return run


def test_a_healthy_platform_is_zero(call: Call) -> None:
    code, out, _ = call()

    assert code == 0
    assert out.splitlines()[0] == "rsp-sandbox"
    assert re.search(r"✓ +TAP +up +just now +VOSI says available", out)
    assert re.search(rf"{NONE} +Argo CD +not probed", out)


@pytest.mark.parametrize(
    "scenario", ["healthy", "tap-down", "expired-token", "gafaelfawr-down"]
)
def test_the_last_line_is_the_verdict_word_for_word(
    lab: Lab, call: Call, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Panel, status bar and summary show the same two texts."""
    seen: list[StatusDocument] = []
    settle = StatusService.settle

    async def spy(*args: Any) -> StatusDocument:
        seen.append(await settle(*args))
        return seen[-1]

    monkeypatch.setattr(StatusService, "settle", spy)
    monkeypatch.setenv("COLUMNS", "1000")
    lab.set_scenario(scenario)

    _, out, _ = call()

    verdict = seen[0].verdict
    sign = VERDICT_STATES[verdict.state].sign
    line = f"{sign} {verdict.told} {verdict.advice}".strip()
    assert out.splitlines()[-1] == line


@pytest.mark.slow
def test_a_check_that_failed_is_in_the_last_line(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, upstream = tmp_path / "root", tmp_path / "upstream"
    root.mkdir()
    upstream.mkdir()
    (upstream / "tap.ipynb").write_text(notebook("1/0"))
    git(upstream, "init", "-q", "-b", "main")
    git(upstream, "add", ".")
    git(upstream, "commit", "-qm", "one")
    entry = {"id": "a", "title": "A", "url": str(upstream), "ref": "main"}
    settings = {"repositories": [entry], "allowed_git_protocols": ["file"]}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"HealthApp": settings}))
    common = ["--root", str(root), "--config", str(config)]
    monkeypatch.setenv("COLUMNS", "1000")
    data = ["--data-dir", str(tmp_path / "d")]
    folder = str(root / "notebooks/rsp-health/a")
    for arguments in (["checkout", "create", "a"], ["run", folder]):
        with pytest.raises(SystemExit):
            main([*arguments, *common, *data])

    code, out, _ = call(*common)

    assert code == 0  # No service is down.
    assert re.search(
        r"up, but 1 check failed: tap\. Open", out.splitlines()[-1]
    )


def test_hostile_texts_stay_text_and_steer_no_terminal(
    lab: Lab, call: Call
) -> None:
    lab.set_scenario("hostile")

    code, out, _ = call()

    assert code == 0
    for name in ("<img src=x onerror=window.hostile=1>", "[red]rich[/red]"):
        assert re.search(
            rf"^{NONE} +{re.escape(name)} +not probed", out, re.MULTILINE
        )
    assert "▲ info: 1 < 2 & 3 > 2 [red]x[/]" in out
    assert "▲ outage: Careful with this" in out
    assert "To you: For you only" in out
    steering = "[\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e]"
    assert re.findall(steering, out) == []


def test_a_service_that_is_down_is_one_and_stands_first(
    lab: Lab, call: Call
) -> None:
    lab.set_scenario("tap-down")

    code, out, _ = call()

    rows = [line for line in out.splitlines() if "just now" in line]
    assert code == 1
    assert re.match(r"✕ +TAP +down .*HTTP 503 \(3 checks in a row\)", rows[0])


def test_an_outage_begins_with_what_the_others_need(
    lab: Lab, call: Call
) -> None:
    lab.set_scenario("everything-down")

    _, out, _ = call()

    rows = [line for line in out.splitlines() if line.startswith("✕")]
    assert len(rows) > 3
    assert "Login and tokens" in rows[0]


def test_one_service_alone(lab: Lab, call: Call) -> None:
    lab.set_scenario("tap-down")

    assert call("sia:dp1")[0] == 0
    assert call("tap")[0] == 1


def test_a_query_reads_a_row_of_data(lab: Lab, call: Call) -> None:
    code, out, _ = call("--query", "tap")

    assert code == 0
    assert re.search(
        r"✓ +TAP +up .*VOSI says available.* · one row of dp1\.Visit was read",
        out,
    )
    lab.set_scenario("tap-queries-fail")
    code, out, _ = call("--query", "tap", "--json")
    (row,) = json.loads(out)["services"]
    assert (code, row["state"], row["query"]["state"]) == (
        1,
        "degraded",
        "failed",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--query"], "--query needs a SERVICE"),
        (["--query", "--watch", "tap"], "do not go together"),
        (["--query", "sia"], "SIA dp02 has no query to try."),
        (["--query", "none"], "There is no service named 'none' here."),
    ],
)
def test_a_query_that_cannot_be(
    call: Call, arguments: list[str], said: str
) -> None:
    code, out, err = call(*arguments)

    assert (code, out) == (2, "")
    assert said in err


def test_json_is_one_document_and_nothing_else(call: Call) -> None:
    code, out, _ = call("--json", "tap", "sia:dp1")

    document: dict[str, Any] = json.loads(out)
    assert code == 0
    assert document["schema"] == "rsp-health.status/1"
    assert {s["id"]: s["state"] for s in document["services"]} == {
        "tap": "up",
        "sia:dp1": "up",
    }


def test_announcements_stand_above(lab: Lab, call: Call) -> None:
    lab.set_scenario("maintenance")

    code, out, _ = call()

    assert code == 1
    assert out.splitlines()[1].startswith("▲ outage: TAP and SIA are down")


def test_an_unknown_service_is_two(call: Call) -> None:
    code, out, err = call("no-such", "--json")

    assert code == 2
    assert json.loads(out)["error"] == "no_such_service"
    assert "no-such" in err


def test_a_platform_that_cannot_be_reached_is_three(
    lab: Lab, call: Call
) -> None:
    lab.set_scenario("unreachable")

    code, _, err = call()
    as_json, out, _ = call("--json")

    assert (code, as_json) == (3, 3)
    assert "answers: the platform may be unreachable" in err
    assert json.loads(out)["schema"] == "rsp-health.status/1"


def test_outside_a_lab_is_three(lab: Lab, call: Call) -> None:
    lab.variables = {}

    code, _, err = call()

    assert code == 3
    assert "No platform is known" in err


def test_watching_is_not_for_programs(call: Call) -> None:
    assert call("--watch", "--json")[0] == 2


def test_watching_ends_with_ctrl_c(lab: Lab, tmp_path: Path) -> None:
    lab.set_scenario("tap-down")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "rsp_health.cli.main",
            "status",
            "--watch",
            "--data-dir",
            str(tmp_path / "d"),
        ],
        env={**lab.variables, "COLUMNS": "160", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if " tap: " in line:
            break
    process.send_signal(2)
    process.communicate(timeout=60)

    # A line begins with its time. How many checks came before the first line
    # is the machine's to say; three, and TAP would be called down.
    assert re.search(
        r" tap: unknown \(answered HTTP 503 \([12] of 3 checks\)\)\n$"
        r"| tap: down \(answered HTTP 503 \(\d+ checks in a row\)\)\n$",
        lines[-1],
    )
    assert process.returncode == 130


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["status", "--help"])

    assert "rsp-health status tap sia:dp1 --json" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "rows"),
    [("sia", ["sia:dp02", "sia:dp1"]), ("CUTOUTS", ["vo-cutouts"])],
)
def test_a_service_has_an_id_a_title_and_an_application(
    call: Call, name: str, rows: list[str]
) -> None:
    code, out, _ = call(name, "--json")

    assert code == 0
    assert [row["id"] for row in json.loads(out)["services"]] == rows


def test_a_file_gets_each_row_on_one_line(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS")

    _, out, _ = call("vo-cutouts", "butler")

    assert [line.split()[0] for line in out.splitlines()[2:-1]] == ["✓"] * 3
