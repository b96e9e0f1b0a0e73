"""``python -m tests.faults.sinks [--events N] [--runs N]``: receivers in trouble.

N events for Sasquatch and N failures for Sentry, put in small runs, while the
receiver is down, slow, refuses, wants a login, takes half of them or breaks
the connection after it took them; senders are processes that are killed at
random moments. Then the receiver is well: what arrived is what was put,
each with its own id, and nothing else. Last, whole runs with a receiver that
never answers take as long as without one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.sinks.outbox import Outbox
from rsp_health.runner.sinks.spool import Spool
from tests.faults.runner.cases import notebook as source
from tests.runner.reports.runs import failed, notebook, run
from tests.support.receivers import Receiver

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGAN = datetime(2026, 11, 22, tzinfo=UTC)
MOODS = ("refusing", "slow", "login", "half", "cut", "down")


class Lab:
    """A home, its settings, and the command that sends."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.variables = {
            **os.environ,
            "HOME": str(folder),
            "EXTERNAL_INSTANCE_URL": url,
            "REPERTOIRE_BASE_URL": "",
            "USER": "rachel",
            "JUPYTER_CONFIG_PATH": str(folder),
        }
        self.settings = {
            "sasquatch_topics": "lsst.example",
            "sentry_dsn": url.replace("//", "//key@") + "/7",
        }
        self.config = folder / "site.json"
        self.config.write_text(json.dumps({"HealthApp": self.settings}))
        self.data = folder / "data"

    def outbox(self) -> Outbox:
        environment = LabEnvironment(variables=self.variables)
        return Outbox(
            data_dir=self.data, environment=environment, **self.settings
        )

    def words(self, *words: str) -> list[str]:
        common = ["--config", str(self.config), "--data-dir", str(self.data)]
        program = [sys.executable, "-m", "rsp_health.cli.start"]
        return [*program, *words, *common]

    def sender(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.words("sinks", "send"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.variables,
        )


def put(outbox: Outbox, number: int) -> tuple[int, int]:
    """Put one run; return how many events of each sink it has."""
    names = [f"n{number}-{i}.ipynb" for i in range(5)]
    results = [notebook(names[0]), *(failed(name) for name in names[1:])]
    at = BEGAN + timedelta(minutes=number)
    outbox.put(run(*results, run_id=f"run-{number}", started_at=at))
    return 3 + 4 * 4, 4  # cells with a time and notebooks; failures


def lossless(events: int, seed: int) -> list[str]:
    """Put events while the receiver is in trouble; compare at the end."""
    chance = random.Random(seed)  # noqa: S311 - the moments of faults
    wrong: list[str] = []
    kills = sent = runs = 0
    slowest = 0.0
    with (
        tempfile.TemporaryDirectory() as name,
        Receiver() as receiver,
    ):
        lab = Lab(Path(name), receiver.url)
        down = Lab(Path(name), "http://127.0.0.1:9")
        outbox = lab.outbox()
        expected = failures = 0
        while failures < events:
            start = time.perf_counter()
            one, two = put(outbox, runs)
            slowest = max(slowest, time.perf_counter() - start)
            runs += 1
            expected, failures = expected + one, failures + two
            if runs % 6:
                continue
            mood = chance.choice(MOODS)
            receiver.mood = "well" if mood == "down" else mood
            where = down if mood == "down" else lab
            where.config.write_text(json.dumps({"HealthApp": where.settings}))
            sender = where.sender()
            sent += 1
            time.sleep(chance.uniform(0.2, 2.5))
            if sender.poll() is None:
                sender.send_signal(signal.SIGKILL)
                kills += 1
            sender.wait()
        lab.config.write_text(json.dumps({"HealthApp": lab.settings}))
        receiver.mood = "well"
        if lab.sender().wait(300) != 0:
            wrong.append("something still waits")
        wrong += compare(receiver, expected, failures)
        dropped = sum(x.dropped for x in outbox.describe().sinks)
        if dropped:
            wrong.append(f"{dropped} were dropped")
    print(
        f"{expected} events and {failures} failures of {runs} runs, {sent} "
        f"senders, {kills} killed: {len(wrong)} wrong; a run's own part took "
        f"{slowest * 1000:.0f} ms at most"
    )
    return wrong


def compare(receiver: Receiver, events: int, failures: int) -> list[str]:
    """Return what is missing at the receiver, or should not be there."""
    wrong = [f"refused: {reason}" for reason in receiver.refused[:5]]
    reports = receiver.taken.pop("sentry", [])
    values = [x for topic in receiver.taken.values() for x in topic]
    for what, ids, wanted in (
        ("events", {str(x["id"]) for x in values}, events),
        ("failures", {x["event_id"] for x in reports}, failures),
    ):
        if len(ids) != wanted:
            wrong.append(f"{len(ids)} of {wanted} {what} arrived")
    again = len(values) + len(reports) - events - failures
    print(f"  {again} came twice (with the same id)")
    return wrong


def bounded() -> list[str]:
    """Put twice the bound: the newest stay, and the rest is counted."""
    with tempfile.TemporaryDirectory() as name:
        spool = Spool(Path(name) / "s")
        for number in range(200):
            spool.put([{"id": f"{number}-{i}"} for i in range(100)])
        state = spool.state
        ids = [x["id"] for path in spool.batches() for x in spool.read(path)]
    print(f"20000 events: {state.waiting} wait, {state.dropped} told as lost")
    right = (
        state.waiting + state.dropped == 20_000
        and state.waiting == len(set(ids)) == 10_000
        and ids[-1] == "199-99"
    )
    return [] if right else ["the bound is not kept"]


def speed(runs: int) -> list[str]:
    """Compare whole runs without a sink, and with one that never answers."""
    times: dict[str, list[float]] = {"off": [], "slow": []}
    with tempfile.TemporaryDirectory() as name, Receiver() as receiver:
        receiver.mood = "slow"
        lab = Lab(Path(name), receiver.url)
        path = lab.folder / "a.ipynb"
        path.write_bytes(source("1", "1/0"))
        off = lab.folder / "off.json"
        off.write_text(json.dumps({"HealthApp": {}}))
        for _ in range(runs):
            for kind, seconds in times.items():
                words = lab.words("run", str(path))
                if kind == "off":
                    words[words.index(str(lab.config))] = str(off)
                start = time.perf_counter()
                subprocess.run(
                    words, env=lab.variables, capture_output=True, check=False
                )
                seconds.append(time.perf_counter() - start)
    medians = {kind: statistics.median(x) for kind, x in times.items()}
    noise = statistics.median(abs(x - medians["off"]) for x in times["off"])
    more = medians["slow"] - medians["off"]
    print(
        f"{runs} runs each: median {medians['off']:.2f} s without, "
        f"{medians['slow']:.2f} s with a receiver that never answers "
        f"(noise {noise:.2f} s)"
    )
    limit = max(0.3, 4 * noise)
    return [f"{more:.2f} s slower"] if more > limit else []


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaign; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(argv)
    wrong = lossless(options.events, options.seed) + bounded()
    if options.runs:
        wrong += speed(options.runs)
    for line in wrong:
        print(f"  WRONG {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
