"""One notebook: what it says to mobu, its cell ids and its secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ..document import BrokenNotebookError, Notebook, parse
from ..spans import Member, ObjectSpan, scan_object
from .findings import Finding
from .identifiers import identified, lint_identifiers
from .secrets import find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["lint_notebook"]


def lint_notebook(
    path: str,
    data: bytes,
    *,
    head: bytes | None = None,
    applications: frozenset[str] | None = None,
) -> list[Finding]:
    """Return what is wrong with a notebook.

    Parameters
    ----------
    path
        Its name in the findings.
    data
        Its content.
    head
        Its content in HEAD, if it is there.
    applications
        Known applications of the platform; `None` if unknown, and then no
        name of one is doubted.
    """
    try:
        notebook = parse(data)
    except BrokenNotebookError as exc:
        return [
            Finding(
                path=path,
                line=1,
                rule="broken-notebook",
                level="error",
                message=str(exc),
            )
        ]
    return sorted(_Linter(path, notebook, applications).lint(head))


class _Linter:
    def __init__(
        self,
        path: str,
        notebook: Notebook,
        applications: frozenset[str] | None,
    ) -> None:
        self._path = path
        self._notebook = notebook
        self._applications = applications

    def lint(self, head: bytes | None) -> Iterator[Finding]:
        metadata = self._notebook.top.get("metadata")
        if isinstance(metadata, ObjectSpan):
            for member in metadata.all("mobu"):
                yield from self._mobu(member)
        old = None
        if head is not None:
            try:
                old = identified(parse(head))
            except BrokenNotebookError:
                old = None
        for position, rule, level, message in lint_identifiers(
            identified(self._notebook), old
        ):
            yield self._find(
                position, rule, message, warning=level == "warning"
            )
        for position, rule, name in find_secrets(self._notebook.text):
            yield self._find(
                position, rule, f"{name} is in {self._where(position)}"
            )

    def _mobu(self, member: Member) -> Iterator[Finding]:
        text = self._notebook.text
        if text[member.start] != "{":
            yield self._find(
                member.key_start,
                "required-applications",
                "metadata.mobu is not an object",
            )
            return
        mobu, _ = scan_object(text, member.start)
        for old in mobu.all("required_services"):
            yield self._find(
                old.key_start,
                "required-services",
                "mobu ignores required_services since version 18; name it "
                "required_applications",
            )
        for new in mobu.all("required_applications"):
            yield from self._required(new)

    def _required(self, member: Member) -> Iterator[Finding]:
        names: Any = member.value
        if not isinstance(names, list) or not all(
            isinstance(name, str) and name for name in names
        ):
            yield self._find(
                member.key_start,
                "required-applications",
                "required_applications is not a list of names",
            )
            return
        if self._applications is None:
            return
        for name in sorted(set(names) - self._applications):
            yield self._find(
                member.key_start,
                "unknown-application",
                f"no application {name[:60]!r} is known; the notebook would "
                "never run",
            )

    def _where(self, position: int) -> str:
        for cells in self._notebook.cell_lists:
            for number, cell in enumerate(cells, 1):
                if not isinstance(cell, ObjectSpan):
                    continue
                for member in cell.members:
                    if member.start <= position < member.end:
                        return f"the {member.key} of cell {number}"
        return "the notebook's metadata"

    def _find(
        self, position: int, rule: str, message: str, *, warning: bool = False
    ) -> Finding:
        level: Literal["error", "warning"] = "warning" if warning else "error"
        return Finding(
            path=self._path,
            line=self._notebook.text.count("\n", 0, position) + 1,
            rule=rule,
            level=level,
            message=message,
        )
