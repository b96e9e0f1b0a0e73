"""Reads and writes notebook files, and says why one is not a notebook.

nbformat is imported only to convert a notebook older than format 4: its
import takes a second, as long as a short run. What it would write, this
module writes to the byte (keys sorted, one space of indent, text in lines).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import UnreadableFileError
from ..files import safe_read
from ..wire import utc_now

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "MAX_BYTES",
    "CodeCell",
    "InvalidNotebookError",
    "NotebookDocument",
    "read_notebook",
    "write_notebook",
]

#: Types of cells in format 4.
_CELL_TYPES = {"code", "markdown", "raw"}
#: Bytes beyond which a file is not taken for a notebook that can be run.
MAX_BYTES = 256 * 1024 * 1024
#: Characters of a cell's first line that are shown.
_LINE = 120
_SPLIT_ALWAYS = {"application/javascript", "image/svg+xml"}


class InvalidNotebookError(Exception):
    """The file is not a notebook that can be run; the text says why."""


def _shortened(line: str) -> str:
    """Cut a long line behind a word, so that none is left in part."""
    if len(line) <= _LINE:
        return line
    words, _, cut = line[: _LINE + 1].rpartition(" ")
    return words if len(cut) < _LINE // 2 else line[:_LINE]


@dataclass(slots=True)
class CodeCell:
    """One code cell, and where it is in the document."""

    index: int
    cell: dict[str, Any]
    id: str | None
    source: str
    tags: frozenset[str]

    @property
    def sha256(self) -> str:
        """Hash of the source: the key of timings across runs."""
        data = self.source.encode("utf-8", "surrogatepass")
        return hashlib.sha256(data).hexdigest()

    @property
    def first_line(self) -> str:
        """First line that is not blank, for display."""
        for line in self.source.splitlines():
            if line.strip():
                text = _shortened(line.strip())
                return text.encode("utf-8", "replace").decode()
        return ""

    def forget_times(self) -> None:
        """Take out the times of an earlier run, and nothing of the author's."""
        found = self.cell["metadata"].get("execution")
        self.cell["metadata"]["execution"] = {
            name: value
            for name, value in (
                found if isinstance(found, dict) else {}
            ).items()
            if not name.startswith(("iopub.", "shell."))
        }

    def note_time(self, name: str, date: str) -> None:
        """Keep a time where Jupyter's tools look for it."""
        timing = self.cell["metadata"].setdefault("execution", {})
        timing[name] = date.replace("+00:00", "Z") or utc_now().isoformat()


@dataclass(slots=True)
class NotebookDocument:
    """A notebook in memory, in format 4."""

    content: dict[str, Any]
    cells: list[CodeCell]

    @property
    def metadata(self) -> dict[str, Any]:
        """The notebook's metadata."""
        metadata: dict[str, Any] = self.content["metadata"]
        return metadata

    @property
    def kernel_name(self) -> str | None:
        """Name of the kernelspec that the notebook asks for."""
        spec = self.metadata.get("kernelspec")
        name = spec.get("name") if isinstance(spec, dict) else None
        return name if isinstance(name, str) and name else None


def read_notebook(path: Path) -> NotebookDocument:
    """Read a notebook.

    Raises
    ------
    InvalidNotebookError
        Raised if the file is no notebook.
    OSError
        Raised if the file cannot be read.
    """
    data = _read_bytes(path)
    content = _parse(data)
    _require(isinstance(content, dict), "it is no JSON object")
    major = content.get("nbformat")
    _require(
        isinstance(major, int) and not isinstance(major, bool),
        "it has no nbformat version",
    )
    if major in {1, 2, 3}:
        content = _convert(data, major)
    else:
        _require(major == 4, f"its format {str(major)[:20]} is not known")
    return NotebookDocument(content=content, cells=_code_cells(content))


def _read_bytes(path: Path) -> bytes:
    try:
        return safe_read(path, limit=MAX_BYTES)
    except UnreadableFileError as exc:
        if isinstance(exc.__cause__, OSError):
            raise exc.__cause__ from None
        reason = exc.reason[:1].upper() + exc.reason[1:]
        raise InvalidNotebookError(f"{reason}.") from None


