"""``rsp-health demo``: JupyterLab on the sandbox, in one command."""

from __future__ import annotations

import json
import signal
import threading
import webbrowser
from typing import TYPE_CHECKING

import click

from ..context import pass_context

if TYPE_CHECKING:
    from ...platform.environment import LabEnvironment
    from ...sandbox.app import SandboxServer
    from ...sandbox.demo import DemoLab
    from ..context import CliContext

__all__ = ["command"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of JupyterLab on 127.0.0.1.  [default: any free one]",
)
@click.option(
    "--no-browser", is_flag=True, help="Do not open a browser window."
)
@click.option(
    "--scenario",
    default="healthy",
    show_default=True,
    help="What the platform suffers from; see rsp-health sandbox --list.",
)
@pass_context
def command(
    context: CliContext, *, port: int, no_browser: bool, scenario: str
) -> int:
    """Try rsp-health in a scratch lab on a stand-in platform.

    Starts the sandbox RSP and JupyterLab, prints one URL, and runs until
    Ctrl-C, which stops all of it and removes the scratch home. Neither your
    own Jupyter configuration nor the internet is touched.

    \b
    Example:
      rsp-health demo --no-browser --scenario tap-down
    """  # noqa: D301 - \b is click's mark for "keep the lines"
    from ...sandbox.app import SandboxServer
    from ...sandbox.demo import DemoLab

    platform = SandboxServer(scenario=scenario)
    # From here on a signal asks for an orderly end, also of half a start.
    stop = threading.Event()
    for number in _SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    with platform as sandbox:
        lab = DemoLab(
            sandbox=sandbox,
            port=port,
            variables=context.environment.variables,
        )
        try:
            context.console.print("Starting JupyterLab on the sandbox RSP …")
            lab.start()
            if not lab.wait(stop):
                return 0
            _tell(context, lab, sandbox)
            if not no_browser and _has_display(context.environment):
                webbrowser.open(lab.url)
            return _stay(context, lab, stop)
        finally:
            lab.stop()
            context.console.print("Stopped.")


def _stay(context: CliContext, lab: DemoLab, stop: threading.Event) -> int:
    def follow() -> None:
        lab.exited.wait()
        stop.set()

    threading.Thread(target=follow, daemon=True).start()
    stop.wait()
    if lab.exited.is_set():
        context.console.print("JupyterLab was shut down from inside.")
    return 0


def _tell(context: CliContext, lab: DemoLab, sandbox: SandboxServer) -> None:
    control = f"{sandbox.url}/sandbox/scenario"
    if context.as_json:
        document = {
            "schema": "rsp-health.demo/1",
            "url": lab.url,
            "sandbox_url": sandbox.url,
            "control_url": control,
            "scenario": sandbox.scenario,
            "home": str(lab.home),
        }
        click.echo(json.dumps(document))
    else:
        click.echo(lab.url)
    other = "tap-down" if sandbox.scenario == "healthy" else "healthy"
    click.echo(
        f"Stop with Ctrl-C. The platform is {sandbox.scenario}; switch it at"
        f" {sandbox.url}/sandbox/ or with:\n"
        f'  curl -X PUT -d \'{{"scenario": "{other}"}}\' {control}',
        err=True,
    )


def _has_display(environment: LabEnvironment) -> bool:
    import sys

    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(
        environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    )
