"""How the command line answers, whatever the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rsp_health.cli.main import COMMANDS, cli, main


def _leaves(name: str) -> list[list[str]]:
    """Return a command's name, or those of its subcommands."""
    command = cli.get_command(click.Context(cli), name)
    if isinstance(command, click.Group):
        return [
            [name, sub]
            for sub in command.list_commands(click.Context(command))
        ]
    return [[name]]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_shows_an_example(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert "Example" in result.output


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_understands_the_common_options(name: str) -> None:
    for leaf in _leaves(name):
        output = CliRunner().invoke(cli, [*leaf, "--help"]).output
        for option in ("--config", "--data-dir", "--root", "--json"):
            assert option in output, leaf


def test_a_wrong_call_is_told_as_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["run", "--jobs", "many", "--json"])
    out, err = capsys.readouterr()
    assert exit_info.value.code == 2
    body = json.loads(out)
    assert body["error"] == "usage"
    assert "many" in body["message"]
    assert "many" in err


def test_a_wrong_call_leaves_stdout_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["no-such-command"])
    out, err = capsys.readouterr()
    assert exit_info.value.code == 2
    assert out == ""
    assert "no-such-command" in err


@pytest.mark.parametrize("arguments", [["--help"], ["sandbox", "--list"]])
def test_a_reader_that_leaves_is_no_error(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "rsp_health.cli.main", *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["--help"], ["runs"]])
def test_a_full_disk_under_stdout_is_told(
    arguments: list[str], tmp_path: Path
) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [
                *(sys.executable, "-m", "rsp_health.cli.main"),
                *("--data-dir", str(tmp_path), *arguments),
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 3
    assert ended.stderr.startswith(
        "Error: The output cannot be written: no space left on device."
    )
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("c.HealthApp.poll_interval = 'x'", "expected a float"),
        ("c.HealthApp.probe_timeout = 0", "probe_timeout"),
        ("c =", "invalid syntax"),
    ],
)
def test_a_wrong_configuration_is_a_wrong_call(
    text: str,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = tmp_path / "config.py"
    config.write_text(text)
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(config), "checkout", "list", "--json"])
    out, _ = capsys.readouterr()
    assert ended.value.code == 2
    body = json.loads(out)
    assert body["error"] == "bad_config"
    assert told in body["message"]


def test_names_with_accents_where_names_are_ascii(tmp_path: Path) -> None:
    folder = tmp_path / "\xfc"
    folder.mkdir()
    for words in (
        ["git", "init", "--quiet", str(folder)],
        [
            *("git", "-C", str(folder), "-c", "user.name=x"),
            *("-c", "user.email=x@y", "commit", "-qm", "x", "--allow-empty"),
        ],
    ):
        subprocess.run(words, check=True)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "rsp_health.cli.main"),
            *("run", "--plan", "--changed-since", "HEAD", str(folder)),
            *("--no-discovery", "--data-dir", str(folder / "data")),
        ],
        env={
            **os.environ,
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 1}, done.stderr


def test_a_misspelt_setting_is_told_and_one_of_the_server_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"HealthApp": {"pol_interval": 60, "log_level": 10}}')
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(config), "checkout", "list"])
    _, err = capsys.readouterr()
    assert ended.value.code == 0
    assert err == (
        "Warning: there is no setting HealthApp.pol_interval;"
        " see rsp-health --help-config.\n"
    )


@pytest.mark.parametrize("name", ["", *sorted(COMMANDS)])
def test_help_fits_a_terminal(name: str) -> None:
    words = [name] if name else []
    leaves = [words, *(_leaves(name) if name else [])]
    for leaf in leaves:
        output = (
            CliRunner()
            .invoke(cli, [*leaf, "--help"], terminal_width=80)
            .output
        )
        for line in output.splitlines()[1:]:
            assert len(line) <= 80, leaf
            assert not line.endswith("..."), leaf  # a summary cut off
        _, _, after = output.partition("Example")
        count = after.split("\n\n")[0].count("\n    rsp-health ")
        assert after.startswith("s:" if count > 1 else ":"), leaf


@pytest.mark.parametrize(
    "arguments",
    [["clean", ""], ["run", ""], ["--root", "", "runs"], ["check", ".", ""]],
)
def test_a_variable_that_is_not_set_is_no_folder(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "a path is not empty" in capsys.readouterr().err


def test_a_scheduler_without_its_backend_is_a_wrong_call(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", ".", "--scheduler", "tcp://localhost:1"])
    assert ended.value.code == 2
    assert "--backend dask" in capsys.readouterr().err


def test_an_error_tells_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "Tr0ub4dor-and-3")
    with pytest.raises(SystemExit):
        main(["run", "/no/Tr0ub4dor-and-3.ipynb", "--json"])
    out, err = capsys.readouterr()
    assert "[secret].ipynb does not exist" in err
    assert "Tr0ub4dor" not in out + err


def test_what_the_system_refuses_is_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An error that no feature expected ends in words, not in a traceback."""
    root = "/" + 300 * "x"
    with pytest.raises(SystemExit) as exit_info:
        main(["clean", "--root", root, "--json", "."])
    out, err = capsys.readouterr()
    assert exit_info.value.code == 3
    assert json.loads(out)["message"].endswith(
        f"{root} cannot be used: file name too long."
    )
    assert "Traceback" not in err
