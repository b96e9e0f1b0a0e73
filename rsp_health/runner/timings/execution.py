"""One notebook in one run, as far as its times tell something later."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, get_args

from ..models import NotebookState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..models import NotebookResult, RunDocument

__all__ = [
    "Execution",
    "cell_key",
    "conditions",
    "content_key",
    "executions_of",
    "fault_key",
    "place",
]

#: Cells of one notebook that are kept; of a larger one, the first.
_MOST_CELLS = 2000
#: Digits of a source's hash that tell it from others of the same cell.
_HEX = 12
#: How a notebook that was not started may have ended.
_NOT_BEGUN = frozenset({"skipped", "stopped", "interrupted"})
_STATES = frozenset(get_args(NotebookState))
#: The letters that a tag begins with: w of w_2026_45, r of r29_1_1.
_SERIES = re.compile(r"(?:[A-Za-z]+_)*[A-Za-z]+(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Execution:
    """One notebook in one run.

    Parameters
    ----------
    run_id, at
        The run, and when the notebook was started.
    notebook
        Its absolute path, as records write it.
    state
        How it ended.
    conditions
        Under which it ran, see `conditions`.
    image
        The lab's image, whole.
    content
        Which cells it had, see `content_key`.
    seconds
        Of all its cells, if it passed.
    slower
        Whether that was slower than usual, if it could be told.
    last_s
        What it took with the start of its kernel, if it passed.
    peak
        Bytes of memory of the cell that had most, and the cell's index.
    cells_text
        Seconds of the cells that passed, by `cell_key`, as JSON: most readers
        need none of them.
    fault
        How it failed, see `fault_key`.
    """

    run_id: str
    at: str
    notebook: str
    state: NotebookState
    conditions: str
    content: str
    image: str | None = None
    seconds: float | None = None
    slower: bool | None = None
    last_s: float | None = None
    peak: tuple[int, int] = (0, 0)
    cells_text: str = "{}"
    fault: str | None = None

    @property
    def started_at(self) -> datetime:
        """When the notebook was started."""
        return datetime.fromisoformat(self.at)

    @property
    def cells(self) -> dict[str, float]:
        """Seconds of the cells that passed, by `cell_key`."""
        try:
            found = json.loads(self.cells_text)
            return {str(key): float(found[key]) for key in found}
        except (RecursionError, TypeError, ValueError):
            return {}

    def to_line(self) -> bytes:
        """Write it as a line of JSON."""
        # Not asdict(), which copies every number.
        found = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(found, separators=(",", ":")).encode()

    @classmethod
    def from_line(cls, found: dict[str, Any]) -> Execution:
        """Read what `to_line` wrote, of this or another version.

        Raises
        ------
        KeyError, TypeError, ValueError
            Raised if it is something else.
        """
        if not _is_state(found["state"]):
            raise ValueError(found["state"])
        peak = found.get("peak") or (0, 0)
        slower = found.get("slower")
        one = cls(
            run_id=str(found["run_id"]),
            at=str(found["at"]),
            notebook=str(found["notebook"]),
            state=found["state"],
            conditions=str(found["conditions"]),
            content=str(found["content"]),
            image=None if found["image"] is None else str(found["image"]),
            seconds=_seconds(found.get("seconds")),
            slower=slower if isinstance(slower, bool) else None,
            last_s=_seconds(found.get("last_s")),
            peak=(int(peak[0]), int(peak[1])),
            cells_text=str(found["cells_text"]),
            fault=None if found.get("fault") is None else str(found["fault"]),
        )
        _ = one.started_at
        return one


def _is_state(state: object) -> TypeGuard[NotebookState]:
    return isinstance(state, str) and state in _STATES


def _seconds(found: object) -> float | None:
    return float(found) if isinstance(found, int | float) else None


def conditions(
    *,
    kernel: str | None,
    backend: Literal["local", "dask"],
    image: str | None,
    cpu_limit: float | None,
    at_once: int,
) -> str:
    """Return the conditions under which times can be compared, as text.

    Parameters
    ----------
    kernel
        The kernelspec; `None` if it is not known.
    backend
        Where the kernels were.
    image
        The lab's image. Its line counts, not its version: all weeklies are
        compared with each other.
    cpu_limit
        Cores of the lab.
    at_once
        Notebooks that ran at the same time.
    """
    cores = "" if cpu_limit is None else f"{cpu_limit:g}"
    line = _image_line(image or "")
    return "|".join([kernel or "?", backend, line, cores, str(at_once)])


def _image_line(image: str) -> str:
    """Return registry/name:w for registry/name:w_2026_45@sha256:1f."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    if not name or "/" in tag:
        return image.partition("@")[0]
    series = _SERIES.match(tag)
    return f"{name}:{series[0]}" if series else name


