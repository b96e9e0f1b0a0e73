"""``python -m tests.faults.influx [--points N]``: a real InfluxDB 1.x.

Debian's package ``influxdb`` is started on this machine, with logins, behind
a stand-in platform. It is asked as a lab does: before there is anything, with
a wrong password, without the scope, with two versions of mobu's measurement,
with names that would be code, with N points of one notebook, and when it is
gone. What is told is compared with what was written.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from rsp_health.errors import EnvironmentFailureError
from rsp_health.platform.http.client import PlatformHttp
from rsp_health.runner.models import RunRepository
from rsp_health.runner.platform_times.lookup import find_login, platform_times
from tests.runner.reports.runs import cell, notebook, run
from tests.support.sasquatch import DATABASE, PASSWORD, Platform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rsp_health.runner.models import RunDocument
    from rsp_health.runner.platform_times.models import PlatformTimesDocument

REPO = "https://github.com/lsst-sqre/phalanx-test"
EVENT = "notebook_cell_execution"
#: The two versions of the measurement.
NAMES = (f"lsst.square.metrics.events.mobu.{EVENT}", EVENT)
ODD = (
    "it's.ipynb",
    "x' OR 1=1 --.ipynb",
    "back\\slash.ipynb",
    'say "a, b=c".ipynb',
    "sub dir/é\N{SNOWMAN}.ipynb",
)
#: A line of Influx's protocol must hold no newline; a name may.
CELLS = 30


class Influx:
    """An InfluxDB of its own, on loopback."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free, socket.socket() as other:
            free.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
            rpc = other.getsockname()[1]
        config = folder / "influxdb.conf"
        config.write_text(
            f"""
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{self.port}"
auth-enabled = true
log-enabled = false
[logging]
level = "error"
"""
        )
        self._process = subprocess.Popen(
            ["influxd", "-config", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder)},
        )
        self._wait()
        admin = "CREATE USER admin WITH PASSWORD 'admin' WITH ALL PRIVILEGES"
        self.ask("POST", "/query", {"q": admin})
        for query in (
            f'CREATE DATABASE "{DATABASE}"',
            f"CREATE USER reader WITH PASSWORD '{PASSWORD}'",
            f'GRANT READ ON "{DATABASE}" TO reader',
        ):
            status, body = self.ask("POST", "/query", {"q": query}, "admin")
            assert status == 200, body

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if self.ask("GET", "/ping", {})[0] == 204:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("influxd does not start")

    def ask(
        self,
        method: str,
        path: str,
        words: dict[str, str],
        user: str = "",
        body: bytes = b"",
    ) -> tuple[int, bytes]:
        """Ask it as its administrator, or as nobody."""
        if user:
            words = {**words, "u": user, "p": user}
        return self.pass_on(f"{path}?{urlencode(words)}", "", method, body)

    def pass_on(
        self, path: str, login: str, method: str = "GET", body: bytes = b""
    ) -> tuple[int, bytes]:
        """Pass a lab's question on; ``login`` is ``name:password``."""
        if login:
            name, _, password = login.partition(":")
            path += "&" + urlencode({"u": name, "p": password})
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=300
        )
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 502, b"{}"
        finally:
            connection.close()

    def write(self, lines: list[str]) -> None:
        """Write points."""
        for first in range(0, len(lines), 20_000):
            data = "\n".join(lines[first : first + 20_000]).encode()
            words = {"db": DATABASE, "precision": "ms"}
            status, body = self.ask("POST", "/write", words, "admin", data)
            assert status == 204, body

    def close(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def tag(text: str) -> str:
    """Return a tag's value in Influx's line protocol."""
    for sign in (",", "=", " "):
        text = text.replace(sign, "\\" + sign)
    return text


class Written:
    """What was written, and what should therefore be told."""

    def __init__(self, influx: Influx, seed: int) -> None:
        self._influx = influx
        self._random = random.Random(seed)  # noqa: S311 - made-up times
        self._now = int(time.time() * 1000)
        self.times: defaultdict[tuple[str, str], list[tuple[int, float]]] = (
            defaultdict(list)
        )

    def add(self, name: str, path: str, points: int) -> None:
        """Write points of one notebook to one version."""
        lines = []
        for number in range(points):
            # None at the same time: a point of the same series replaces.
            at = self._now - (points - number) * 2 - NAMES.index(name)
            index = number % CELLS
            cell_id = f"cell-{index + 1}" if index else "1"
            seconds = round(self._random.lognormvariate(0.0, 1.0), 6)
            success = self._random.random() > 0.05
            lines.append(
                f"{name},business=NotebookRunnerCounting,"
                f"notebook={tag(path)},repo={tag(REPO + '.git')},"
                f"success={'true' if success else 'false'},username=bot "
                f'cell_id="{cell_id}",duration={seconds},repo_ref="main" '
                f"{at}"
            )
            if success:
                self.times[path, cell_id].append((at, seconds))
        self._influx.write(lines)

    def expected(self, path: str, cell_id: str, most: int) -> list[float]:
        """Return the newest times of a cell, as far as they may be read."""
        known = sorted(self.times[path, cell_id])[-most:]
        return [seconds for _, seconds in known]


def document(*paths: str) -> RunDocument:
    """Return a run of notebooks with 30 cells."""
    cells = [cell(i + 1, id=f"cell-{i + 1}" if i else None) for i in range(30)]
    return run(
        *(notebook(path, cells=cells) for path in paths),
        repository=RunRepository(url=REPO, ref="main", commit="c"),
    )


def look(platform: Platform, found: RunDocument) -> PlatformTimesDocument:
    """Ask as a lab does."""

    async def ask() -> PlatformTimesDocument:
        environment = platform.environment(Path("/"))
        client = PlatformHttp(environment=environment, timeout_s=120.0)
        try:
            login = await find_login(client, platform.discovery(), label=None)
            return await platform_times(found, client, login)
        finally:
            await client.aclose()

    return asyncio.run(ask())


class Campaign:
    """The questions, and what is wrong with the answers."""

    def __init__(self, influx: Influx, platform: Platform) -> None:
        self.influx = influx
        self.platform = platform
        self.wrong: list[str] = []
        self.written = Written(influx, seed=11)

    def refused(self, what: str, words: str) -> None:
        """Expect a sentence, and no password in it."""
        try:
            look(self.platform, document("tap.ipynb"))
        except EnvironmentFailureError as exc:
            print(f"  {what}: {exc.message}")
            if words not in exc.message or PASSWORD in exc.message:
                self.wrong.append(f"{what}: {exc.message}")
        else:
            self.wrong.append(f"{what}: no error")

    def told(self, *paths: str) -> None:
        """Compare what is told of notebooks with what was written."""
        found = look(self.platform, document(*paths))
        compared = 0
        for one in found.notebooks:
            for index, shown in enumerate(one.cells):
                cell_id = f"cell-{index + 1}" if index else "1"
                times = self.written.expected(one.notebook, cell_id, 50)
                platform = shown.platform
                if platform is None or (
                    platform.median_s,
                    platform.n,
                ) != (round(median(times), 6), len(times)):
                    self.wrong.append(
                        f"{one.notebook} {cell_id}: {platform}, not "
                        f"{median(times):.6f} of {len(times)}"
                    )
                compared += 1
            if not one.cells:
                self.wrong.append(f"{one.notebook}: {one.reason}")
        print(f"  {len(paths)} notebooks, {compared} cells compared")

    def nothing(self) -> None:
        """Ask before there is a measurement."""
        (one,) = look(self.platform, document("tap.ipynb")).notebooks
        print(f"  absent measurement: {one.reason}")
        if one.cells or one.reason is None:
            self.wrong.append("absent measurement")

    def run(self, points: int) -> None:
        """Ask everything."""
        self.nothing()
        self.platform.password = "wrong"
        self.refused("401", "refuses the login")
        self.platform.password = PASSWORD
        self.platform.has_scope = False
        self.refused("403", "read:sasquatch")
        self.platform.has_scope = True
        for name in NAMES:
            for path in ("tap.ipynb", "sub/sia.ipynb"):
                self.written.add(name, path, 1500)
        self.told("tap.ipynb", "sub/sia.ipynb")
        for path in ODD:
            self.written.add(NAMES[0], path, 600)
        self.told(*ODD)
        start = time.perf_counter()
        self.written.add(NAMES[0], "big.ipynb", points)
        wrote = time.perf_counter() - start
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        self.told("big.ipynb")
        took = time.perf_counter() - start
        more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(
            f"  {points} points (written in {wrote:.0f} s): told in "
            f"{took:.1f} s, {more / 1024:.0f} MB more memory"
        )
        if more > 64 * 1024:
            self.wrong.append(f"{more} KiB more memory")
        self.influx.close()
        self.refused("gone", "HTTP 502")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaign; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    options: Any = parser.parse_args(argv)
    if shutil.which("influxd") is None:
        print("influxd is not installed (Debian: influxdb); nothing was run")
        return 0
    with tempfile.TemporaryDirectory() as name:
        influx = Influx(Path(name))
        try:
            with Platform(influx.pass_on) as platform:
                campaign = Campaign(influx, platform)
                campaign.run(options.points)
        finally:
            influx.close()
    print(f"{len(campaign.wrong)} wrong")
    for line in campaign.wrong[:20]:
        print(f"  WRONG {line}")
    return 1 if campaign.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
