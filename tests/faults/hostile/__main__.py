"""Puts hostile files where commands and routes read, and asks them all.

Every call is answered in time, in words, without a traceback, without a 5xx;
the server's event loop stays free, and nothing takes much memory.

``python -m tests.faults.hostile --only record`` for one place.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.hostile.kinds import plant, take_back
from tests.faults.hostile.places import CASES, Home
from tests.support.servers import ServerProcess

__all__ = ["Driver", "main", "try_case"]

_PROJECT = Path(__file__).parents[3]
#: Limits: seconds, seconds of the loop, bytes.
SECONDS = 2.0
STALL = 0.05
MEMORY = 100 * 1024**2
#: A busy machine makes anything slow now and then: the best of some counts.
_ATTEMPTS = 3
_HANGS = 20.0


class Driver:
    """A process that runs commands."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """Its id; it is started if need be."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.hostile.driver"],
                cwd=_PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._process.pid

    async def call(self, words: list[str]) -> dict[str, Any]:
        """Run a command; one that hangs is killed with its process."""
        _ = self.pid
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        common = ["--config", str(self._home.scratch / "config.json")]
        common += ["--data-dir", str(self._home.data)]
        common += ["--root", str(self._home.root)]
        process.stdin.write(json.dumps([*common, *words]) + "\n")
        process.stdin.flush()
        try:
            async with asyncio.timeout(_HANGS):
                line = await asyncio.to_thread(process.stdout.readline)
        except TimeoutError:
            self.close()
            return {"code": 70, "seconds": _HANGS, "said": "it hangs"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@dataclass(slots=True)
class Worst:
    """The worst of all cases, each with its name."""

    seconds: tuple[float, str] = (0.0, "")
    stall: tuple[float, str] = (0.0, "")
    #: What of it was the loop's own work, which a busy machine leaves alone.
    work: tuple[float, str] = (0.0, "")
    memory: tuple[int, str] = (0, "")
    calls: int = 0
    #: Wrong answers, and those beyond a limit.
    problems: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)


async def try_case(
    home: Home, server: ServerProcess, driver: Driver, case: tuple[str, str]
) -> Worst:
    """Put one file in its place, and ask everybody who reads it."""
    place, kind = case
    worst = Worst()
    path = home.path(place)
    before = plant(kind, path)
    assert server.process is not None
    memory = {pid: _reset(pid) for pid in (server.process.pid, driver.pid)}
    try:
        for words in home.commands():
            await _ask_command(driver, words, f"{place} {kind}", worst)
        for request in home.routes():
            await _ask_route(server, request, f"{place} {kind}", worst)
        for pid, used in memory.items():
            grown = _peak(pid) - used
            worst.memory = max(worst.memory, (grown, f"{place} {kind}"))
            if grown > MEMORY:
                worst.beyond.append(
                    f"{place} {kind}: +{grown / 1024**2:.0f} MB"
                )
    finally:
        take_back(path, before)
    return worst


async def _ask_command(
    driver: Driver, words: list[str], case: str, worst: Worst
) -> None:
    what = f"{case}: rsp-health {' '.join(words[:3])}"
    answer: dict[str, Any] = {}
    seconds = _HANGS
    for _ in range(_ATTEMPTS):
        answer = await driver.call(words)
        seconds = min(seconds, float(answer["seconds"]))
        if seconds <= SECONDS:
            break
    worst.calls += 1
    worst.seconds = max(worst.seconds, (seconds, what))
    if seconds > SECONDS:
        worst.beyond.append(f"{what}: {seconds:.1f} s")
    if "Traceback" in answer["said"] or answer["code"] not in {0, 1, 2, 3}:
        last = str(answer["said"]).strip().splitlines()[-1:]
        worst.problems.append(f"{what}: {answer['code']} {last}")


