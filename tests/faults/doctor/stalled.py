"""A lab whose home and platform stop to answer while its server runs.

All of it is real: a network namespace in which packets to the platform are
dropped, a FUSE file system that never answers mounted over the home, a Python
that reads the user's packages as an image's does, and a panel that polls. Then
the doctor is asked, and the event loop of the server is measured meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError

from tests.doctor.stalled_mount import mount
from tests.support.servers import ServerProcess

__all__ = ["asked_in_vain"]

_ROOT = Path(__file__).parents[3]
#: Nobody has this address (RFC 5737), and here it is no way out either.
_PLATFORM = "203.0.113.7"
_NAMESPACE = f"ip link set lo up; ip route add {_PLATFORM}/32 dev lo"
#: Seconds for all quick checks. Another two are for the start of Python and
#: for the request.
LIMIT_S = 5.0
_START_S = 2.0
#: What the event loop may be late by our own work, in milliseconds.
_LATE_MS = 50.0
#: What a panel asks for now and then.
_POLLS = ("services", "repositories", "runs", "quota", "broadcasts")
_POLLED_S = 20.0
_ASKED = 3


def asked_in_vain() -> int:
    """Ask the doctor in such a lab; return how much is wrong, and print it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        python = _image(Path(scratch, "image"))
        words = [str(python), "-m", "tests.faults.doctor.stalled", scratch]
        done = subprocess.run(
            [
                *("unshare", "-m", "-n", "sh", "-ec"),
                *(f'{_NAMESPACE}; exec "$@"', "sh", *words),
            ],
            cwd=_ROOT,
            check=False,
        )
    return done.returncode


def _image(folder: Path) -> Path:
    """Make a Python that has our packages, and reads the user's."""
    here = Path(sys.prefix)
    (folder / "bin").mkdir(parents=True)
    for name in ("lib", "share", "etc"):
        if (here / name).exists():
            (folder / name).symlink_to(here / name)
    settings = (here / "pyvenv.cfg").read_text()
    (folder / "pyvenv.cfg").write_text(
        re.sub(
            r"(?im)^(include-system-site-packages\s*=).*", r"\1 true", settings
        )
    )
    python = folder / "bin" / "python"
    python.symlink_to(Path(sys.executable).resolve())
    return python


async def _panel(server: ServerProcess) -> None:
    """Poll as an open panel does; what is not answered is let be."""

    async def poll(path: str) -> None:
        with contextlib.suppress(Exception):
            await server.call("GET", f"rsp-health/{path}")

    async with asyncio.TaskGroup() as polls:
        while True:
            for path in _POLLS:
                polls.create_task(poll(path))
            await asyncio.sleep(2.0)


async def _look(server: ServerProcess) -> list[str]:
    """Ask once, and return what is wrong with the answer."""
    begin = time.monotonic()
    try:
        code, report = await server.call("GET", "rsp-health/doctor")
    except HTTPClientError as exc:
        return [f"no answer after {time.monotonic() - begin:.0f} s: {exc}"]
    took = time.monotonic() - begin
    if code != 200:
        return [f"after {took:.1f} s: {code} {report}"]
    print(f"  {took:.1f} s: {report['verdict']['sentence'][:150]}")
    wrong = []
    if took > LIMIT_S + _START_S:
        wrong.append(f"it took {took:.1f} s")
    states = {f["check"]: f["state"] for f in report["findings"]}
    wrong += [
        f"{check} is {states.get(check)}"
        for check in ("home.space", "net.path")
        if states.get(check) not in {"fault", "cannot_tell"}
    ]
    return wrong


async def _measure(scratch: Path) -> list[str]:
    server = ServerProcess(
        scratch,
        variables={
            "EXTERNAL_INSTANCE_URL": f"https://{_PLATFORM}",
            "NUBLADO_TOKEN": "gt-none.none",
        },
        module="tests.benchmarks.loaded_server",
    )
    # As in a lab: what Jupyter shows is the home.
    server.root = server.home
    server.home.mkdir()
    await server.start()
    panel = None
    device = -1
    try:
        for path in ("info", *_POLLS):
            await server.call("GET", f"rsp-health/{path}")
        device = mount(str(server.home))
        await server.call("GET", "bench/lateness?start=1")
        panel = asyncio.create_task(_panel(server))
        wrong = await _look(server)
        await asyncio.sleep(_POLLED_S)
        for _ in range(_ASKED - 1):
            wrong += await _look(server)
        _, late = await server.call("GET", "bench/lateness")
    finally:
        if panel is not None:
            panel.cancel()
        if server.process is not None:
            os.kill(server.process.pid, signal.SIGKILL)
        if device >= 0:
            # Whoever hangs there is let go.
            os.close(device)
    return wrong + _lateness(late)


def _lateness(late: dict[str, Any]) -> list[str]:
    for name, title in (("all", "event loop"), ("own", "  our own work")):
        figures = late[name]
        print(
            f"  {title}: p99 {figures['p99']:.1f} ms, at most "
            f"{figures['max']:.1f} ms ({figures['samples']} samples)"
        )
    most = late["own"]["max"]
    return [f"the event loop stood {most:.0f} ms"] if most > _LATE_MS else []


def main(scratch: str) -> int:
    """Measure in this namespace, and return how much is wrong."""
    wrong = asyncio.run(_measure(Path(scratch)))
    for text in wrong:
        print(f"      {text}")
    print(f"stalled: asked {_ASKED} times, {len(wrong)} wrong", flush=True)
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
