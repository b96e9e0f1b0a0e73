"""``python -m tests.faults.verdicts [--sequences N] [--seed S] [--no-panel]``.

Lets a sandbox platform go through random sequences of scenarios, and looks
each time at what every surface says: the same sentence, the verdict that the
scenario calls for, and nothing green that needs what is broken. What was said
is written to a file, a line each, and shown in one panel, one status bar (with
its tip) and one summary by
`labextension/src/panel/__tests__/surfaces.spec.tsx`.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from rsp_health.cli.commands import status as terminal
from rsp_health.platform.clock import seconds
from rsp_health.platform.discovery import DiscoveryService
from rsp_health.platform.environment import LabEnvironment
from rsp_health.sandbox.app import SandboxServer
from rsp_health.sandbox.scenarios import SCENARIOS
from rsp_health.status.models import StatusDocument
from rsp_health.status.service import StatusService
from rsp_health.status.user.quota import ASKED_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rsp_health.status.models import BroadcastList

__all__ = ["BROKEN", "LOGIN_BROKEN", "faults_of", "main", "visit"]

#: Scenarios in which nobody's token is accepted.
LOGIN_BROKEN = frozenset({"expired-token", "login-page", "gafaelfawr-down"})
#: Scenarios that nobody may call well.
BROKEN = LOGIN_BROKEN | {
    "throttled",
    "tap-down",
    "tap-says-no",
    "blocked",
    "maintenance",
    "everything-down",
    "unreachable",
    "semaphore-down",
    "sia-says-no",
    "hostile",
}
_NO_DISCOVERY = frozenset(
    {"everything-down", "unreachable", "gafaelfawr-down"}
)
_BAD = frozenset({"down", "degraded", "blocked", "maintenance"})
#: What answers without a login, as long as the login service does.
_ANONYMOUS = frozenset({"repertoire"})
_WIDTHS = (40, 80, 200)
_LONGEST = 5
#: A probe that the user has to ask for: the only one that a quota counts.
_BY_CLICK = "vo-cutouts"
_ROOT = Path(__file__).parents[2]
#: The looks are what is tried, not the seconds between them.
_PAUSES_S = (0.01, 0.01)


class _Clock:
    """Lets a user take their time: what was asked seconds ago holds."""

    def __init__(self) -> None:
        self._passed = 0.0

    def __call__(self) -> float:
        return seconds() + self._passed

    def wait(self) -> None:
        self._passed += ASKED_S + 1


def _in_terminal(
    document: StatusDocument, announced: BroadcastList, width: int
) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None)
    console.print(terminal._render(document, document.services, announced))
    return " ".join(out.getvalue().split())


def faults_of(
    document: StatusDocument, announced: BroadcastList, scenario: str
) -> list[str]:
    """Return what is wrong with what is said of a scenario.

    Parameters
    ----------
    document, announced
        What was said, after all looks.
    scenario
        What the platform really suffers from.
    """
    verdict = document.verdict
    faults = _unequal(document, announced)
    # After an outage of discovery it is not yet known what there is: of what
    # is not known, nothing is said.
    known = scenario in _NO_DISCOVERY or document.discovery.state == "fresh"
    if scenario in BROKEN and known and verdict.state == "well":
        faults.append(f"it is called well: {verdict.told}")
    return faults + _green_in_need(document, scenario)


def _unequal(document: StatusDocument, announced: BroadcastList) -> list[str]:
    """Return the surfaces that do not say the verdict's sentence."""
    told = " ".join(document.verdict.told.split())
    faults = [] if told else ["the verdict says nothing"]
    wire = StatusDocument.model_validate_json(document.model_dump_json())
    if wire.verdict.told != document.verdict.told:
        faults.append("the wire says something else")
    return faults + [
        f"the terminal of {width} columns does not say it"
        for width in _WIDTHS
        if told not in _in_terminal(document, announced, width)
    ]


def _green_in_need(document: StatusDocument, scenario: str) -> list[str]:
    """Return the rows that are up, and need what is broken."""
    faults = []
    trouble = {
        row.application
        for row in document.services
        if row.state in _BAD and row.depends_on == []
    }
    for row in document.services:
        if row.state != "up":
            continue
        if row.affected_by:
            faults.append(f"{row.id} is up, and affected")
        if set(row.depends_on) & trouble:
            faults.append(f"{row.id} is up, and needs what is broken")
        needs_login = "gafaelfawr" in row.depends_on and not (
            row.application in _ANONYMOUS and scenario != "gafaelfawr-down"
        )
        if scenario in LOGIN_BROKEN and needs_login:
            faults.append(f"{row.id} is up without a login")
    return faults


