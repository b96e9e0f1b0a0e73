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

from ...errors import (
    BadDocumentError,
    ExcessiveDocumentError,
    UnreadableFileError,
)
from ...files import parse_json, safe_open
from ...printable import printable
from ...states import PASSING
from ...wire import utc_now
from ..record_lines import (
    CellFinished,
    CellOutput,
    CellStarted,
    Heartbeat,
    NotebookFinished,
    RunFinished,
    RunStarted,
    line_of,
)
from .line_secrets import redact_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from ...redaction import Redactor
    from ..record_lines import RecordLine

__all__ = [
    "RECORD_BYTES",
    "RecordWriter",
    "bad_record",
    "each_line",
    "first_line",
    "format_time",
    "is_begun",
    "last_line",
    "read_lines",
]

#: What a record may have: a run of hundreds of notebooks that print all day
#: stays far below.
RECORD_BYTES = 64 * 1024**2
_RECORD_LINES = 200_000
#: Beyond these, cells that passed are no longer told: the record of any run
#: can be read.
_CELLS_BYTES = RECORD_BYTES // 2
_CELLS_LINES = 125_000
_LINE_BYTES = 16 * 1024**2
#: Bytes that are read at once, and those that hold the last line.
_BLOCK = 1024**2
_TAIL = 8192
_STARTED = b'{"kind":"run_started"'
_BEAT = b'{"kind":"heartbeat"'

_DURABLE = (RunStarted, NotebookFinished, RunFinished)


def format_time() -> str:
    """Return the current time as records tell it."""
    text = utc_now().isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class RecordWriter:
    """Appends to ``record.jsonl`` and writes a heartbeat.

    Parameters
    ----------
    path
        The record; its folder exists.
    redactor
        Takes the secrets out of each line: nothing of a run is stored, shown
        or reported but through here, and in the executed copies.
    heartbeat_s
        Seconds between two heartbeats; 0 for none.
    listener
        Called with each line, without secrets, in the thread that wrote it.
    on_heartbeat
        Called at each heartbeat.
    """

    def __init__(
        self,
        path: Path,
        *,
        redactor: Redactor,
        heartbeat_s: float = 2.0,
        listener: Callable[[RecordLine], None] | None = None,
        on_heartbeat: Callable[[], None] | None = None,
    ) -> None:
        self.path = path
        self.redactor = redactor
        self.problem: OSError | None = None
        self._listener = listener
        self._on_heartbeat = on_heartbeat
        self._lock = threading.Lock()
        self._waiting = b""
        self._bytes = self._lines = 0
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

    def write(self, line: RecordLine) -> None:
        """Append one line; one without a time is given that of now."""
        is_full = self._bytes > _CELLS_BYTES or self._lines > _CELLS_LINES
        if is_full and isinstance(line, NotebookFinished):
            line.cells_cut = True
        line.at = line.at or format_time()
        found = line.model_dump(mode="json", exclude_none=True)
        fields = redact_line(found, self.redactor)
        text = json.dumps(fields, separators=(",", ":"))
        if "\\ud" in text:
            # Half a character, from a notebook or a file's name: no JSON
            # reader but Python's would take it.
            fields = _whole(fields)
            text = json.dumps(fields, separators=(",", ":"))
        data = text.encode() + b"\n"
        if not (is_full and _can_be_cut(line)):
            with self._lock:
                self._bytes += len(data)
                self._lines += not isinstance(line, Heartbeat)
                self._append(data)
                if isinstance(line, _DURABLE):
                    self._sync()
        if self._listener is not None:
            shown = line if fields is found else line_of(fields)
            if shown is not None:
                self._tell(shown)

    def _tell(self, line: RecordLine) -> None:
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
            self.write(Heartbeat())
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


def _can_be_cut(line: RecordLine) -> bool:
    """Whether a line tells of a cell that needs nobody's attention."""
    if isinstance(line, CellFinished):
        return line.state in PASSING
    return isinstance(line, CellStarted | CellOutput)


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


def read_lines(path: Path, offset: int = 0) -> tuple[list[RecordLine], int]:
    """Read the complete lines of a record from an offset in bytes.

    Returns
    -------
    tuple
        The lines, and the offset to go on from. A line that is still being
        written, or that a crash cut off, is left for later. What is no line
        of a record is left out.
    """
    lines: list[RecordLine] = []
    try:
        with _open(path) as file:
            for raw in _raw_lines(file, offset, path):
                offset += len(raw)
                with contextlib.suppress(UnreadableFileError):
                    lines += _parse(raw, path)
    except UnreadableFileError:
        pass
    return lines, offset