def cell_key(index: int, cell_id: str | None, source_sha256: str) -> str:
    """Return what makes a cell the same one in another run.

    Its id, or its index if it has none, and its source: changed source starts
    anew.
    """
    return f"{cell_id or f'#{index}'}:{source_sha256[:_HEX]}"


def content_key(mode: str, keys: Iterable[str]) -> str:
    """Return what makes a notebook the same one in another run."""
    return _digest("\n".join([mode, *keys]))


def _digest(text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=6).hexdigest()


def fault_key(notebook: NotebookResult) -> str | None:
    """Return what makes two failures of a notebook the same one.

    The cell, the exception, and its message without what differs each time.
    """
    if notebook.fault is None:
        return None
    cell = notebook.failed_cell
    where = "" if cell is None else cell.id or f"#{cell.index}"
    return _digest(f"{where}\n{notebook.fault}")


def place(folder: str | None, notebook: str) -> str:
    """Return a notebook's absolute path, as records write it."""
    if notebook.startswith("/"):
        return notebook
    return f"{(folder or '').rstrip('/')}/{notebook}"


def executions_of(document: RunDocument) -> Iterator[Execution]:
    """Yield what a run that has ended tells of each of its notebooks."""
    started = sum(map(_was_started, document.notebooks))
    for notebook in filter(_was_started, document.notebooks):
        yield _execution(document, notebook, min(document.jobs, started))


def _was_started(notebook: NotebookResult) -> bool:
    return notebook.state not in _NOT_BEGUN or notebook.started_at is not None


def _execution(
    document: RunDocument, notebook: NotebookResult, at_once: int
) -> Execution:
    around = document.environment
    at = notebook.started_at or document.started_at
    keys: list[str] = []
    times: dict[str, float] = {}
    peak = (0, 0)
    for cell in notebook.cells:
        key = cell_key(cell.index, cell.id, cell.source_sha256)
        keys.append(key)
        peak = max(peak, (cell.peak_memory_bytes or 0, cell.index))
        seconds = cell.duration_s
        if cell.state == "passed" and seconds is not None:
            times[key] = round(seconds, 5)
    passed = notebook.state == "passed"
    if len(times) > _MOST_CELLS:
        times = dict(list(times.items())[:_MOST_CELLS])
    return Execution(
        run_id=document.run_id,
        at=at.astimezone(UTC).isoformat(timespec="seconds"),
        notebook=place(document.folder, notebook.path),
        state=notebook.state,
        conditions=conditions(
            kernel=notebook.kernel or around.kernel,
            backend=document.backend,
            image=around.image,
            cpu_limit=around.cpu_limit,
            at_once=at_once,
        ),
        content=content_key(document.mode, keys),
        image=around.image,
        seconds=round(sum(times.values()), 5) if passed and times else None,
        slower=None if notebook.usual is None else notebook.usual.slower,
        last_s=notebook.duration_s if passed else None,
        peak=peak,
        cells_text=json.dumps(times, separators=(",", ":")),
        fault=fault_key(notebook),
    )
