"""Interleave those who want a lock, step by step, in chosen orders.

Each contender is a thread that runs the real lock, but only one at a time and
only up to its next look at, or change of, the shared folder. Who goes next is
drawn. Contenders die, inside the lock or while they take a dead one's away.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from unittest import mock

from rsp_health.errors import ConflictError
from rsp_health.files import FileLock, locks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Died", "Schedule", "Scratch", "run_many"]


class Died(BaseException):
    """A contender was killed at this step."""


class _Contender(threading.Thread):
    """Wants the lock once; may die at a given step."""

    def __init__(self, schedule: Schedule, dies_at: int | None) -> None:
        super().__init__(daemon=True)
        self.schedule = schedule
        self.dies_at = dies_at
        self.steps = 0
        self.go = threading.Semaphore(0)
        self.tokens: set[str] = set()
        self.outcome = ""

    def run(self) -> None:
        self.go.acquire()
        lock = FileLock(self.schedule.path, action="checkout")
        try:
            try:
                lock.acquire()
            except ConflictError:
                self.outcome = "refused"
                return
            self.schedule.enter(self)
            self.step()
            self.step()
            self.schedule.leave(self)
            lock.release()
            self.outcome = "done"
        except Died:
            self.outcome = "died"
            self.schedule.dead |= self.tokens
            self.schedule.leave(self)
        finally:
            self.schedule.control.release()

    def step(self) -> None:
        """Hand over, and wait to be chosen again."""
        self.steps += 1
        if self.steps == self.dies_at:
            raise Died
        self.schedule.control.release()
        self.go.acquire()


class Schedule:
    """One interleaving.

    Parameters
    ----------
    folder
        An empty folder for the lock.
    deaths
        For each contender, the step at which it dies, or `None`.
    order
        Who goes next, modulo those that can.
    begin_dead
        Whether a dead owner's lock lies there already.
    """

    def __init__(
        self,
        folder: Path,
        *,
        deaths: Sequence[int | None],
        order: Sequence[int],
        begin_dead: bool,
    ) -> None:
        self.path = folder / "lock"
        self.control = threading.Semaphore(0)
        self.dead: set[str] = set()
        self.inside: set[_Contender] = set()
        self.stolen = 0
        self._order = order
        self._contenders = [_Contender(self, when) for when in deaths]
        if begin_dead:
            owner = locks.Owner.current("checkout")
            self.dead.add(owner.token)
            locks._create(self.path, owner)

    def enter(self, contender: _Contender) -> None:
        """Note who holds the lock; two living ones are a theft."""
        self.inside.add(contender)
        if len(self.inside) > 1:
            self.stolen += 1

    def leave(self, contender: _Contender) -> None:
        """Note that it does not hold it any more."""
        self.inside.discard(contender)

    def run(self) -> list[str]:
        """Run to the end, and return how each contender ended."""
        with _instrumented(self):
            for contender in self._contenders:
                contender.start()
            turn = 0
            while alive := [c for c in self._contenders if not c.outcome]:
                pick = (
                    self._order[turn % len(self._order)] if self._order else 0
                )
                turn += 1
                alive[pick % len(alive)].go.release()
                self.control.acquire()
            for contender in self._contenders:
                contender.join()
        return [contender.outcome for contender in self._contenders]


@contextlib.contextmanager
def _instrumented(schedule: Schedule) -> Any:
    """Make every touch of the folder a step, and death visible."""

    def stepping(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            thread = threading.current_thread()
            if isinstance(thread, _Contender):
                thread.step()
            return function(*args, **kwargs)

        return wrapped

    current = locks.Owner.current

    def remember(action: str) -> locks.Owner:
        owner = current(action)
        thread = threading.current_thread()
        if isinstance(thread, _Contender):
            thread.tokens.add(owner.token)
        return owner

    def is_dead(_: Path, owner: locks.Owner | None) -> bool:
        return owner is not None and owner.token in schedule.dead

    unlink = Path.unlink
    watched = stepping(unlink)

    def unlink_stepping(self: Path, missing_ok: bool = False) -> None:
        # Temporary files of one contender are nobody else's business.
        chosen = unlink if self.suffix == ".tmp" else watched
        chosen(self, missing_ok=missing_ok)

    with (
        mock.patch.object(locks, "_create", stepping(locks._create)),
        mock.patch.object(locks, "_read_owner", stepping(locks._read_owner)),
        mock.patch.object(
            locks, "_is_unreadable", stepping(locks._is_unreadable)
        ),
        mock.patch.object(locks, "_is_dead", is_dead),
        mock.patch.object(locks.Owner, "current", remember),
        mock.patch.object(Path, "unlink", unlink_stepping),
        mock.patch.object(FileLock, "_beat"),
    ):
        yield


class Scratch:
    """Folders for schedules, in memory where possible."""

    def __enter__(self) -> Self:
        memory = Path("/dev/shm")
        self._folder = tempfile.TemporaryDirectory(
            dir=memory if memory.is_dir() else None
        )
        self._number = 0
        return self

    def __exit__(self, *exc: object) -> None:
        self._folder.cleanup()

    def new(self) -> Path:
        """Return an empty folder."""
        self._number += 1
        path = Path(self._folder.name, str(self._number))
        path.mkdir()
        return path


def run_many(number: int, seed: int) -> int:
    """Run random schedules; return how many living owners were robbed."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    stolen = 0
    with Scratch() as scratch:
        for _ in range(number):
            contenders = rng.randint(2, 4)
            schedule = Schedule(
                scratch.new(),
                deaths=[
                    rng.choice([None, None, rng.randint(1, 12)])
                    for _ in range(contenders)
                ],
                order=[rng.randrange(contenders) for _ in range(40)],
                begin_dead=rng.random() < 0.5,
            )
            schedule.run()
            stolen += schedule.stolen
    return stolen
