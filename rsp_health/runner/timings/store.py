"""The times of earlier runs in one file, so that no record is read for them.

One line a notebook and run, appended when the run ends, and a line that says
that a run's are complete. From time to time what no longer counts is taken
out. The file only repeats what the runs' records say: where it is damaged, it
is left out whole, and `History.timings` learns from the records again.
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
#: Runs since the last time, from which on it is worth while.
_GROWN = 20

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
        self._grown = 0

    def read(self) -> tuple[Seen, set[str]]:
        """Return the executions by notebook and run, and which runs are known.

        Only what was appended since the last call is read.
        """
        with self._lock:
            lines, is_new = self._lines.read_on()
            if is_new:
                self._forget()
            if not all(self._take(line) for line in lines):
                # Which lines are missing, nobody knows.
                self._forget()
                self._lines.replace([])
                _ = self._lines.read_on()
            return self._seen, self._runs

    def _forget(self) -> None:
        self._seen, self._runs, self._grown = {}, set(), 0

    def _take(self, line: bytes) -> bool:
        """Take a line; false if it is none."""
        try:
            found = json.loads(line)
            if "notebook" in found:
                one = Execution.from_line(found)
                self._seen.setdefault(one.notebook, {})[one.run_id] = one
            else:
                runs = {str(run_id) for run_id in found["runs"]}
                self._runs |= runs
                self._grown += len(runs) == 1
        except (
            AttributeError,
            IndexError,
            KeyError,
            RecursionError,
            TypeError,
            ValueError,
        ):
            return False
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
        seen, runs = self.read()
        if self._grown < _GROWN:
            return
        kept = [
            b"\n".join(one.to_line() for one in _kept(results))
            for results in sorted(seen.values(), key=max, reverse=True)
        ]
        left, size = [], 0
        for lines in kept:
            size += len(lines)
            if size <= _KEEP_BYTES:
                left.append(lines)
        self._lines.replace([*left, _runs_line(sorted(runs)[-_RUNS:])])


def _runs_line(runs: list[str]) -> bytes:
    return json.dumps({"runs": runs}).encode()


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
