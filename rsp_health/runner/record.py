"""The record of a run: one JSON object a line, appended as it happens.

A line is flushed when it is written, so that a killed supervisor loses
nothing that it had told. It reaches the disk at each heartbeat and at the end
of a notebook or run: an fsync for every cell would cost more than the cell.
If the disk is full, lines wait in memory and are written as soon as they can
be.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from typing import TYPE_CHECKING, Any

from ..wire import utc_now

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RecordWriter", "format_time", "read_lines"]

_DURABLE = {"run_started", "notebook_finished", "run_finished"}


def format_time() -> str:
    """Return the current time as records tell it."""
    text = utc_now().isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class RecordWriter:
    """Appends to ``record.jsonl`` and beats its heart.

    Parameters
    ----------
    path
        The record; its folder exists.
    heartbeat_s
        Seconds between two heartbeats; 0 for none.
    listener
        Called with each line, in the thread that wrote it.
    on_heartbeat
        Called at each heartbeat.
    """

    def __init__(
        self,
        path: Path,
        *,
        heartbeat_s: float = 2.0,
        listener: Any = None,
        on_heartbeat: Any = None,
    ) -> None:
        self.path = path
        self.problem: OSError | None = None
        self._listener = listener
        self._on_heartbeat = on_heartbeat
        self._lock = threading.Lock()
        self._waiting = b""
        self._descriptor = os.open(
            path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600
        )
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        if heartbeat_s > 0:
            self._thread = threading.Thread(
                target=self._beat,
                args=(heartbeat_s,),
                name="heartbeat",
                daemon=True,
            )
            self._thread.start()

    def write(self, kind: str, **fields: Any) -> None:
        """Append one line."""
        line = {"kind": kind, "at": format_time(), **fields}
        text = json.dumps(line, separators=(",", ":"))
        if "\\ud" in text:
            # Half a character, from a notebook or a file's name: no JSON
            # reader but Python's would take it.
            line = _whole(line)
            text = json.dumps(line, separators=(",", ":"))
        data = text.encode() + b"\n"
        with self._lock:
            self._append(data)
            if kind in _DURABLE:
                self._sync()
        self._tell(line)

    def _tell(self, line: dict[str, Any]) -> None:
        """Show a line. A display that breaks is no reason to end a run.

        Its terminal or pipe may be gone, and rich then calls for the
        process's exit.
        """
        if self._listener is not None:
            try:
                self._listener(line)
            except (Exception, SystemExit):  # noqa: BLE001 - see above
                self._listener = None

    def _append(self, data: bytes) -> None:
        self._waiting += data
        try:
            while self._waiting:
                written = os.write(self._descriptor, self._waiting)
                self._waiting = self._waiting[written:]
            self.problem = None
        except OSError as exc:
            self.problem = exc

    def _sync(self) -> None:
        with contextlib.suppress(OSError):
            os.fdatasync(self._descriptor)

    def _beat(self, interval: float) -> None:
        while not self._stop.wait(interval):
            self.write("heartbeat")
            self._sync()
            if self._on_heartbeat is not None:
                self._on_heartbeat()

    def close(self) -> None:
        """Stop the heart and close the file."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            self._append(b"")
            self._sync()
            os.close(self._descriptor)


def _whole(value: Any) -> Any:
    """Replace lone surrogates in all texts."""
    if isinstance(value, str):
        data = value.encode("utf-16-le", "surrogatepass")
        return data.decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value


def read_lines(
    path: Path, offset: int = 0
) -> tuple[list[dict[str, Any]], int]:
    """Read the complete lines of a record from an offset in bytes.

    Returns
    -------
    tuple
        The lines, and the offset to go on from. A line that is still being
        written, or that a crash cut off, is left for later.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except OSError:
        return [], offset
    end = data.rfind(b"\n") + 1
    lines = []
    for raw in data[:end].splitlines():
        with contextlib.suppress(ValueError):
            line = json.loads(raw)
            if isinstance(line, dict) and isinstance(line.get("kind"), str):
                lines.append(line)
    return lines, offset + end
