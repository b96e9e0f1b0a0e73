"""Somebody saves while a checkout is changed: is what was saved still there?

A writer saves in one of several ways at one of the steps of a change: either
exactly then, the change waits for it; or up to 60 ms later, whatever the
change does meanwhile. Where the writer was not told of an error, its bytes
must be somewhere in the home afterwards.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from rsp_health.checkout import operations, repository_checkout
from rsp_health.checkout.change.exchange import CheckoutSlot
from rsp_health.errors import RSPHealthError
from tests.faults.checkout.homes import (
    FILE,
    PLACE,
    SCENARIOS,
    git,
    make_service,
    make_upstream,
    notebook,
)
from tests.faults.checkout.writer import STYLES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Race", "choose_races", "prepare_races", "run_races", "try_race"]

CHANGES = ("create over an unchanged tree", "restore", "reset")
"""The scenarios; in a restore the present tree is unchanged, too."""

_HOOKS: tuple[tuple[Any, str], ...] = (
    (operations, "clone"),
    (operations, "reset_file"),
    (operations, "remove_tree"),
    (repository_checkout, "look"),
    (repository_checkout, "occupants"),
    (repository_checkout, "time_stamps"),
    (CheckoutSlot, "exchange"),
    (CheckoutSlot, "discard"),
)
"""What begins or ends a step."""

_LATEST = 0.06  # seconds


@dataclass(frozen=True)
class Race:
    """One save during one change.

    Parameters
    ----------
    change, style
        Which.
    hold
        At which of the change's steps the writer opens what it holds; before
        all of them if negative.
    step
        At which it writes; after the last one if there are not so many.
    delay
        Seconds after it; `None` for exactly then, while the change waits.
    """

    change: str
    style: str
    hold: int
    step: int
    delay: float | None

    def __str__(self) -> str:
        when = (
            "at" if self.delay is None else f"{self.delay * 1e3:.0f} ms past"
        )
        return (
            f"{self.change}: {self.style}, held at step {self.hold}, {when}"
            f" step {self.step}"
        )


def prepare_races(base: Path) -> None:
    """Make upstream, and one home per change."""
    upstream = base / "upstream"
    make_upstream(upstream)
    old = git(upstream, "rev-parse", "HEAD")
    for name in CHANGES:
        home = base / "races" / name
        home.mkdir(parents=True)
        if name == "restore":
            service = make_service(home, upstream)
            service.checkout("system-test", fingerprint=None, ref=old)
            service.remove("system-test")
            service.checkout("system-test", fingerprint=None, ref=old)
        else:
            scenario = "reset" if name == "reset" else name
            SCENARIOS[scenario].prepare(home, upstream)
    (upstream / "nb4.ipynb").write_text(notebook("newer"))
    git(upstream, "commit", "-q", "-a", "-m", "second")


def choose_races(number: int, seed: int) -> list[Race]:
    """Choose races evenly over changes, styles, steps and moments."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    found: list[Race] = []
    while len(found) < number:
        for change in CHANGES:
            steps = 8 if change == "reset" else 20
            for style in STYLES:
                for exactly in (True, False):
                    delay = None if exactly else rng.uniform(0, _LATEST)
                    hold = rng.randrange(-1, steps)
                    step = rng.randrange(max(hold, 0), steps)
                    found.append(Race(change, style, hold, step, delay))
    rng.shuffle(found)
    return found[:number]


@cache
def _writer() -> subprocess.Popen[str]:
    """Start this process's writer, which is a program of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.checkout.writer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _tell(document: dict[str, Any]) -> None:
    stdin = _writer().stdin
    assert stdin is not None
    stdin.write(json.dumps(document) + "\n")
    stdin.flush()


def _hear() -> str:
    stdout = _writer().stdout
    assert stdout is not None
    return stdout.readline().strip()


class _Steps:
    """Counts the steps of a change, and tells the writer when they come."""

    def __init__(self, race: Race, order: dict[str, Any]) -> None:
        self._race = race
        self._order = order
        self._at = -1
        self.end = ""
        self._is_held = self._is_told = False
        self._look()

    def _look(self) -> None:
        if not self._is_held and self._at >= self._race.hold:
            self._is_held = True
            _tell(self._order)
            answer = _hear()
            if answer != "ready":
                self.end = answer
        if not self.end and not self._is_told and self._at >= self._race.step:
            self._is_told = True
            _tell({"delay": self._race.delay or 0.0})
            if self._race.delay is None:
                self.end = _hear()

    def step(self) -> None:
        """Begin a step."""
        self._at += 1
        self._look()

    def finish(self) -> str:
        """Return how the writer ended, after the change."""
        self._at = max(self._race.hold, self._race.step)
        self._look()
        return self.end or _hear()

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make the begin and the end of a function steps."""

        def call(*arguments: Any, **options: Any) -> Any:
            self.step()
            try:
                return function(*arguments, **options)
            finally:
                self.step()

        return call


def try_race(base: Path, race: Race) -> tuple[str, str]:
    """Run one race; return how the writer ended, and what was lost."""
    scratch = Path(tempfile.mkdtemp(dir=base))
    home = scratch / "home"
    shutil.copytree(base / "races" / race.change, home, symlinks=True)
    service = make_service(home, base / "upstream")
    text = f"saved by {scratch.name} "
    path = home / PLACE / FILE
    order = {"style": race.style, "path": str(path), "data": text}
    steps = _Steps(race, order)
    lost = ""
    with contextlib.ExitStack() as stack:
        for owner, name in _HOOKS:
            wrapped = steps.wrap(getattr(owner, name))
            stack.enter_context(mock.patch.object(owner, name, wrapped))
        try:
            SCENARIOS[race.change].change(service)
        except RSPHealthError as exc:
            lost = f"the change failed: {exc.message}"
    end = steps.finish()
    if end == "saved" and not _is_kept(home, text.encode()):
        lost = "lost"
    shutil.rmtree(scratch, ignore_errors=True)
    return end, lost


def _is_kept(home: Path, data: bytes) -> bool:
    return any(
        data in path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def run_races(base: Path, number: int, seed: int) -> int:
    """Run races in two processes, print the counts, return what was lost."""
    prepare_races(base)
    chosen = choose_races(number, seed)
    ended: Counter[str] = Counter()
    styles: Counter[str] = Counter()
    lost = 0
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        results = pool.map(partial(try_race, base), chosen, chunksize=8)
        for race, (end, wrong) in zip(chosen, results, strict=True):
            ended[end] += 1
            styles[race.style] += 1
            if wrong:
                lost += 1
                print(f"  BAD {race}: {wrong}", flush=True)
    for style, total in styles.items():
        print(f"  {total:5d}  {style}")
    print(
        f"{len(chosen)} saves during changes: {ended['saved']} went through,"
        f" {ended['failed']} were told an error, {lost} lost"
    )
    return lost
