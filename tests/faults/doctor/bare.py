"""``rsp-health doctor`` where next to nothing works.

Each place is real where that can be: a full tmpfs, a home on a file system
that never answers, a platform that takes connections and says nothing, a
Python in which nothing of Jupyter can be imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rsp_health.sandbox.app import SandboxServer
from tests.doctor.talking import talking

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Place", "look", "places"]

_ROOT = Path(__file__).parents[3]
_DOCTOR = (sys.executable, "-m", "rsp_health.cli.start", "doctor")
_NO_JUPYTER = """
import importlib.abc, runpy, sys
GONE = ("jupyter", "ipykernel", "nbformat", "nbclient", "tornado", "zmq")
class Gone(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0].partition("_")[0] in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Gone())
sys.argv = ["rsp-health", *sys.argv[1:]]
runpy.run_module("rsp_health.cli.start", run_name="__main__")
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the doctor is called.

    Parameters
    ----------
    name
        What is broken.
    variables
        Beside ``PATH`` and ``HOME``.
    home
        The home.
    before
        A program that runs it.
    doctor
        The call itself.
    finds
        Checks of which a problem is expected, or that cannot tell.
    """

    name: str
    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    doctor: tuple[str, ...] = _DOCTOR
    finds: tuple[str, ...] = ()


@contextmanager
def places(scratch: Path) -> Iterator[list[Place]]:
    """Yield the places; what they need runs meanwhile."""

    def home(name: str) -> Path:
        folder = scratch / name
        folder.mkdir()
        return folder

    space = ("unshare", "-m") if os.getuid() == 0 else ("unshare", "-Urm")
    stalled = (sys.executable, "-m", "tests.doctor.stalled_mount")
    full = home("full")
    script = (
        f"mount -t tmpfs -o size=200k none {full}; "
        f"head -c 1000000 /dev/zero > {full}/x 2>/dev/null || true; "
        'exec "$@"'
    )
    with SandboxServer(scenario="expired-token") as sandbox, talking() as port:
        rejected = home("rejected")
        hanging = home("hanging")
        hole = {
            "EXTERNAL_INSTANCE_URL": f"http://127.0.0.1:{port}",
            "NUBLADO_TOKEN": "gt-none.none",
        }
        yield [
            Place(name="no platform, no server", home=home("plain")),
            Place(
                name="full home",
                home=full,
                before=(*space, "sh", "-c", script, "sh"),
                finds=("home.space",),
            ),
            Place(
                name="HOME in a temporary folder",
                home=home("temporary"),
                variables={
                    "ABNORMAL_STARTUP": "TRUE",
                    "ABNORMAL_STARTUP_ERRORCODE": "ENOSPC",
                    "RUNNING_INSIDE_JUPYTERLAB": "TRUE",
                },
                finds=("lab.start",),
            ),
            Place(name="no home at all", home=scratch / "nowhere"),
            Place(
                name="rejected token",
                home=rejected,
                variables=sandbox.lab_environment(rejected),
                finds=("token",),
            ),
            Place(
                name="no kernels",
                home=home("kernels"),
                variables={
                    "JUPYTER_NO_CONFIG": "1",
                    "JUPYTER_PREFER_ENV_PATH": "no",
                },
                before=(
                    *space,
                    "sh",
                    "-c",
                    (
                        f'mount -t tmpfs none "{sys.prefix}/share/jupyter/kernels"'
                        ' 2>/dev/null; exec "$@"'
                    ),
                    "sh",
                ),
                finds=("kernel.spec",),
            ),
            Place(
                name="Python without Jupyter",
                home=home("python"),
                doctor=(sys.executable, "-c", _NO_JUPYTER, "doctor"),
            ),
            Place(
                name="platform that never answers",
                home=home("hole"),
                variables=hole,
                finds=("net.path",),
            ),
            Place(
                name="home that never answers",
                home=hanging,
                before=(*space, *stalled, str(hanging)),
                finds=("home.space",),
            ),
            Place(
                name="home and platform that never answer",
                home=hanging,
                variables=hole,
                before=(*space, *stalled, str(hanging)),
                finds=("home.space", "net.path"),
            ),
        ]


def look(place: Place, *words: str) -> tuple[list[str], float, str]:
    """Call the doctor, and return what is wrong with its answer.

    Returns
    -------
    tuple
        Complaints, the seconds that it took, and its verdict.
    """
    begin = time.monotonic()
    done = subprocess.run(
        [*place.before, *place.doctor, "--json", *words],
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(place.home),
            **place.variables,
        },
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    took = time.monotonic() - begin
    wrong = []
    if "Traceback" in done.stdout + done.stderr:
        wrong.append(f"a traceback: {done.stderr[-300:]}")
    if done.returncode not in {0, 1, 3}:
        wrong.append(f"exit code {done.returncode}: {done.stdout[-200:]}")
        return wrong, took, ""
    report = json.loads(done.stdout)
    verdict = report["verdict"]
    if not verdict["sentence"]:
        wrong.append("no verdict")
    if done.returncode == 1 and not verdict["next_step"]:
        wrong.append("a fault without a next step")
    states = {f["check"]: f["state"] for f in report["findings"]}
    wrong += [
        f"{check} is {states.get(check)}"
        for check in place.finds
        if states.get(check) in {"ok", "not_applicable", None}
    ]
    return wrong, took, verdict["sentence"]
