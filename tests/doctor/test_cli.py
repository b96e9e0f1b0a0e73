"""``rsp-health doctor`` where next to nothing works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from rsp_health.cli.commands import doctor, run
from rsp_health.cli.context import NamedPath

from .conftest import ROOT, namespace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Lab

type Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def call(lab: Lab) -> Call:
    """Call the doctor as a user does, in a lab of the test's."""

    def run(
        *arguments: str, before: tuple[str, ...] = (), timeout: str = "60"
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *before,
                *(sys.executable, "-m", "rsp_health.cli.start", "doctor"),
                # A busy machine is none of the faults.
                *("--check-timeout", timeout),
                *arguments,
            ],
            env={
                "PATH": os.defpath,
                "HOME": str(lab.home),
                **lab.variables,
            },
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def _json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    assert done.stderr == ""
    assert document["schema"] == "rsp-health.doctor/1"
    return document


def test_a_healthy_lab_is_zero_and_says_so_last(call: Call) -> None:
    done = call("home.space", "kernel.setups")

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("✓ home.space: Your home has ")
    assert lines[1][1:].startswith(" kernel.setups: There is no ")
    assert lines[-1] == "✓ Nothing wrong was found by one check."


def test_a_fault_is_one_and_stands_first(lab: Lab, call: Call) -> None:
    lab.write("notebooks/.user_setups", "if\n")

    done = call("home", "kernel.setups")

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].startswith("✕ kernel.setups: ~/notebooks/.user_setups is ")
    assert lines[0].endswith(" [your environment]")
    assert lines[-1].startswith("Now: Correct ~/notebooks/.user_setups")


def test_an_unknown_check_is_two(call: Call) -> None:
    done = call("no.such", "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == "no_such_check"


def test_a_home_that_hangs_keeps_nobody(lab: Lab, call: Call) -> None:
    stalled = (sys.executable, "-m", "tests.doctor.stalled_mount")

    done = call(
        "home",
        "kernel.setups",
        "--json",
        before=(*namespace(), *stalled, str(lab.home)),
        timeout="8",
    )

    document = _json(done)
    assert done.returncode == 1
    assert document["verdict"]["check"] == "home.space"
    assert document["summary"]["cannot_tell"] == 1


def test_wrong_settings_keep_it_from_nothing(
    call: Call, tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text("{")

    done = call("--config", str(config), "--json")

    assert done.returncode == 0
    assert _json(done)["verdict"]["state"] == "ok"


@pytest.mark.parametrize("home", ["/nowhere/at/all", "", "relative"])
def test_a_home_that_is_none_is_told(lab: Lab, call: Call, home: str) -> None:
    lab.variables["HOME"] = home

    done = call("home.space", "--json")

    assert _json(done)["findings"][0]["state"] in {"fault", "ok"}


def test_it_is_in_the_help(call: Call) -> None:
    assert "rsp-health doctor home.space kernel" in call("--help").stdout


def test_a_bundle_is_made_and_says_where_to_post_it(
    call: Call, tmp_path: Path
) -> None:
    catalogue = tmp_path / "site.toml"
    catalogue.write_text('[site]\nforum = "https://forum.example.org/"\n')
    target = tmp_path / "b.zip"

    done = call("bundle", "--catalogue", str(catalogue), "-o", str(target))

    assert (done.returncode, done.stderr) == (0, "")
    assert target.exists()
    lines = done.stdout.splitlines()
    assert lines[-2].startswith(f"Made {target} (")
    assert lines[-1] == "The site's forum: https://forum.example.org/"


def test_a_preview_writes_nothing(call: Call, tmp_path: Path) -> None:
    done = call("bundle", "--preview", "--json", "-o", str(tmp_path / "b.zip"))

    document = json.loads(done.stdout)
    assert document["path"] is None
    assert not (tmp_path / "b.zip").exists()
    assert set(document["texts"]) == {f["name"] for f in document["files"]}


def test_where_the_logs_are_is_told(call: Call) -> None:
    done = call("logs", "tap")

    assert done.returncode == 0
    assert done.stdout.startswith("1. The site's logs of tap")


def test_a_symptom_ends_in_a_verdict(call: Call) -> None:
    done = call("--symptom", "home-full")

    assert "Ruled out: Your home has space." in done.stdout
    assert call("--symptom", "gloom").returncode == 2
    assert call("--symptom", "home-full", "token").returncode == 2


def test_it_looks_at_no_path_before_its_checks(tmp_path: Path) -> None:
    # Where a file server is gone, that would never end.
    path = tmp_path / "a-file"
    path.touch()
    folder = NamedPath(file_okay=False)

    blind = click.Context(doctor.command)
    assert folder.convert(str(path), None, blind) == path
    with pytest.raises(click.BadParameter, match="is a file"):
        folder.convert(str(path), None, click.Context(run.command))
