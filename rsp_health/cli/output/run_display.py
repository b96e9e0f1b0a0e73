"""Shows a run while it goes on: a tree on a terminal, else plain lines."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol, Self

from ...printable import printable
from ...runner.record_lines import (
    CellFinished,
    CellStarted,
    Heartbeat,
    NotebookFinished,
    NotebookStarted,
    RunFinished,
    RunStarted,
    ServicesSeen,
)
from ...states import OPEN, RUN_STATES

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console, RenderableType

    from ...runner.planning.plan import RunPlan
    from ...runner.record_lines import RecordLine, ToldNotebook

__all__ = ["Display", "make_display", "styled_state"]

#: Ends that a notebook may have before it was started.
_ENDED_BEFORE = {"stopped", "interrupted"}


def styled_state(state: str) -> tuple[str, str]:
    """Return a state's sign with its word, and its style."""
    look = RUN_STATES[state]
    return f"{look.sign} {look.word}", look.style


class Display(Protocol):
    """What takes a record's lines and shows them."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def take(self, line: RecordLine) -> None:
        """Take one line of the record."""


def make_display(console: Console, plan: RunPlan) -> Display:
    """Return the display that suits where stderr goes."""
    # FORCE_COLOR makes rich call a file a terminal: colours, but no redrawing.
    if console.is_terminal and console.file.isatty():
        return TreeDisplay(console, plan)
    return PlainDisplay(console, plan)


class PlainDisplay:
    """One line for each notebook that ends."""

    def __init__(self, console: Console, plan: RunPlan) -> None:
        self._console = console
        self._total = len(plan.selected)
        self._done = 0
        self._started: set[str] = set()
        self._run_id: str | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace

    def take(self, line: RecordLine) -> None:
        """Print a line for what ended."""
        with self._lock:
            match line:
                case RunStarted():
                    self._run_id = line.run_id
                    for problem in line.problems:
                        self._print(f"Note: {problem}")
                    for notebook in line.notebooks:
                        if not notebook.selected:
                            self._print(
                                f"\N{EN DASH} {notebook.path}: skipped. "
                                f"{notebook.reason or ''}"
                            )
                case NotebookStarted():
                    self._started.add(line.notebook)
                case NotebookFinished():
                    self._finished(line)
                case RunFinished():
                    self._ended(line)
                case _:
                    pass

    def _ended(self, line: RunFinished) -> None:
        why = f" {line.reason}" if line.reason else ""
        left = self._total - self._done
        if left > 0:
            self._print(_not_started(left))
        self._print(
            f"Run {styled_state(line.state)[0]} "
            f"in {line.duration_s or 0:.1f} s.{why}"
            f"{_see(self._run_id, line.state)}"
        )

    def _finished(self, line: NotebookFinished) -> None:
        if line.state in _ENDED_BEFORE and line.notebook not in self._started:
            return  # They are counted at the end.
        self._done += 1
        text, _ = styled_state(line.state)
        reason = f" {line.reason}" if line.reason else ""
        self._print(
            f"[{self._done}/{self._total}] {text}: "
            f"{line.notebook} ({line.duration_s or 0:.1f} s)"
            f"{reason}"
        )
        for note in line.notes:
            self._print(f"    {note}")

    def _print(self, text: str) -> None:
        self._console.print(
            printable(text), markup=False, highlight=False, soft_wrap=True
        )


def _see(run_id: str | None, state: str) -> str:
    """Say where there is more about a run that is not well."""
    if run_id is None or state == "passed":
        return ""
    return f" See: rsp-health runs show {run_id}"


def _not_started(number: int) -> str:
    """Say how many notebooks a run that was stopped has left."""
    if number == 1:
        return "1 notebook was not started."
    return f"{number} notebooks were not started."


class _Row:
    """A notebook in the tree."""

    def __init__(self, entry: ToldNotebook) -> None:
        self.path = entry.path
        self.application = entry.application or ""
        self.state = "queued" if entry.selected else "skipped"
        self.reason = entry.reason or ""
        self.notes: list[str] = []
        self.cells = [cell.source for cell in entry.cells]
        self.current: int | None = None
        self.done = 0
        self.began = 0.0
        self.cell_began = 0.0
        self.duration: float | None = None
        self.expected: float | None = entry.expected_s

    @property
    def was_left(self) -> bool:
        """Whether the run was stopped before it was started."""
        return self.state in _ENDED_BEFORE and not self.began

    @property
    def left(self) -> float:
        """Seconds that it will still take, by its history."""
        if self.expected is None or self.state not in OPEN:
            return 0.0
        if self.state == "queued":
            return self.expected
        return max(0.0, self.expected - (time.monotonic() - self.began))


class TreeDisplay:
    """A live tree: application, notebook, the running cell."""

    def __init__(self, console: Console, plan: RunPlan) -> None:
        from rich.live import Live

        self._console = console
        self._plan = plan
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._problems: list[str] = []
        self._run_id: str | None = None
        self._see = ""
        self._began = time.monotonic()
        self._final = False
        self._live = Live(
            console=console,
            get_renderable=self._render,
            refresh_per_second=8,
            vertical_overflow="ellipsis",
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        self._final = True
        self._live.vertical_overflow = "visible"
        self._live.stop()

    def take(self, line: RecordLine) -> None:
        """Change the rows; drawing is the live display's own business."""
        with self._lock:
            match line:
                case RunStarted():
                    self._problems = line.problems
                    self._run_id = line.run_id
                    rows = (_Row(entry) for entry in line.notebooks)
                    self._rows = {row.path: row for row in rows}
                case RunFinished():
                    why = line.reason or ""
                    see = f"{why}{_see(self._run_id, line.state)}"
                    self._see = f"\n{see.strip()}" if see else ""
                case ServicesSeen() | Heartbeat():
                    pass
                case _:
                    row = self._rows.get(line.notebook)
                    if row is not None:
                        _change(row, line)

    def _visible(self, rows: list[_Row]) -> list[_Row]:
        """Choose what fits: what runs, what went wrong, what comes next."""
        room = max(4, (self._console.height - 6) // 2)
        if self._final:
            return [row for row in rows if not row.was_left]
        if len(rows) <= room:
            return rows
        urgency = {"running": 0, "passed": 3, "skipped": 4, "queued": 2}
        order = sorted(rows, key=lambda row: urgency.get(row.state, 1))
        chosen = {id(row) for row in order[:room]}
        return [row for row in rows if id(row) in chosen]

    def _render(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text
        from rich.tree import Tree

        with self._lock:
            rows = list(self._rows.values())
            folder = printable(str(self._plan.folder))
            tree = Tree(Text(folder), guide_style="dim")
            groups: dict[str, Tree] = {}
            for row in self._visible(rows):
                name = row.application or "other"
                if name not in groups:
                    groups[name] = tree.add(Text(name, style="bold"))
                node = groups[name].add(_notebook_text(row))
                if row.state == "running" and row.current is not None:
                    node.add(_cell_text(row))
                else:
                    for remark in filter(None, [row.reason, *row.notes]):
                        node.add(Text(printable(remark), style="dim"))
            ended = [r for r in rows if r.state not in OPEN]
            passed = sum(r.state == "passed" for r in rows)
            skipped = sum(r.state == "skipped" for r in rows)
            seconds = time.monotonic() - self._began
            left = sum(row.left for row in rows)
            about = (
                f" \N{MIDDLE DOT} about {left:.0f} s to go"
                if left >= 2
                else ""
            )
            summary = Text(
                f"{len(ended)} of {len(rows)} done · {passed} passed · "
                f"{len(ended) - passed - skipped} not passed · "
                f"{skipped} skipped · {seconds:.1f} s{about}{self._see}",
                style="bold",
            )
            not_started = sum(row.was_left for row in rows)
            if self._final and not_started:
                summary = Text(f"{_not_started(not_started)}\n") + summary
            notes = [
                Text(f"Note: {printable(problem)}")
                for problem in self._problems
            ]
        return Group(*notes, tree, summary)


def _change(row: _Row, line: RecordLine) -> None:
    now = time.monotonic()
    match line:
        case NotebookStarted():
            row.state = "running"
            row.began = now
            row.done = 0
            if line.cells is not None:
                row.cells = [cell.source for cell in line.cells]
        case CellStarted():
            row.current = line.cell_index
            row.cell_began = now
        case CellFinished():
            row.done += 1
            row.current = None
        case NotebookFinished():
            row.state = line.state
            row.reason = line.reason or ""
            row.notes = line.notes
            row.duration = line.duration_s
        case _:
            pass


def _notebook_text(row: _Row) -> Any:
    from rich.text import Text

    text, style = styled_state(row.state)
    seconds = row.duration
    if row.state == "running":
        seconds = time.monotonic() - row.began
    result = Text(f"{printable(row.path)}  ")
    result.append(text, style=style)
    if seconds is not None:
        result.append(f"  {seconds:.1f} s", style="dim")
    if row.state == "running":
        result.append(f"  {row.done}/{len(row.cells)} cells", style="dim")
    return result


def _cell_text(row: _Row) -> Any:
    from rich.text import Text

    index = row.current or 1
    source = row.cells[index - 1] if index <= len(row.cells) else ""
    seconds = time.monotonic() - row.cell_began
    result = Text(f"[{index}] {printable(source[:50])}")
    result.append(f"  {seconds:.1f} s", style="dim")
    return result
