"""Executed copies where the lab can open them.

They are kept with the run's record, in a folder that is hidden: Jupyter's
contents API shows nothing of it. What a user wants to open is copied to a
visible folder, and nothing that is there already is ever written over.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ...errors import ConflictError, NotFoundError, UnreadableFileError
from ...files import rename_noreplace, resolve_inside, safe_open, to_user_error
from ...notebooks.document import MAX_BYTES
from ...notebooks.names import from_text, to_text
from ..models import CopyPurpose, ExecutedCopy

if TYPE_CHECKING:
    from typing import BinaryIO

    from ..models import NotebookResult, RunDocument

__all__ = ["COPIES", "folders_of_copies", "open_copy"]

#: Folder of the copies, below what the lab shows as ``/``.
COPIES = "rsp-health-runs"
#: Bytes at both ends that tell whether a file is a notebook.
_LOOK = 65_536
#: Copies for debugging that one notebook of one run may have.
_MOST = 99


def folders_of_copies(data_dir: Path, root: Path) -> tuple[Path, ...]:
    """Return the folders of executed copies: what is in there was run.

    Parameters
    ----------
    data_dir
        Folder of run records.
    root
        What the lab shows as ``/``.
    """
    # Somebody may run the data folder itself.
    return (data_dir, data_dir / "runs", root / COPIES)


def open_copy(
    document: RunDocument, notebook: str, *, root: Path, purpose: CopyPurpose
) -> ExecutedCopy:
    """Put an executed copy where the lab can open it.

    Parameters
    ----------
    document
        The run.
    notebook
        Path of the notebook, as the run tells it.
    root
        What JupyterLab shows as ``/``.
    purpose
        To ``read``, it is copied once, and found again later, with whatever
        the user has made of it. To ``debug``, there is a new one each time.

    Returns
    -------
    ExecutedCopy
        Where it is, and whether it was made now.

    Raises
    ------
    rsp_health.errors.NotFoundError
        Raised if the run has no such notebook, or no copy of it.
    rsp_health.errors.ConflictError
        Raised if there are too many copies of it.
    rsp_health.errors.EnvironmentFailureError
        Raised if it cannot be written.
    """
    result = _find(document, notebook)
    inside = PurePosixPath(from_text(result.executed_path or "/"))
    source = root / inside
    try:
        descriptor = safe_open(source, limit=MAX_BYTES)
    except UnreadableFileError as exc:
        raise _no_copy(notebook) from exc
    with os.fdopen(descriptor, "rb") as copy:
        if not _is_notebook(source, copy):
            raise _no_copy(notebook)
        if purpose == "read" and _is_visible(inside):
            return ExecutedCopy(path=to_text(inside), created=False)
        target = resolve_inside(root, _place(document.run_id, notebook))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            path, created = _write(target, copy, purpose)
        except OSError as exc:
            raise to_user_error(
                exc, f"copy {target.name} to {COPIES}"
            ) from exc
    relative = path.relative_to(root.resolve()).as_posix()
    return ExecutedCopy(path=relative, created=created)


def _find(document: RunDocument, notebook: str) -> NotebookResult:
    for result in document.notebooks:
        if result.path == notebook and result.executed_path is not None:
            return result
    raise _no_copy(notebook)


def _is_notebook(source: Path, copy: BinaryIO) -> bool:
    """Whether an open file is a notebook, as far as two looks tell.

    A record may have been edited, and name any file of the user's.
    """
    try:
        head = copy.read(_LOOK)
        copy.seek(-min(_LOOK, copy.seek(0, os.SEEK_END)), os.SEEK_END)
        tail = copy.read(_LOOK)
        copy.seek(0)
    except OSError:
        return False
    return (
        source.suffix.lower() == ".ipynb"
        and head.lstrip().startswith(b"{")
        and tail.rstrip().endswith(b"}")
        and b'"nbformat"' in head + tail
    )


def _no_copy(notebook: str) -> NotFoundError:
    return NotFoundError(
        f"There is no executed copy of {notebook[:200]!r} in this run.",
        hint="It was not run or not saved, or the copy was removed. "
        "Run it again.",
        code="no_executed_copy",
    )


def _is_visible(path: PurePosixPath) -> bool:
    """Whether the contents API shows this path."""
    return not path.is_absolute() and not any(
        part.startswith(".") for part in path.parts
    )


def _place(run_id: str, notebook: str) -> Path:
    """Return where the copy goes: as in the checkout, nothing hidden."""
    parts = [
        f"_{part[1:]}" if part.startswith(".") else part
        for part in PurePosixPath(notebook).parts
        if part not in {"/", ".", ".."}
    ]
    return Path(COPIES, run_id, *parts)


def _write(
    target: Path, copy: BinaryIO, purpose: CopyPurpose
) -> tuple[Path, bool]:
    """Write the copy under a name that is free; return it, and if it is new."""
    if purpose == "read":
        names = [target]
    else:
        names = [
            target.with_name(f"{target.stem}-debug{number}{target.suffix}")
            for number in ("", *(f"-{n}" for n in range(2, _MOST + 1)))
        ]
    temporary = target.with_name(f".rsp-health-{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            shutil.copyfileobj(copy, file)
            file.flush()
            os.fsync(file.fileno())
        for name in names:
            with contextlib.suppress(FileExistsError):
                rename_noreplace(temporary, name)
                return name, True
    finally:
        temporary.unlink(missing_ok=True)
    if purpose == "read":
        return target, False
    raise ConflictError(
        f"There are {_MOST} copies of {target.name} for debugging already.",
        hint=f"Delete some in {COPIES}.",
        code="too_many_copies",
    )
