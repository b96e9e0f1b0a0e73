"""The commands as users and scripts call them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.cleaning.models import CleanReport

from .notebooks import CLEAN, DIRTY, canonical

if TYPE_CHECKING:
    from pathlib import Path

BEFORE, AFTER = canonical(DIRTY), canonical(CLEAN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "dirty.ipynb").write_bytes(BEFORE)
    (tmp_path / "sub" / "clean.ipynb").write_bytes(AFTER)
    return tmp_path


def call(
    folder: Path, *arguments: str, stdin: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "rsp_health.cli.main", *arguments],
        cwd=folder,
        input=stdin,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **variables},
        capture_output=True,
        check=False,
    )


def test_clean_in_place_and_check(folder: Path) -> None:
    result = call(folder, "check", ".")
    assert result.returncode == 1
    said = "dirty.ipynb:5: has 1 output, 1 execution count, 1 metadata field"
    assert result.stdout.decode().startswith(said)
    assert (folder / "dirty.ipynb").read_bytes() == BEFORE
    result = call(folder, "clean", "--dry-run", ".")
    assert (result.returncode, (folder / "dirty.ipynb").read_bytes()) == (
        0,
        BEFORE,
    )
    result = call(folder, "clean", ".")
    assert result.returncode == 0
    assert result.stderr == b"2 notebooks: 1 cleaned, 1 clean\n"
    assert (folder / "dirty.ipynb").read_bytes() == AFTER
    assert call(folder, "check").returncode == 0


@pytest.mark.parametrize("arguments", [("clean",), ("clean", "-")])
def test_a_pipe(folder: Path, arguments: tuple[str, ...]) -> None:
    result = call(folder, *arguments, stdin=BEFORE)
    assert (result.returncode, result.stdout) == (0, AFTER)
    assert call(folder, *arguments, stdin=AFTER).stdout == AFTER
    result = call(folder, *arguments, stdin=b"{")
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"Error: stdin: not JSON" in result.stderr


def test_a_broken_notebook_is_one_line_and_the_rest_goes_on(
    folder: Path,
) -> None:
    (folder / "a.ipynb").write_bytes(b"{")
    result = call(folder, "clean", ".", "none.ipynb")
    assert result.returncode == 2
    assert result.stderr.decode().splitlines() == [
        (
            "a.ipynb: not JSON: Expecting property name enclosed in double "
            "quotes at line 1 column 2"
        ),
        "none.ipynb: cannot be read: no such file or directory",
        "4 notebooks: 1 cleaned, 1 clean, 2 failed",
    ]
    assert (folder / "dirty.ipynb").read_bytes() == AFTER
    assert call(folder, "check", "a.ipynb").returncode == 2


@pytest.mark.parametrize("command", ["clean", "check"])
def test_json_is_the_report_and_alone_on_stdout(
    folder: Path, command: str
) -> None:
    result = call(folder, command, "--json", ".")
    report = CleanReport.model_validate_json(result.stdout)
    assert json.loads(result.stdout) == report.model_dump(mode="json")
    assert [file.path for file in report.files] == [
        "dirty.ipynb",
        "sub/clean.ipynb",
    ]
    state = "cleaned" if command == "clean" else "dirty"
    assert report.files[0].state == state
    assert report.dry_run == (command == "check")


def test_annotations_in_a_workflow(folder: Path) -> None:
    summary = folder / "summary.md"
    result = call(
        folder,
        "check",
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert result.returncode == 1
    [line] = result.stdout.decode().splitlines()
    assert line.startswith(
        "::error file=dirty.ipynb,line=5,title=Notebook has outputs or other "
        "traces of a run::1 output, 1 execution count, 1 metadata field"
    )
    assert "| dirty.ipynb | 5 | 1 output" in summary.read_text()
    result = call(folder, "check", "--format", "github", "--warn-only")
    assert result.returncode == 0
    assert result.stdout.startswith(b"::warning ")


def test_names_that_a_workflow_command_must_escape(folder: Path) -> None:
    name = "a,b:c%d\ne.ipynb"
    (folder / name).write_bytes(BEFORE)
    result = call(folder, "check", "--format", "github", name)
    [line] = result.stdout.decode().splitlines()
    assert "file=a%2Cb%3Ac%25d%0Ae.ipynb," in line


def test_sarif(folder: Path) -> None:
    (folder / "a b.ipynb").write_bytes(b"{")
    result = call(folder, "check", "--format", "sarif")
    log: Any = json.loads(result.stdout)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    found = [
        (
            result["ruleId"],
            result["level"],
            result["locations"][0]["physicalLocation"],
        )
        for result in run["results"]
    ]
    assert found == [
        (
            "broken",
            "error",
            {
                "artifactLocation": {"uri": "a%20b.ipynb"},
                "region": {"startLine": 1},
            },
        ),
        (
            "dirty",
            "error",
            {
                "artifactLocation": {"uri": "dirty.ipynb"},
                "region": {"startLine": 5},
            },
        ),
    ]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert {rule for rule, *_ in found} <= set(rules)


def test_lint_formats_and_exit_codes(folder: Path) -> None:
    (folder / "mobu.yaml").write_text("exclude_dirs: [a]\n")
    result = call(folder, "lint")
    assert result.returncode == 0
    assert b"warning: exclude_dirs is deprecated" in result.stdout
    assert call(folder, "lint", "--strict").returncode == 1
    (folder / "mobu.yaml").write_text("exclude: [a]\n")
    assert call(folder, "lint").returncode == 1
    assert call(folder, "lint", "--warn-only").returncode == 0
    result = call(folder, "lint", "--format", "github")
    assert result.stdout.startswith(
        b"::error file=mobu.yaml,line=1,title=mobu-yaml-unknown-key::"
    )
    result = call(folder, "lint", "--json")
    [finding] = json.loads(result.stdout)["findings"]
    assert finding["rule"] == "mobu-yaml-unknown-key"
    log = json.loads(call(folder, "lint", "--format", "sarif").stdout)
    assert log["runs"][0]["results"][0]["ruleId"] == "mobu-yaml-unknown-key"


def test_known_applications_come_from_option_or_settings(
    folder: Path,
) -> None:
    notebook = {
        **CLEAN,
        "metadata": {"mobu": {"required_applications": ["x"]}},
    }
    (folder / "a.ipynb").write_bytes(canonical(notebook))
    assert call(folder, "lint", "a.ipynb").returncode == 0
    result = call(folder, "lint", "--applications", "tap, sia", "a.ipynb")
    assert result.returncode == 1
    assert b"[unknown-application]" in result.stdout
    (folder / ".git").mkdir()
    settings = folder / ".rsp-health.toml"
    settings.write_text("[lint]\napplications = ['tap']\n")
    assert call(folder, "lint", "a.ipynb").returncode == 1
    settings.write_text("[lint]\napplications = ['x']\n")
    assert call(folder, "lint", "a.ipynb").returncode == 0


def test_discovery_that_knows_nothing_is_told(folder: Path) -> None:
    result = call(folder, "lint", "--discover", ".")
    assert result.returncode == 3
    assert b"not known here" in result.stderr


def test_a_root_that_was_asked_for_is_held_to(folder: Path) -> None:
    root = folder / "sub"
    result = call(folder, "clean", "--root", str(root), "dirty.ipynb")
    assert result.returncode == 2
    assert (folder / "dirty.ipynb").read_bytes() == BEFORE
    assert call(folder, "clean", "--root", str(root), "sub").returncode == 0


def test_wrong_settings_are_told(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".rsp-health.toml").write_text("[clean]\nkeep = 1\n")
    result = call(folder, "check", ".")
    assert result.returncode == 2
    assert b"unknown key 'keep'" in result.stderr


def test_filter_and_init_repo(folder: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    assert call(folder, "filter", "status").returncode == 1
    assert call(folder, "filter", "install").returncode == 0
    result = call(folder, "filter", "status", "--json")
    state = json.loads(result.stdout)
    assert (result.returncode, state["installed"], state["works"]) == (
        0,
        True,
        True,
    )
    assert call(folder, "filter", "remove").returncode == 0
    # The difference comes first; a "no" writes nothing.
    result = call(folder, "init-repo", stdin=b"n\n")
    assert result.returncode == 1
    assert b"+++ b/.pre-commit-config.yaml" in result.stdout
    assert not (folder / ".pre-commit-config.yaml").exists()
    assert call(folder, "init-repo", "--dry-run", "--yes").returncode == 0
    assert not (folder / ".pre-commit-config.yaml").exists()
    assert call(folder, "init-repo", stdin=b"y\n").returncode == 0
    assert (folder / ".pre-commit-config.yaml").exists()
    assert b"set up already" in call(folder, "init-repo").stderr


@pytest.mark.parametrize(
    "command",
    ["check", "clean", "filter install", "init-repo", "lint"],
)
def test_every_help_has_an_example(tmp_path: Path, command: str) -> None:
    result = call(tmp_path, *command.split(), "--help")
    assert result.returncode == 0
    assert f"rsp-health {command}" in result.stdout.decode()
    assert "Example" in result.stdout.decode()
