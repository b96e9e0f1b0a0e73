"""``python -m tests.faults.bot [--cycles N] [--seed S]``: the user's test bot.

Bots are real processes with real locks and files; only their clock and their
runs are simulated. They are killed at random moments, started again, started
twice, paused and resumed, until N runs were begun. Then:

- no run overlapped another, and no second bot ever ran;
- from the moment that a bot told that it pauses until it was resumed, no run
  began, whatever was killed meanwhile;
- every run that was begun is counted once, and the summary is mobu's wording
  of these figures, worked out here in another way.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rsp_health.errors import ConflictError
from rsp_health.runner.bot.bot import Bot, describe, told
from rsp_health.runner.bot.models import BotState
from rsp_health.runner.bot.store import BotStore

if TYPE_CHECKING:
    from collections.abc import Sequence

EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
EVERY_S = 600.0
PLATFORM = "https://rsp.example"
#: Exit code of a bot that was kept out.
KEPT_OUT = 9


def figures_of(run_id: str) -> tuple[int, int]:
    """Return what comes of a run: the same, whoever looks."""
    value = zlib.crc32(run_id.encode())
    return value % 7, (value >> 8) % 3


def length_of(run_id: str) -> float:
    """Return the seconds that a run takes; some take more than two turns."""
    return float(zlib.crc32(run_id.encode()) % 1500)


class World:
    """A clock and runs that outlive the process, in files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = (folder / "log").open("ab", buffering=0)
        self._now = 0.0
        self._read()

    def _read(self) -> None:
        lines = read_log(self._folder)
        self._now = max((line["at"] for line in lines), default=0.0)
        self._runs = {x["run"]: x["at"] for x in lines if x["kind"] == "start"}

    def _write(self, kind: str, **more: object) -> None:
        line = {"kind": kind, "at": self._now, "pid": os.getpid(), **more}
        self._log.write(json.dumps(line).encode() + b"\n")

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self._now)

    def sleep(self, seconds: float) -> None:
        # The bot looks often; the simulated time makes longer steps.
        self._now += seconds * 20
        self._write("tick")
        time.sleep(0.005)

    def new_id(self) -> str:
        return f"run-{os.getpid()}-{len(self._runs)}-{self._now:.0f}"

    def start(self, run_id: str) -> None:
        self._runs[run_id] = self._now
        self._write("start", run=run_id)

    def figures(self, run_id: str) -> tuple[int, int] | None:
        began = self._runs.get(run_id)
        if began is None:
            return 0, 0
        if self._now < began + length_of(run_id):
            return None
        return figures_of(run_id)

    def stop(self, run_id: str) -> None:
        del run_id


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Return all that bots wrote; a line that was cut by a kill is left."""
    lines = []
    path = folder / "log"
    for line in path.read_bytes().splitlines() if path.exists() else []:
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue
    return lines


def be_a_bot(folder: Path) -> int:
    """Be one bot, until killed."""
    alone = (folder / "alone").open("wb")
    world = World(folder)
    store = BotStore(folder)
    fresh = BotState(started_at=world.now(), every_s=EVERY_S)
    bot = Bot(
        store=store, runs=world, clock=world, fresh=fresh, platform=PLATFORM
    )
    begin = bot._begin

    def seen() -> BotState:
        # The system's own lock: had two bots the lock, this would fail.
        try:
            fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            (folder / "two-at-once").touch()
        world._read()
        return begin()

    bot._begin = seen  # type: ignore[method-assign]
    try:
        bot.serve()
    except ConflictError:
        return KEPT_OUT
    return 0


def expected_summary(started: datetime, passed: int, failed: int) -> str:
    """Return mobu's words for one flock, from its documented rules."""
    total = passed + failed
    share = Decimal(100)
    if total:
        share = Decimal(100) * passed / total
    if Decimal("99.995") < share < 100:
        share = Decimal("99.99")
    rate = share.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    plural = "failure" if failed == 1 else "failures"
    return (
        f"Currently running 1 flock against {PLATFORM}:\n"
        f"\N{BULLET} *rsp-health*: 1 monkey started {started:%Y-%m-%d} with "
        f"{failed} {plural} ({rate}% success)"
    )