async def _ask_route(
    server: ServerProcess,
    request: tuple[str, str, object],
    case: str,
    worst: Worst,
) -> None:
    method, path, body = request
    what = f"{case}: {method} {path}"
    seconds, stall, work, code = _HANGS, _HANGS, _HANGS, 0
    for _ in range(_ATTEMPTS):
        await server.call("GET", "hostile/stall")
        began = time.monotonic()
        try:
            async with asyncio.timeout(_HANGS):
                code, _answer = await server.call(method, path, body)
        except (TimeoutError, OSError) as exc:
            worst.problems.append(f"{what}: no answer ({exc!r})")
            return
        except ValueError:
            code = 200  # a report in HTML
        seconds = min(seconds, time.monotonic() - began)
        _, watch = await server.call("GET", "hostile/stall")
        # Jupyter's own save waits for the disk on the loop: no reader's fault.
        clock = "processor" if path.startswith("api/") else "clock"
        stall = min(stall, watch[clock])
        work = min(work, watch["processor"])
        if seconds <= SECONDS and stall <= STALL:
            break
    worst.calls += 1
    worst.seconds = max(worst.seconds, (seconds, what))
    worst.stall = max(worst.stall, (stall, what))
    worst.work = max(worst.work, (work, what))
    if code >= 500:
        worst.problems.append(f"{what}: {code}")
    if seconds > SECONDS:
        worst.beyond.append(f"{what}: {seconds:.1f} s")
    if stall > STALL:
        worst.beyond.append(
            f"{what}: the loop stood {stall * 1e3:.0f} ms, "
            f"{work * 1e3:.0f} ms of it at work"
        )


def _reset(pid: int) -> int:
    """Forget a process's peak of memory; return what it has now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _peak(pid)


def _peak(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    [line] = [line for line in lines if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


async def _run(scratch: Path, only: list[str]) -> int:
    home = Home(scratch=scratch)
    home.make()
    config = scratch / "config.json"
    server = ServerProcess(
        scratch, config=home.config, module="tests.faults.hostile.serve"
    )
    await server.start()
    driver = Driver(home)
    worst = Worst()
    cases = [case for case in CASES if not only or case[0] in only]
    try:
        assert config.is_file()
        await driver.call(["checkout", "create", "h"])
        # Warm: what is imported at the first call is no case's fault.
        first = await try_case(home, server, driver, ("warm", "nothing"))
        for case in cases:
            found = await try_case(home, server, driver, case)
            for name in ("seconds", "stall", "work", "memory"):
                both = getattr(worst, name), getattr(found, name)
                setattr(worst, name, max(both))
            worst.calls += found.calls
            worst.problems += found.problems
            worst.beyond += found.beyond
            for problem in found.problems + found.beyond:
                print(f"    {problem}", flush=True)
        worst.problems += [f"warm: {x}" for x in first.problems if "70" in x]
        if "Traceback" in server.log:
            at = server.log.index("Traceback")
            worst.problems.append(f"log: {server.log[at - 300 : at + 3000]}")
    finally:
        driver.close()
        server.kill()
    print(f"  {len(cases)} hostile files, {worst.calls} calls")
    print(f"  slowest {worst.seconds[0]:.2f} s ({worst.seconds[1]})")
    print(f"  loop {worst.stall[0] * 1e3:.0f} ms ({worst.stall[1]})")
    print(f"  of it work {worst.work[0] * 1e3:.0f} ms ({worst.work[1]})")
    memory = worst.memory[0] / 1024**2
    print(f"  memory +{memory:.0f} MB ({worst.memory[1]})")
    print(
        f"  {len(worst.problems)} wrong answers, "
        f"{len(worst.beyond)} beyond a limit"
    )
    for problem in worst.problems:
        if problem.startswith(("log", "warm")):
            print(f"    {problem}")
    return len(worst.problems) + len(worst.beyond)


def main(argv: list[str] | None = None) -> int:
    """Try all cases; return how many problems there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args(argv)
    scratch = Path(tempfile.mkdtemp(prefix="rsp-hostile-"))
    try:
        return asyncio.run(_run(scratch, options.only))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(min(1, main()))
