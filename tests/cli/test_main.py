"""How the command line answers, whatever the command."""

from __future__ import annotations

import json

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