def each_line(path: Path) -> Iterator[RecordLine]:
    """Yield the complete lines of a record, as `read_lines` does.

    Raises
    ------
    rsp_health.errors.UnreadableFileError
        Raised if it is not a regular file, or holds more than any run tells.
    """
    count = 0
    with _open(path) as file:
        if os.fstat(file.fileno()).st_size > RECORD_BYTES:
            raise _excessive(
                path, f"it is larger than {RECORD_BYTES >> 20} MiB"
            )
        beat = b""
        for raw in _raw_lines(file, 0, path):
            # A run has many, and only the last one tells anything.
            if raw.startswith(_BEAT):
                beat = raw
                continue
            count += 1
            if count > _RECORD_LINES:
                raise _excessive(path, "it has too many lines")
            yield from _parse(raw, path)
        yield from _parse(beat, path)


def first_line(path: Path) -> RecordLine | None:
    """Return the first complete line of a record, as `last_line` the last."""
    with _open(path) as file:
        raw = next(_raw_lines(file, 0, path), b"")
    return next(iter(_parse(raw, path)), None)


def last_line(path: Path) -> RecordLine | None:
    """Return the last complete line of a record, without reading the rest.

    Raises
    ------
    rsp_health.errors.UnreadableFileError
        Raised if it cannot be read.
    """
    with _open(path) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
        data = _take(file, _TAIL, path)
    for raw in reversed(data[: data.rfind(b"\n") + 1].split(b"\n")):
        if raw:
            return next(iter(_parse(raw, path)), None)
    return None


def _open(path: Path) -> BinaryIO:
    return os.fdopen(safe_open(path, limit=None), "rb")


def _raw_lines(file: BinaryIO, offset: int, path: Path) -> Iterator[bytes]:
    """Yield complete lines with their ends, in blocks of bounded size."""
    file.seek(offset)
    left = RECORD_BYTES
    rest = b""
    while left > 0 and (block := _take(file, _BLOCK, path)):
        left -= len(block)
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        if len(rest) > _LINE_BYTES:
            raise _excessive(
                path, f"a line is longer than {_LINE_BYTES >> 20} MiB"
            )
        for line in lines:
            yield line + b"\n"


def _take(file: BinaryIO, size: int, path: Path) -> bytes:
    try:
        return file.read(size)
    except OSError as exc:
        raise UnreadableFileError(
            printable(str(path)),
            os.strerror(exc.errno or 0).lower(),
            hint="Try again.",
            errno=exc.errno or 0,
        ) from exc


def _parse(raw: bytes, path: Path) -> list[RecordLine]:
    """Return a line, if it is one; what a crash leaves in a file is none."""
    if not raw.strip():
        return []
    try:
        line = parse_json(raw, path)
    except ExcessiveDocumentError as exc:
        raise _excessive(path, exc.reason) from exc
    except BadDocumentError:
        return []
    # Half characters, which we never write, would end in no JSON.
    found = line_of(_whole(line) if b"\\ud" in raw.lower() else line)
    return [] if found is None else [found]


def is_begun(path: Path) -> bool:
    """Whether a record has a complete line, be it one or not."""
    with _open(path) as file:
        return any(raw.strip() for raw in _raw_lines(file, 0, path))


def bad_record(path: Path, reason: str) -> BadDocumentError:
    """Return the error for what is no record of a run."""
    return BadDocumentError(printable(str(path)), reason, hint=_hint(path))


def _excessive(path: Path, reason: str) -> ExcessiveDocumentError:
    return ExcessiveDocumentError(
        printable(str(path)), reason, hint=_hint(path)
    )


def _hint(path: Path) -> str:
    """Advise to remove only what never was the record of a run."""
    with _open(path) as file:
        lines = _take(file, _BLOCK, path).split(b"\n")
    if any(x[:64].replace(b" ", b"").startswith(_STARTED) for x in lines):
        return (
            "Another version of rsp-health wrote it, or it is damaged; other "
            "runs are listed all the same."
        )
    return "Remove the run's folder; other runs are listed all the same."