async def visit(
    sandbox: SandboxServer,
    home: Path,
    scenarios: Sequence[str],
    told: Callable[[str, StatusDocument], None] = lambda _, __: None,
) -> list[str]:
    """Go through a sequence with one service; return what was wrong.

    Parameters
    ----------
    sandbox, home
        The platform, and an empty folder for the lab.
    scenarios
        What the platform suffers from, one after the other.
    told
        Takes each document, with the way there.
    """
    sandbox.set_scenario("healthy")
    environment = LabEnvironment(
        variables=sandbox.lab_environment(home), mounts=()
    )
    discovery = DiscoveryService(
        environment=environment, cache_dir=home / "cache"
    )
    clock = _Clock()
    service = StatusService(
        environment=environment, discovery=discovery, clock=clock
    )
    faults = []
    probed: set[str] = set()
    try:
        for number, scenario in enumerate(scenarios):
            sandbox.set_scenario(scenario)
            clock.wait()
            # Minutes later: by then it was asked again what is deployed.
            await discovery.get(refresh=True)
            await service.quota(refresh=True)
            document = await service.settle(pauses_s=_PAUSES_S)
            # What was looked at a moment ago is looked at on request only.
            again = [r.id for r in document.services if r.id in probed]
            if again:
                document = await service.settle(again, pauses_s=_PAUSES_S)
            if scenario == "throttled" and _is_listed(document, _BY_CLICK):
                document = await service.settle(
                    [_BY_CLICK], pauses_s=_PAUSES_S
                )
            probed = {r.id for r in document.services if r.age_s is not None}
            announced = await service.broadcasts(refresh=True)
            way = " > ".join(scenarios[: number + 1])
            told(way, document)
            faults += [
                f"{way}: {fault}"
                for fault in faults_of(document, announced, scenario)
            ]
    finally:
        await service.aclose()
        await discovery.aclose()
        sandbox.set_scenario("healthy")
    return faults


def _is_listed(document: StatusDocument, row_id: str) -> bool:
    return any(row.id == row_id for row in document.services)


def _in_panel(documents: Path) -> list[str]:
    """Show all that was said in the lab's half; return what differs."""
    done = subprocess.run(
        ["jlpm", "jest", "--colors=false", "panel/__tests__/surfaces"],
        cwd=_ROOT,
        env={**os.environ, "RSP_HEALTH_DOCUMENTS": str(documents)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if not done.returncode:
        return []
    return [f"the panel differs:\n{done.stdout[-4000:]}"]


def _sequences(count: int, seed: int) -> list[list[str]]:
    chance = random.Random(seed)  # noqa: S311 - nothing is kept secret
    # A slow platform takes its time, and says nothing else than a quick one.
    names = sorted(set(SCENARIOS) - {"slow"})
    return [
        chance.choices(names, k=chance.randint(2, _LONGEST))
        for _ in range(count)
    ]


def main(argv: list[str]) -> int:
    """Print the counts; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.verdicts")
    parser.add_argument("--sequences", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-panel", action="store_true")
    options = parser.parse_args(argv)
    start = time.monotonic()
    faults: list[str] = []
    sequences = _sequences(options.sequences, options.seed)
    with (
        tempfile.TemporaryDirectory(prefix="faults-verdicts-") as folder,
        SandboxServer() as sandbox,
    ):
        path = Path(folder, "documents.jsonl")
        with path.open("w", encoding="utf-8") as file:

            def told(way: str, document: StatusDocument) -> None:
                said = document.model_dump(mode="json")
                file.write(json.dumps({"name": way, "document": said}) + "\n")

            for number, sequence in enumerate(sequences):
                home = Path(folder, str(number))
                home.mkdir()
                faults += asyncio.run(visit(sandbox, home, sequence, told))
        if not options.no_panel:
            faults += _in_panel(path)
    for fault in faults[:20]:
        print(f"  {fault}")
    steps = sum(map(len, sequences))
    surfaces = "wire and terminal" if options.no_panel else "all surfaces"
    print(
        f"  {len(sequences)} sequences, {steps} scenarios met on {surfaces}, "
        f"{len(faults)} times something wrong was said, in "
        f"{time.monotonic() - start:.0f} s"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
