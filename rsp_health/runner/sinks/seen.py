"""Which failures were told already: one is news once a day."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any

from ...errors import UnreadableFileError
from ...files.documents import load_json
from ...files.durable import write_json
from .sentry import fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from .contract import Event

__all__ = ["SeenFailures"]

_AGAIN_S = 86400.0
_KEPT = 1000


class SeenFailures:
    """Remembers what was told.

    Parameters
    ----------
    path
        Where.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def news(
        self, failures: Iterable[Event], passed: Collection[str]
    ) -> Iterator[list[Event]]:
        """Give the failures that nobody was told of; note them afterwards.

        What is not kept to be sent, because the block fails or the process
        ends in it, is news the next time.

        Parameters
        ----------
        failures
            Those of a run.
        passed
            Notebooks that passed in it: what fails after that is news.
        """
        known = {
            key: entry
            for key, entry in self._read().items()
            if _is_entry(entry) and entry["notebook"] not in passed
        }
        found = []
        for event in failures:
            key = _digest(fingerprint(event))
            last = known.get(key)
            if last is None or event["timestamp"] - last["at"] >= _AGAIN_S:
                known[key] = {
                    "at": event["timestamp"],
                    "notebook": event["notebook"],
                }
                found.append(event)
        yield found
        newest = sorted(known.items(), key=lambda item: item[1]["at"])
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_json(self._path, dict(newest[-_KEPT:]))

    def _read(self) -> dict[str, Any]:
        try:
            found = load_json(self._path)
        except UnreadableFileError:
            return {}
        return found if isinstance(found, dict) else {}


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("at"), int | float)
        and isinstance(entry.get("notebook"), str)
    )


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
