"""The terminal's door to checkouts."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.cli import main as main_module
from tests.faults.checkout.homes import FILE, git, notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLACE = "notebooks/rsp-health/system-test"


@pytest.fixture
def run(
    tmp_path: Path,
    home: Path,
    upstream: Path,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str, str]]:
    config = tmp_path / "config.json"
    repository = {"id": "system-test", "title": "T", "url": str(upstream)}
    config.write_text(
        json.dumps(
            {
                "HealthApp": {
                    "repositories": [repository],
                    "allowed_git_protocols": ["file"],
                }
            }
        )
    )

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main_module.main(
                [
                    "checkout",
                    *arguments,
                    "--config",
                    str(config),
                    "--root",
                    str(home),
                    "--data-dir",
                    str(tmp_path / "data"),
                ]
            )
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return call


def document(result: tuple[int, str, str]) -> dict[str, Any]:
    """Return the one JSON document on stdout."""
    code, out, _ = result
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_whole_story(
    run: Callable[..., Any], home: Path, upstream: Path
) -> None:
    head = git(upstream, "rev-parse", "HEAD")
    tree = home / PLACE
    code, out, err = run("create", "system-test")
    assert (code, err) == (0, "")
    assert f"Checked out {head[:7]}: {PLACE}" in out
    assert "Already up to date" in run("create", "system-test")[1]
    (tree / FILE).write_text(notebook("mine"))
    (tree / "my notes.txt").write_text("x")
    code, out, _ = run("inspect", "system-test")
    assert code == 0
    assert f"modified  {FILE}" in out
    assert "added     my notes.txt" in out
    code, _, err = run("create", "system-test")
    assert code == 1
    assert "--backup" in err
    assert run("create", "system-test", "--fail-if-changed")[0] == 1
    code, out, _ = run("create", "system-test", "--backup")
    assert code == 0
    assert "Your files are kept: rsp-health checkout restore" in out
    (backup,) = document(run("backups", "system-test", "--json"))["backups"]
    assert "1 modified, 1 added" in run("backups", "system-test")[1]
    assert run("restore", "system-test", backup["id"])[0] == 0
    assert (tree / "my notes.txt").read_text() == "x"
    code, out, _ = run("reset", "system-test", FILE)
    assert code == 0
    assert f"Reset {FILE} to {head[:7]}" in out
    assert run("remove", "system-test")[0] == 0
    assert not tree.exists()
    for item in document(run("backups", "system-test", "--json"))["backups"]:
        code, _, _ = run("remove-backup", "system-test", item["id"], "--yes")
        assert code == 0
    assert "No backups." in run("backups", "system-test")[2]


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [
        (["list"], "rsp-health.repositories/1"),
        (["inspect", "system-test"], "rsp-health.inspection/1"),
        (["create", "system-test"], "rsp-health.operation/1"),
        (["refs", "system-test"], "rsp-health.refs/1"),
        (["backups", "system-test"], "rsp-health.backups/1"),
    ],
)
def test_json_everywhere(
    run: Callable[..., Any], arguments: list[str], schema: str
) -> None:
    assert document(run(*arguments, "--json"))["schema"] == schema


def test_more_json(run: Callable[..., Any], home: Path) -> None:
    run("create", "system-test")
    updates = document(run("updates", "system-test", "--json"))
    assert updates["schema"] == "rsp-health.updates/1"
    (home / PLACE / FILE).write_text("x")
    reset = document(run("reset", "system-test", FILE, "--json"))
    assert (reset["kind"], reset["path"]) == ("reset", FILE)
    removed = document(run("remove", "system-test", "--json"))
    assert removed["kind"] == "remove"
    back = document(run("restore", "system-test", removed["backup"], "--json"))
    assert back["kind"] == "restore"


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["create", "nope"], 2, "no_such_repository"),
        (["create", "system-test", "--ref", "nope"], 2, "no_such_ref"),
        (["create", "system-test", "--ref=--x"], 2, "bad_ref"),
        (["restore", "system-test", "nope"], 2, "no_such_backup"),
        (["remove", "system-test"], 2, "not_checked_out"),
        (["updates", "system-test"], 2, "not_checked_out"),
        (["reset", "system-test", "x"], 1, "not_ours"),
    ],
)
def test_errors(
    run: Callable[..., Any], arguments: list[str], code: int, error: str
) -> None:
    ended, out, err = run(*arguments, "--json")
    assert ended == code
    assert json.loads(out)["error"] == error
    assert err.startswith("Error: ")


def test_offline_is_the_environments_fault(
    run: Callable[..., Any], upstream: Path
) -> None:
    run("create", "system-test")
    upstream.rename(upstream.with_name("moved"))
    code, out, _ = run("updates", "system-test")
    assert code == 3
    assert "Cannot tell" in out


def test_names_cannot_command_the_terminal(
    run: Callable[..., Any], home: Path
) -> None:
    run("create", "system-test")
    tree = home / PLACE
    (tree / "\x1b]0;pwned\x07 [red]x").write_text("x")
    (tree / "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe").write_text("x")
    _, out, _ = run("inspect", "system-test")
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in out
    assert "[red]x" in out


def test_excluding_options(run: Callable[..., Any]) -> None:
    code, _, err = run(
        "create", "system-test", "--backup", "--fail-if-changed"
    )
    assert code == 2
    assert "not both" in err


@pytest.mark.parametrize(
    "name",
    [
        "list",
        "inspect",
        "create",
        "backups",
        "restore",
        "remove",
        "remove-backup",
        "reset",
        "updates",
        "refs",
    ],
)
def test_help_has_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main_module.main(["checkout", name, "--help"])
    out = capsys.readouterr().out
    assert "Example:\n" in out
    assert f"rsp-health checkout {name}" in out


def test_a_backup_is_deleted_only_where_somebody_can_be_asked(
    run: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    run("create", "system-test")
    run("remove", "system-test")
    (backup,) = json.loads(run("backups", "system-test", "--json")[1])[
        "backups"
    ]

    code, out, _ = run("remove-backup", "system-test", backup["id"], "--json")
    assert (code, json.loads(out)["error"]) == (2, "not_confirmed")
    code, out, _ = run("remove-backup", "system-test", "nope", "--json")
    assert (code, json.loads(out)["error"]) == (2, "no_such_backup")
    code, out, _ = run(
        "remove-backup", "system-test", backup["id"], "--yes", "--json"
    )
    assert (code, json.loads(out)["backups"]) == (0, [])


def test_a_repository_that_somebody_cloned_by_hand(
    run: Callable[..., tuple[int, str, str]], home: Path, upstream: Path
) -> None:
    tree = home / PLACE
    tree.parent.mkdir(parents=True)
    git(tree.parent, "clone", "-q", str(upstream), tree.name)
    (tree / "mine.txt").write_text("x")
    code, out, _ = run("inspect", "system-test")
    assert code == 0
    text = " ".join(out.split())
    assert (
        f"{PLACE} is a git repository that rsp-health did not check out:"
        " 1 commit, branch main. added mine.txt (1 B)" in text
    )
    assert "sample" not in text


def test_a_first_checkout_asks_and_starts_nothing_twice(
    run: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: Counter[str] = Counter()

    def count(name: str) -> None:
        module, _, function = name.rpartition(".")
        real = getattr(importlib.import_module(module), function)

        def counted(*arguments: object, **options: object) -> object:
            calls[function] += 1
            return real(*arguments, **options)

        monkeypatch.setattr(name, counted)

    count("rsp_health.cleaning.filter.setup.working_command")
    count("rsp_health.checkout.preview.remote_refs")

    assert run("create", "system-test")[0] == 0
    assert calls == {"working_command": 1}
    assert run("create", "system-test")[0] == 0
    assert calls["remote_refs"] == 1, "what stands there is judged by it"


def test_no_terminal_no_rich(
    tmp_path: Path, home: Path, upstream: Path
) -> None:
    config = tmp_path / "config.json"
    settings = {
        "repositories": [
            {"id": "system-test", "title": "T", "url": str(upstream)}
        ],
        "allowed_git_protocols": ["file"],
    }
    config.write_text(json.dumps({"HealthApp": settings}))
    done = subprocess.run(
        [
            *(sys.executable, "-X", "importtime"),
            *("-m", "rsp_health.cli.main", "checkout", "create"),
            *("system-test", "--config", str(config), "--root", str(home)),
            *("--data-dir", str(tmp_path / "data")),
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("Checked out ")
    imported = {
        line.rpartition("|")[2].strip() for line in done.stderr.splitlines()
    }
    assert "pydantic" in imported
    assert "rich" not in imported
