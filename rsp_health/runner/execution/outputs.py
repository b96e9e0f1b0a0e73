"""Collects what the cells of one notebook put out.

The rules are those of Jupyter's own front end: consecutive texts of a stream
join, ``clear_output`` may wait for the next output, and a display with an id
is updated wherever it is shown. Outputs of more than the limit are counted
and dropped; the socket is drained all the same. What was cleared or replaced
counts no longer: an animation may go on for hours.

Secrets are taken out where an output leaves the run (the record, the executed
copy), not here, where half of one may be in the next message; but before
anything is cut off, or half of one would be left.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...redaction.terminal import without_ansi
from ..models import CellError
from .widgets import Widgets

if TYPE_CHECKING:
    from ...redaction import Redactor
    from ..kernels.wire import Message
    from .widgets import OutputWidget

__all__ = ["OutputCollector"]

_TEXT_LIMIT = 64 * 1024
#: Characters of the end of the output, with as many before them as a secret
#: may have that begins there.
_TAIL = 2048
_BEFORE_TAIL = 4096
#: Messages that are not kept, of which the last may be asked for.
_UNKEPT = 16
#: Levels of nested JSON that are kept.
_DEPTH = 300
_OUTPUTS = {"stream", "display_data", "execute_result"}
_COMMS = {"comm_open", "comm_msg"}
_CAPTURED = {*_OUTPUTS, "error", "clear_output"}


@dataclass(slots=True)
class _Shown:
    """A place where a display with an id is shown."""

    cell: dict[str, Any]
    output: dict[str, Any]
    size: int


class OutputCollector:
    """The outputs of one notebook's run.

    Parameters
    ----------
    cell_limit
        Bytes kept for each cell.
    budget
        Bytes left for the run, shared between its notebooks: a list of one
        number.
    redactor
        Takes secrets out of what is cut off.
    """

    def __init__(
        self, *, cell_limit: int, budget: list[int], redactor: Redactor
    ) -> None:
        self._cell_limit = cell_limit
        self._budget = budget
        self._redactor = redactor
        self._displays: dict[str, list[_Shown]] = {}
        self._cells: dict[int, dict[str, Any]] = {}
        self._widgets = Widgets()
        self._chunks: list[str] = []
        self.start({})

    def start(self, cell: dict[str, Any]) -> None:
        """Begin with a cell: its old outputs go."""
        self.cell = cell
        cell["outputs"] = []
        self.outputs: list[dict[str, Any]] = cell["outputs"]
        self.bytes = 0
        self.dropped = 0
        self.error: dict[str, Any] | None = None
        self._tail = ""
        self._unkept: deque[Message] = deque(maxlen=_UNKEPT)
        self._tail_is_cut = False
        self._kept = 0
        self._cut = False
        self._clear_next = False

    @property
    def truncated(self) -> bool:
        """Whether something of this cell was dropped."""
        return self.dropped > 0

    @property
    def tail(self) -> str:
        """The end of what it prints, also of what is not kept.

        As it was printed, and longer than `shown_tail`.
        """
        if self._unkept:
            # Parsed when somebody looks: of a flood, few in thousands.
            texts = [str(m.content.get("text", "")) for m in self._unkept]
            self._tail = "".join(texts)[-_TAIL - _BEFORE_TAIL :]
            self._tail_is_cut = True
            self._unkept.clear()
        return self._tail

    def shown_tail(self) -> str:
        """Return the end of what it prints without secrets.

        The rest of one may still have to come, and its beginning may not
        have been kept.
        """
        text = self.tail
        at = self._redactor.end_of(text)
        return self._redactor.tail(text[:at], _TAIL, cut=self._tail_is_cut)

    def add(self, message: Message) -> None:
        """Take one message of the running cell."""
        kind = message.kind
        size = len(message.raw_content)
        if kind in _OUTPUTS:
            if self._widgets.capturing(message.parent_id) is None:
                self._before_output()
            self.bytes += size
            # Once cut, the rest of a cell is dropped too: no gaps.
            if self._cut or not self._fits(size):
                self._cut = True
                self.dropped += size
                if kind == "stream" and size <= _TEXT_LIMIT:
                    self._unkept.append(message)
                return
        elif kind in _COMMS:
            size += sum(len(buffer) for buffer in message.buffers)
            if size > self._cell_limit:
                self.dropped += size
                return
        try:
            self._take(kind, message, size)
        except RecursionError:
            self.dropped += size

    def _take(self, kind: str, message: Message, size: int) -> None:
        content = message.parse()
        if content is None:
            self.dropped += size
            return
        if kind == "execute_input":
            self.cell["execution_count"] = content.get("execution_count")
        elif kind in _COMMS:
            self._widgets.take(kind, content, message.buffers)
        else:
            widget = self._widgets.capturing(message.parent_id)
            self._show(kind, content, size, widget)

    def _show(
        self,
        kind: str,
        content: dict[str, Any],
        size: int,
        widget: OutputWidget | None,
    ) -> None:
        """Show an output in the cell, or in the widget that captures it."""
        if kind == "update_display_data":
            self._update(content, size)
        elif widget is not None and kind in _CAPTURED:
            if kind == "display_data":
                self._update(content, size)
            widget.take(kind, content, self._output(kind, content))
        elif kind == "stream":
            self._stream(content)
        elif kind in _OUTPUTS:
            self._rich(kind, content, size)
        elif kind == "error":
            self._error(content)
        elif kind == "clear_output":
            self._clear(wait=bool(content.get("wait")))

    def _fits(self, size: int) -> bool:
        if self._kept + size > self._cell_limit or size > self._budget[0]:
            return False
        self._kept += size
        self._budget[0] -= size
        return True

    def finish(self) -> None:
        """End the cell: join texts, mark what was dropped."""
        self._join()
        if self.dropped:
            self._end_cleanly()
            self._stream(
                {
                    "name": "stderr",
                    "text": f"\n[rsp-health: {self.dropped:,} bytes of output "
                    "beyond the limit were not kept]\n",
                }
            )
            self._join()

    def _end_cleanly(self) -> None:
        """Leave no first half of a secret where the limit cut it."""
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream":
            text = last["text"]
            last["text"] = text[: self._redactor.end_of(text)]

    def _stream(self, content: dict[str, Any]) -> None:
        self._before_output()
        name = content.get("name", "stdout")
        text = str(content.get("text", ""))
        last = self.outputs[-1] if self.outputs else None
        if (
            last is None
            or last["output_type"] != "stream"
            or last["name"] != name
        ):
            self._join()
            last = {"output_type": "stream", "name": name, "text": ""}
            self.outputs.append(last)
        self._chunks.append(text)
        self._add_to_tail(text)

    def _add_to_tail(self, text: str) -> None:
        self._tail += text
        if len(self._tail) > 2 * (_TAIL + _BEFORE_TAIL):
            self._tail = self._tail[-_TAIL - _BEFORE_TAIL :]

    def _join(self) -> None:
        """Put the pending texts into their output."""
        if self._chunks:
            output = self.outputs[-1]
            output["text"] += "".join(self._chunks)
            self._chunks.clear()

    def _before_output(self) -> None:
        if self._clear_next:
            self._clear()

    def _clear(self, *, wait: bool = False) -> None:
        self._clear_next = wait
        if wait:
            return
        self._chunks.clear()
        self.outputs.clear()
        self._tail = ""
        self._tail_is_cut = False
        self._unkept.clear()
        self._budget[0] += self._kept
        self._kept = self.dropped = 0
        self._cut = False
        for places in self._displays.values():
            places[:] = [p for p in places if p.cell is not self.cell]

    def _rich(self, kind: str, content: dict[str, Any], size: int) -> None:
        self._before_output()
        self._join()
        output = self._output(kind, content)
        self.outputs.append(output)
        text = output["data"].get("text/plain")
        if isinstance(text, str):
            self._add_to_tail(text + "\n")
        display_id = _display_id(content)
        if display_id is not None:
            self._update(content, size)
            places = self._displays.setdefault(display_id, [])
            places.append(_Shown(self.cell, output, size))

    def _update(self, content: dict[str, Any], size: int) -> None:
        display_id = _display_id(content)
        if display_id is None:
            return
        for shown in self._displays.get(display_id, ()):
            if not self._fits(size - shown.size):
                self.dropped += size
                continue
            shown.size = size
            shown.output["data"] = _bundle(content.get("data"))
            shown.output["metadata"] = content.get("metadata") or {}

    def _error(self, content: dict[str, Any]) -> None:
        self._before_output()
        self._join()
        error = self._output("error", content)
        self.bytes += len(error["evalue"])
        self.outputs.append(error)
        self.error = error

    def widget_metadata(self) -> dict[str, Any] | None:
        """Return ``metadata.widgets`` of the notebook, if it used any."""
        return self._widgets.metadata()

    def captured(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Return what Output widgets captured since the last call."""
        return self._widgets.changes()

    def shown_error(self) -> dict[str, Any] | None:
        """Return the first error that the cell shows, if it shows one."""
        errors = (x for x in self.outputs if x["output_type"] == "error")
        return next(errors, None)

    def plain_error(self) -> CellError | None:
        """Return the cell's exception without terminal codes and secrets."""
        if self.error is None:
            return None
        traceback = "\n".join(self.error["traceback"])
        return CellError(
            ename=self.error["ename"],
            evalue=self._plain(self.error["evalue"])[:8192],
            traceback=self._plain(traceback)[-_TEXT_LIMIT:],
        )

    def _plain(self, text: str) -> str:
        return without_ansi(self._redactor.text(text))

    def _head(self, value: Any) -> str:
        return self._redactor.head(str(value), _TEXT_LIMIT)

    def _output(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """Return a message's content as a notebook keeps it."""
        if kind == "stream":
            return {
                "output_type": "stream",
                "name": content.get("name", "stdout"),
                "text": str(content.get("text", "")),
            }
        if kind == "error":
            traceback = content.get("traceback")
            lines = traceback if isinstance(traceback, list) else []
            return {
                "output_type": "error",
                "ename": str(content.get("ename", "")),
                "evalue": self._head(content.get("evalue", "")),
                "traceback": [self._head(line) for line in lines],
            }
        output: dict[str, Any] = {
            "output_type": kind,
            "data": _bundle(content.get("data")),
            "metadata": content.get("metadata") or {},
        }
        if kind == "execute_result":
            output["execution_count"] = content.get("execution_count")
        return output


def _display_id(content: dict[str, Any]) -> str | None:
    transient = content.get("transient")
    found = (
        transient.get("display_id") if isinstance(transient, dict) else None
    )
    return str(found) if found else None


def _bundle(data: Any) -> dict[str, Any]:
    bundle = data if isinstance(data, dict) else {}
    _check_depth(bundle, _DEPTH)
    return {str(kind): value for kind, value in bundle.items()}


def _check_depth(value: Any, levels: int) -> None:
    """Raise RecursionError for what could be read, but not written."""
    if isinstance(value, dict | list):
        if not levels:
            raise RecursionError
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth(item, levels - 1)
