"""``rsp-health sandbox``: the stand-in RSP alone."""

from __future__ import annotations

import json
import os
import shlex
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..context import pass_context

if TYPE_CHECKING:
    from ...sandbox.app import SandboxServer
    from ..context import CliContext

__all__ = ["command"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: Variables that would change the caller's own shell too much.
_NOT_EXPORTED = frozenset({"HOME", "USER"})


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of 127.0.0.1 to listen on.  [default: any free one]",
)
@click.option(
    "--scenario",
    default="healthy",
    show_default=True,
    help="What the platform suffers from; see --list.",
)
@click.option(
    "--list", "list_only", is_flag=True, help="List the scenarios and end."
)
@pass_context
def command(
    context: CliContext, *, port: int, scenario: str, list_only: bool
) -> int:
    """Run a stand-in Rubin Science Platform on this machine.

    Prints the environment variables that a lab on it would have, and one by
    which its repositories are offered, then serves until Ctrl-C. For
    demonstrations, tests and development only.

    \b
    Examples:
      rsp-health sandbox --port 8900 --scenario tap-down
      rsp-health sandbox > lab.sh &  # then, in any shell: source lab.sh
    Switch while it runs:
      curl -X PUT -d '{"scenario": "healthy"}' \\
        http://127.0.0.1:8900/sandbox/scenario
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...sandbox.scenarios import SCENARIOS

    if list_only:
        _list(context)
        return 0
    from ...sandbox.app import SandboxServer

    server = SandboxServer(port=port, scenario=scenario)
    stop = threading.Event()
    for number in _SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    with (
        tempfile.TemporaryDirectory(prefix="rsp-sandbox-home-") as home,
        server,
    ):
        variables = {
            name: value
            for name, value in server.lab_environment(Path(home)).items()
            if name not in _NOT_EXPORTED
        }
        variables["JUPYTER_CONFIG_PATH"] = _configure(
            context, server, Path(home)
        )
        if context.as_json:
            document = {
                "schema": "rsp-health.sandbox/1",
                "url": server.url,
                "scenario": server.scenario,
                "scenarios": list(SCENARIOS),
                "repositories": {
                    "system-test": server.repository_url("system-test"),
                    "phalanx-test": server.repository_url("phalanx-test"),
                },
                "environment": variables,
            }
            click.echo(json.dumps(document))
        else:
            for name, value in variables.items():
                click.echo(f"export {name}={shlex.quote(value)}")
        click.echo(
            f"The sandbox answers at {server.url} ({server.scenario})."
            " Stop it with Ctrl-C.",
            err=True,
        )
        stop.wait()
    click.echo("The sandbox has stopped.", err=True)
    return 0


def _configure(
    context: CliContext, server: SandboxServer, folder: Path
) -> str:
    """Offer the sandbox's repositories; return where Jupyter finds that."""
    file = folder / "jupyter_rsp_health_config.json"
    file.write_text(
        json.dumps({"HealthApp": server.settings()}), encoding="utf-8"
    )
    before = context.environment.get("JUPYTER_CONFIG_PATH")
    return os.pathsep.join([str(folder), *([before] if before else [])])


def _list(context: CliContext) -> None:
    from ...sandbox.scenarios import SCENARIOS

    if context.as_json:
        rows = [
            {"name": s.name, "summary": s.summary} for s in SCENARIOS.values()
        ]
        click.echo(json.dumps({"scenarios": rows}))
        return
    width = max(len(name) for name in SCENARIOS)
    for scenario in SCENARIOS.values():
        click.echo(f"{scenario.name:<{width}}  {scenario.summary}")