def _parse(data: bytes) -> Any:
    if not data.strip():
        raise InvalidNotebookError("The file is empty.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InvalidNotebookError(
            f"It is not UTF-8 text (byte {exc.start})."
        ) from exc
    try:
        return json.loads(text)
    except RecursionError as exc:
        raise InvalidNotebookError("Its JSON is nested too deeply.") from exc
    except ValueError as exc:
        if any(
            line.startswith(("<<<<<<< ", ">>>>>>> "))
            for line in text.splitlines()
        ):
            raise InvalidNotebookError(
                "It holds git's conflict markers: resolve the merge first."
            ) from exc
        where = getattr(exc, "lineno", None)
        at = f" (line {where})" if where else ""
        raise InvalidNotebookError(f"It is not JSON{at}.") from exc


def _convert(data: bytes, major: int) -> dict[str, Any]:
    """Bring an old notebook to format 4, as Jupyter does when it opens it."""
    import nbformat

    try:
        old = nbformat.reads(  # type: ignore[no-untyped-call] # it has none
            data.decode("utf-8-sig"), as_version=4
        )
        content: dict[str, Any] = json.loads(json.dumps(old))
    except Exception as exc:
        raise InvalidNotebookError(
            f"Its format {major} could not be converted."
        ) from exc
    return content


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise InvalidNotebookError(f"It is not a notebook: {problem}.")


def _code_cells(content: dict[str, Any]) -> list[CodeCell]:
    """Check the structure; join texts; return the code cells."""
    content.setdefault("metadata", {})
    _require(
        isinstance(content["metadata"], dict), "its metadata is not an object"
    )
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise InvalidNotebookError("It is not a notebook: it has no cells.")
    found: list[CodeCell] = []
    for number, cell in enumerate(cells, start=1):
        where = f"cell {number}"
        _require(isinstance(cell, dict), f"{where} is no object")
        kind = cell.get("cell_type")
        _require(isinstance(kind, str), f"{where} has no type")
        # "Code" is not run by anyone, and what is not run must not pass.
        _require(
            kind in _CELL_TYPES, f"{where} has the unknown type {kind[:40]!r}"
        )
        source = _text(cell.get("source"), f"{where} has no source")
        cell["source"] = source
        metadata = cell.setdefault("metadata", {})
        _require(isinstance(metadata, dict), f"{where} has bad metadata")
        metadata.pop("trusted", None)
        if kind != "code":
            continue
        outputs = cell.setdefault("outputs", [])
        _require(
            isinstance(outputs, list)
            and all(isinstance(output, dict) for output in outputs),
            f"{where} has bad outputs",
        )
        cell.setdefault("execution_count", None)
        tags = metadata.get("tags")
        names = tags if isinstance(tags, list) else []
        identity = cell.get("id")
        found.append(
            CodeCell(
                index=len(found) + 1,
                cell=cell,
                id=identity if isinstance(identity, str) else None,
                source=source,
                tags=frozenset(tag for tag in names if isinstance(tag, str)),
            )
        )
    return found


def _text(value: Any, problem: str) -> str:
    if isinstance(value, str):
        return value
    _require(
        isinstance(value, list) and all(isinstance(x, str) for x in value),
        problem,
    )
    return "".join(value)


def write_notebook(document: NotebookDocument) -> bytes:
    """Return the file's bytes, as nbformat would write them."""
    content = {**document.content}
    metadata = {**document.metadata}
    for name in ("orig_nbformat", "orig_nbformat_minor", "signature"):
        metadata.pop(name, None)
    content["metadata"] = metadata
    content["cells"] = [_split(cell) for cell in content["cells"]]
    text = json.dumps(
        content,
        ensure_ascii=False,
        indent=1,
        sort_keys=True,
        separators=(",", ": "),
    )
    return f"{text}\n".encode("utf-8", "replace")


def _split(cell: dict[str, Any]) -> dict[str, Any]:
    cell = {**cell, "source": _lines(cell["source"])}
    attachments = cell.get("attachments")
    if isinstance(attachments, dict):
        cell["attachments"] = {
            name: _split_bundle(bundle) for name, bundle in attachments.items()
        }
    if cell["cell_type"] == "code":
        cell["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return cell


def _split_output(output: dict[str, Any]) -> dict[str, Any]:
    kind = output.get("output_type")
    if kind in {"execute_result", "display_data"}:
        return {**output, "data": _split_bundle(output.get("data", {}))}
    if kind == "stream":
        return {**output, "text": _lines(output.get("text", ""))}
    return output


def _split_bundle(bundle: Any) -> Any:
    if not isinstance(bundle, dict):
        return bundle
    return {
        kind: _lines(value)
        if kind.startswith("text/") or kind in _SPLIT_ALWAYS
        else value
        for kind, value in bundle.items()
    }


def _lines(value: Any) -> Any:
    return value.splitlines(keepends=True) if isinstance(value, str) else value
