"""Which spans of a notebook's text go: nb-clean's findings and the policy's.

The relation, exactly: whatever nb-clean removes is removed here, except the
outputs of cells whose tag keeps them; and the policy removes more (execution
timing, widget state, view state). A change by nb-clean that is no removal of
an output, a count or metadata is not carried out: it is an error, and the
notebook stays as it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .spans import (
    Edit,
    Member,
    ObjectSpan,
    apply_edits,
    element_spans,
    removals,
    scan_object,
)

if TYPE_CHECKING:
    from ..policy import Policy
    from .notebook_text import Notebook

__all__ = ["FOREIGN_FIELDS", "EngineDisagreementError", "Plan", "output_size"]

_MISSING = object()

FOREIGN_FIELDS = frozenset({"attachments"})
"""Fields that nbformat gives to other cells, and that a code cell loses.

No program shows them there, and JupyterLab drops them when it opens the
notebook: a place where images could hide.
"""


class EngineDisagreementError(ValueError):
    """nb-clean would change what no policy of ours allows; says what."""


def output_size(outputs: Any) -> int:
    """Return the size of outputs in bytes, whatever their formatting.

    It is the length in UTF-8 of their compact JSON, in which a list of only
    strings counts as the one string that it stands for.
    """
    text = json.dumps(
        _joined(outputs), separators=(",", ":"), ensure_ascii=False
    )
    return len(text.encode("utf-8", "surrogatepass"))


def _joined(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _joined(item) for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return "".join(value)
        return [_joined(item) for item in value]
    return value


class Plan:
    """The edits that clean one notebook, and what they amount to.

    Parameters
    ----------
    notebook
        The notebook.
    policy
        What goes and what stays.
    result
        nb-clean's cleaned document, decoded by `spans.decode`; `None` if it
        changes nothing or was not asked.

    Attributes
    ----------
    outputs, execution_counts, metadata
        How many of each go.
    kept_outputs
        Outputs that stay because of their cell's tag.
    oversized
        Cells whose tag would keep their outputs, were they not too large.

    Raises
    ------
    EngineDisagreementError
        Raised if nb-clean changed more than can be carried over.
    """

    def __init__(
        self, notebook: Notebook, policy: Policy, result: Any = None
    ) -> None:
        self.outputs = 0
        self.execution_counts = 0
        self.metadata = 0
        self.kept_outputs = 0
        self.oversized = 0
        self.edits: list[Edit] = []
        self._first: int | None = None
        self._notebook = notebook
        self._text = notebook.text
        self._policy = policy
        self._cell_drops = frozenset(policy.drop_cell_metadata)
        # JupyterLab writes both, always alike; else each save would bring
        # back the one from the other.
        self._hidden = (
            {"jupyter": frozenset({"outputs_hidden"})}
            if "collapsed" in self._cell_drops
            else {}
        )
        self._number = (
            "execution_count" if notebook.version >= 4 else "prompt_number"
        )
        self._plan(result)

    @property
    def line(self) -> int | None:
        """Line of the first thing that goes, from 1; `None` if nothing."""
        if self._first is None:
            return None
        return self._text.count("\n", 0, self._first) + 1

    def apply(self) -> str:
        """Return the cleaned text; the same object if nothing goes."""
        return self.apply_to(self._text)

    def apply_to(self, text: str) -> str:
        """Apply the edits to a text in which everything stands as in ours."""
        return apply_edits(text, self.edits) if self.edits else text

    def add(self, other: Plan) -> None:
        """Count what another plan removed from this one's result too."""
        self.outputs += other.outputs
        self.execution_counts += other.execution_counts
        self.metadata += other.metadata
        if self._first is None:
            self._first = other._first

    def _plan(self, result: Any) -> None:
        top = self._notebook.top
        if result is not None:
            self._compare(top, result, {"cells", "metadata"}, "the notebook")
        nested = {}
        if self._policy.strip_language_version:
            nested["language_info"] = frozenset({"version"})
        drops = frozenset(self._policy.drop_notebook_metadata)
        spans = [m.value for m in top.all("metadata")]
        for index, span in enumerate(spans):
            if isinstance(span, ObjectSpan):
                last = index == len(spans) - 1
                wanted = result["metadata"] if last and result else None
                self._strip(span, drops, wanted, nested)
        lists = self._notebook.cell_lists
        for index, cells in enumerate(lists):
            last = index == len(lists) - 1
            results = result["cells"] if last and result else None
            self._cells(cells, results)

    def _cells(self, cells: list[Any], results: list[Any] | None) -> None:
        if results is not None and len(results) != len(cells):
            raise EngineDisagreementError("the number of cells")
        for index, cell in enumerate(cells):
            if isinstance(cell, ObjectSpan):
                result = None if results is None else results[index]
                self._cell(cell, result, f"cell {index + 1}")

    def _cell(self, cell: ObjectSpan, result: Any, where: str) -> None:
        if result is not None:
            ours = {"outputs", self._number, "metadata", *FOREIGN_FIELDS}
            self._compare(cell, result, ours, where)
        if cell.get("cell_type") == "code":
            self._strip_fields(cell)
        keep = self._keeps_outputs(cell.get("metadata"))
        spans = cell.all("metadata")
        for member in cell.members:
            if member.key == "outputs" and member.value:
                self._outputs(
                    member.key_start,
                    member.start,
                    member.end,
                    member.value,
                    keep=keep,
                )
            elif member.key == self._number and member.value is not None:
                self._edit(member.start, member.end, "null", member.key_start)
                self.execution_counts += 1
            elif member.key == "metadata" and isinstance(
                member.value, ObjectSpan
            ):
                wanted = None
                if result is not None and member is spans[-1]:
                    wanted = result.get("metadata")
                self._strip(
                    member.value, self._cell_drops, wanted, self._hidden
                )

    def _keeps_outputs(self, metadata: Any) -> bool:
        if not isinstance(metadata, ObjectSpan):
            return False
        return self._policy.is_keeping(metadata.get("tags"))

    def _outputs(
        self, key_start: int, start: int, end: int, value: Any, *, keep: bool
    ) -> None:
        count = len(value) if isinstance(value, list) else 1
        if keep:
            size = output_size(json.loads(self._text[start:end]))
            if size <= self._policy.keep_output_max_bytes:
                self.kept_outputs += count
                self._numbers_inside(start)
                return
            self.oversized += 1
        self._edit(start, end, "[]", key_start)
        self.outputs += count

    def _numbers_inside(self, start: int) -> None:
        """Forget the counts within outputs that stay."""
        if self._text[start] != "[":
            return
        # A version 3 output must have a number; one that says nothing is 0.
        modern = self._notebook.version >= 4
        nothing, done = ("null", None) if modern else ("0", 0.0)
        for position, _ in element_spans(self._text, start):
            if self._text[position] != "{":
                continue
            output, _ = scan_object(self._text, position)
            for member in output.all(self._number):
                if member.value != done:
                    self._edit(
                        member.start, member.end, nothing, member.key_start
                    )
                    self.execution_counts += 1

    def _strip(
        self,
        span: ObjectSpan,
        drops: frozenset[str],
        wanted: dict[str, Any] | None,
        nested: dict[str, frozenset[str]] | None = None,
    ) -> None:
        """Remove the policy's drops and whatever nb-clean removed."""
        members = span.members
        gone = {
            index
            for index, member in enumerate(members)
            if member.key in drops
            or (wanted is not None and member.key not in wanted)
        }
        if nested is self._hidden:
            gone |= self._only_hidden(members)
        self.edits += removals(span, gone)
        self.metadata += len(gone)
        for index in gone:
            self._note(span.members[index].key_start)
        last = {member.key: i for i, member in enumerate(span.members)}
        if wanted is not None and wanted.keys() - last.keys():
            raise EngineDisagreementError("metadata that is not there")
        for index, member in enumerate(span.members):
            if index in gone:
                continue
            want: Any = _MISSING
            if wanted is not None and last[member.key] == index:
                want = wanted[member.key]
            inner = (nested or {}).get(member.key, frozenset())
            differs = want is not _MISSING and member.value != want
            if not inner and not differs:
                continue
            if self._text[member.start] == "{":
                child, _ = scan_object(self._text, member.start)
                into = want if isinstance(want, dict) else None
                self._strip(child, inner, into)
                differs = differs and into is None
            if differs:
                raise EngineDisagreementError(f"metadata {member.key!r}")

    def _strip_fields(self, cell: ObjectSpan) -> None:
        """Remove what only other cells have."""
        gone = {
            index
            for index, member in enumerate(cell.members)
            if member.key in FOREIGN_FIELDS
        }
        self.edits += removals(cell, gone)
        self.metadata += len(gone)
        for index in gone:
            self._note(cell.members[index].key_start)

    def _only_hidden(self, members: list[Member]) -> set[int]:
        """Find a cell's ``jupyter`` that would be empty; Lab removes it."""
        return {
            index
            for index, member in enumerate(members)
            if member.key in self._hidden
            and isinstance(member.value, dict)
            and member.value.keys() <= self._hidden[member.key]
            and member.value
        }

    def _compare(
        self, span: ObjectSpan, result: Any, ours: set[str], where: str
    ) -> None:
        """Let nb-clean change nothing beside what is ``ours``."""
        # Nearly always nothing else differs and no key comes twice.
        if len(result) == len(span.members) and all(
            member.key in result
            and (member.key in ours or result[member.key] == member.value)
            for member in span.members
        ):
            return
        before = {
            member.key: member.value
            for member in span.members
            if member.key not in ours
        }
        after = {key: result[key] for key in result if key not in ours}
        if before != after:
            for key in before.keys() | after.keys():
                if before.get(key) != after.get(key):
                    raise EngineDisagreementError(f"{where}: {key}")

    def _edit(self, start: int, end: int, text: str, key_start: int) -> None:
        self.edits.append(Edit(start, end, text))
        self._note(key_start)

    def _note(self, position: int) -> None:
        if self._first is None or position < self._first:
            self._first = position