class Campaign:
    """Starts and kills bots, pauses and resumes, and looks at all."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.store = BotStore(folder)
        self.random = random.Random(seed)  # noqa: S311 - a fault's moment
        self.wrong: list[str] = []
        self.kills = self.pauses = self.doubles = 0
        self.bot: subprocess.Popen[bytes] | None = None

    def spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.bot", "--be", self.folder],
        )

    def kill(self) -> None:
        if self.bot is not None:
            self.bot.send_signal(signal.SIGKILL)
            self.bot.wait()
            self.bot = None
            self.kills += 1

    def starts(self) -> int:
        return sum(x["kind"] == "start" for x in read_log(self.folder))

    def until(self, what: str, limit_s: float = 60.0) -> bool:
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            state = self.store.read()
            if state is not None and state.phase == what:
                return True
            time.sleep(0.002)
        self.wrong.append(f"never {what}")
        return False

    def step(self) -> None:
        if self.bot is None:
            self.bot = self.spawn()
        time.sleep(self.random.uniform(0.0, 1.0))
        choice = self.random.random()
        if choice < 0.6:
            self.kill()
        elif choice < 0.75:
            other = self.spawn()
            if other.wait(120) != KEPT_OUT:
                self.wrong.append("a second bot was not kept out")
            self.doubles += 1
        else:
            self.pause()

    def pause(self) -> None:
        """Pause, perhaps with a kill and a restart; then resume."""
        self.store.pause()
        self.pauses += 1
        if not self.until("paused"):
            return
        before = self.starts()
        if self.random.random() < 0.7:
            self.kill()
            self.bot = self.spawn()
            time.sleep(self.random.uniform(0.0, 1.5))
        document = describe(self.store, PLATFORM)
        if "paused since" not in document.summary:
            self.wrong.append("not told as paused")
        if self.starts() != before:
            self.wrong.append("a run began while paused")
        self.store.resume()

    def close(self) -> tuple[int, int]:
        """Let one last bot count what is left; compare; return figures."""
        if self.bot is None:
            self.bot = self.spawn()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            state = self.store.read()
            if state is not None and state.run_id is None:
                self.store.pause()
                if self.until("paused"):
                    break
        self.kill()
        self.store.resume()
        runs = [x for x in read_log(self.folder) if x["kind"] == "start"]
        self.look_for_overlaps(runs)
        all_ = [figures_of(str(x["run"])) for x in runs]
        passed, failed = (sum(x) for x in zip(*all_, strict=True))
        self.look_at_figures(passed, failed)
        if (self.folder / "two-at-once").exists():
            self.wrong.append("two bots were at work")
        return passed, failed

    def look_for_overlaps(self, runs: Sequence[dict[str, Any]]) -> None:
        """Compare when runs began with when the one before ended."""
        ends = 0.0
        for line in runs:
            at = float(str(line["at"]))
            if at < ends:
                self.wrong.append(f"{line['run']} began beside another")
            ends = at + length_of(str(line["run"]))

    def look_at_figures(self, passed: int, failed: int) -> None:
        """Compare what the bot counted and told with what was."""
        state = self.store.read()
        if state is None:
            self.wrong.append("the state is lost")
            return
        counted = state.successes, state.failures
        if counted != (passed, failed):
            self.wrong.append(f"counted {counted}, not {passed}, {failed}")
        summary = told(state, PLATFORM, None)
        if summary != expected_summary(state.started_at, passed, failed):
            self.wrong.append(f"the summary is {summary!r}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaign; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--be", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.be is not None:
        return be_a_bot(options.be)
    with tempfile.TemporaryDirectory() as name:
        campaign = Campaign(Path(name), options.seed)
        while campaign.starts() < options.cycles and not campaign.wrong:
            campaign.step()
        passed, failed = campaign.close()
        begun = campaign.starts()
    print(
        f"{begun} runs, {campaign.kills} kills, {campaign.pauses} pauses, "
        f"{campaign.doubles} second bots; {passed} passed, {failed} did not; "
        f"{len(campaign.wrong)} wrong"
    )
    for line in campaign.wrong:
        print(f"  WRONG {line}")
    return 1 if campaign.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
