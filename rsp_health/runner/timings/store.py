"""The times of earlier runs in one file, so that no record is read for them.

One line a notebook and run, appended when the run ends, and a line that says
that a run's are complete. When the file has doubled, what no longer counts is
taken out and the other lines are copied as they stand: no more is copied than
was appended, so that a run does not pay for a long history. The file only
repeats what the runs' records say: where it is damaged, it is left out whole,
and `History.timings` learns from the records again.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import TYPE_CHECKING

from ...files import AppendedLines
from .execution import Execution, executions_of
from .usual import WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..models import RunDocument

__all__ = ["Seen", "TimingStore"]

#: Runs that are told as complete, of the newest.
_RUNS = 500
#: Results of one notebook that are kept whatever they are, and conditions of
#: which the last passes are.
_RESULTS = 20
_CONDITIONS = 6
#: Bytes of the file after which it is damaged, and those that are left when
#: what no longer counts is taken out.
_BYTES = 32 * 1024**2
_KEEP_BYTES = 8 * 1024**2
#: Bytes that were appended since the last time, from which on it is worth
#: while; also as many as were left then.
_GROWN_BYTES = 32 * 1024

type Seen = dict[str, dict[str, Execution]]


class TimingStore:
    """What is known of earlier runs: their executions, by notebook.

    Parameters
    ----------
    path
        The file, JSON lines. It need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._lines = AppendedLines(path, limit=_BYTES)
        self._lock = threading.Lock()
        self._seen: Seen = {}
        self._runs: set[str] = set()
        self._numbers: dict[tuple[str, str], int] = {}
        self._count = self._left = self._grown = 0

    def read(self) -> tuple[Seen, set[str]]:
        """Return the executions by notebook and run, and which runs are known.

        Only what was appended since the last call is read.
        """
        with self._lock:
            self._read_on()
            return self._seen, self._runs

    def _read_on(self) -> None:
        lines, is_new = self._lines.read_on()
        if is_new:
            self._forget()
        if not all(self._take(line) for line in lines):
            # Which lines are missing, nobody knows.
            self._forget()
            self._lines.replace([])
            _ = self._lines.read_on()

    def _forget(self) -> None:
        self._seen, self._runs, self._numbers = {}, set(), {}
        self._count = self._left = self._grown = 0

    def _take(self, line: bytes) -> bool:
        """Take a line; false if it is none."""
        try:
            found = json.loads(line)
            if "notebook" in found:
                one = Execution.from_line(found)
                self._seen.setdefault(one.notebook, {})[one.run_id] = one
                self._numbers[one.notebook, one.run_id] = self._count
            else:
                self._runs.update(map(str, found["runs"]))
        except (
            AttributeError,
            IndexError,
            KeyError,
            RecursionError,
            TypeError,
            ValueError,
        ):
            return False
        self._count += 1
        self._grown += len(line) + 1
        if found.get("compacted"):
            self._left, self._grown = self._grown, 0
        return True

    def append(self, documents: Iterable[RunDocument]) -> None:
        """Add runs that have ended; without it, all still works."""
        lines: list[bytes] = []
        for document in documents:
            lines += [one.to_line() for one in executions_of(document)]
            lines.append(_runs_line([document.run_id]))
        self._lines.append(lines)

    def compact(self) -> None:
        """Take out what no longer counts, if the file has grown."""
        with self._lock:
            self._read_on()
            if self._grown < max(_GROWN_BYTES, self._left):
                return
            lines = self._lines.all_lines()
            if len(lines) < self._count:
                return  # another process was faster
            self._lines.replace(
                [
                    *self._counting(lines),
                    _runs_line(sorted(self._runs)[-_RUNS:], compacted=True),
                    *lines[self._count :],
                ]
            )

    def _counting(self, lines: list[bytes]) -> list[bytes]:
        """Return those of these lines that still count, oldest first."""
        left: list[int] = []
        size = 0
        for results in sorted(self._seen.values(), key=max, reverse=True):
            kept = [
                self._numbers[one.notebook, one.run_id]
                for one in _kept(results)
            ]
            size += sum(len(lines[number]) + 1 for number in kept)
            if size <= _KEEP_BYTES:
                left += kept
        return [lines[number] for number in sorted(left)]


def _runs_line(runs: list[str], *, compacted: bool = False) -> bytes:
    more = {"compacted": True} if compacted else {}
    return json.dumps({"runs": runs, **more}).encode()


def _kept(results: dict[str, Execution]) -> list[Execution]:
    """Return the results of a notebook that still count, oldest first."""
    counted: Counter[str] = Counter()
    kept = []
    for number, run_id in enumerate(sorted(results, reverse=True)):
        one = results[run_id]
        known = one.conditions in counted or len(counted) < _CONDITIONS
        if one.seconds is not None and known:
            counted[one.conditions] += 1
            known = counted[one.conditions] <= WINDOW
        else:
            known = False
        if known or number < _RESULTS:
            kept.append(one)
    return kept[::-1]
