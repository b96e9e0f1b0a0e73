"""What the cleaning feature tells the outside world."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..wire import WireModel
from .policy import DEFAULT_POLICY, MOST_FOLDERS

__all__ = [
    "CleanPolicy",
    "CleanReport",
    "CleanRequest",
    "CleanUndoReport",
    "CleanUndoRequest",
    "CleanedFile",
    "StripOnSave",
    "StripOnSaveRequest",
    "UndoneFile",
]


class CleanPolicy(WireModel):
    """What is stripped and what stays; one meaning everywhere.

    Files are cleaned by the server and the terminal. An open notebook is
    cleaned by the front end, through its document model, by exactly these
    steps:

    1. For every cell that has outputs: its outputs stay if
       ``cell.metadata.tags`` is a list that holds at least one of
       ``keep_output_tags`` *and* their size is not more than
       ``keep_output_max_bytes``; else they all go (``outputs = []``).
    2. The size of outputs is the length in bytes, in UTF-8, of their compact
       JSON (no space after ``,`` and ``:``, no escapes of letters), in which
       every list that is not empty and holds only strings is replaced, at
       any depth, by the strings joined. In TypeScript: ``JSON.stringify`` of
       the joined value through ``TextEncoder``.
    3. For every cell: ``execution_count`` becomes ``null``; so does the
       ``execution_count`` of every output that stays.
    4. For every cell of any type: the fields ``drop_cell_metadata`` of
       ``cell.metadata`` are deleted. Names are literal, at the top level of
       the metadata only; a dot in a name means nothing. If ``collapsed`` is
       among them, ``jupyter.outputs_hidden``, its other name, is deleted
       too, and a ``jupyter`` that held nothing else.
    5. The fields ``drop_notebook_metadata`` of the notebook's metadata are
       deleted, likewise. ``language_info`` stays whole, but
       with ``strip_language_version`` its ``version`` is deleted; the rest
       of it then stays, even when it becomes empty.
    6. ``attachments`` of a code cell are deleted: nbformat has them in
       Markdown and raw cells only, where they stay.
    7. Nothing else is touched: sources, ids, cell order, tags,
       ``kernelspec``, ``metadata.mobu``, ``metadata.rsp_health``.

    A notebook is clean if these steps change nothing.

    Settings: the table ``tool.rsp-health.clean`` in ``pyproject.toml`` or the
    table ``clean`` in ``.rsp-health.toml`` (which wins), in the nearest
    folder upwards that holds ``.git``. The keys are these fields' names with
    hyphens; ``extend-keep-output-tags``, ``extend-drop-cell-metadata`` and
    ``extend-drop-notebook-metadata`` add to the defaults.
    """

    keep_output_tags: list[str] = Field(
        default=list(DEFAULT_POLICY.keep_output_tags),
        description="Cells with one of these tags keep their outputs.",
    )
    keep_output_max_bytes: int = Field(
        default=DEFAULT_POLICY.keep_output_max_bytes,
        description="Outputs of a kept cell beyond this size are dropped.",
    )
    drop_cell_metadata: list[str] = Field(
        default=list(DEFAULT_POLICY.drop_cell_metadata),
        description="Cell metadata keys that are dropped.",
    )
    drop_notebook_metadata: list[str] = Field(
        default=list(DEFAULT_POLICY.drop_notebook_metadata),
        description="Notebook metadata keys that are dropped.",
    )
    strip_language_version: bool = Field(
        default=DEFAULT_POLICY.strip_language_version,
        description="Whether language_info.version goes.",
    )


class CleanedFile(WireModel):
    """The judgement on one notebook."""

    path: str
    state: Literal["clean", "dirty", "cleaned", "error"]
    line: int | None = Field(
        default=None, description="1-based line of the first thing to strip."
    )
    outputs: int = Field(default=0, description="Outputs that go.")
    execution_counts: int = 0
    metadata: int = Field(default=0, description="Metadata fields that go.")
    removed_bytes: int = 0
    kept_outputs: int = Field(
        default=0, description="Outputs that stay because of a tag."
    )
    oversized: int = Field(
        default=0,
        description="Cells whose tag would keep outputs, were they smaller.",
    )
    read_only: bool = Field(
        default=False,
        description="Dirty, but not to be written; told by ``POST clean``.",
    )
    message: str = ""


class CleanReport(WireModel):
    """Answer of ``POST clean``, ``clean --json`` and ``check --json``.

    ``policy`` is the one of the first file. Files of several repositories
    may have several policies, so ask for one notebook when its policy is
    what you want.
    """

    schema_: Literal["rsp-health.clean/1"] = Field(
        default="rsp-health.clean/1", alias="schema"
    )
    dry_run: bool
    policy: CleanPolicy
    fingerprint: str | None = Field(
        default=None,
        description="The state of the files; ``POST clean`` takes it back.",
    )
    undo: str | None = Field(
        default=None,
        description="What ``POST clean/undo`` puts the old content back by.",
    )
    files: list[CleanedFile]


class CleanRequest(WireModel):
    """Body of ``POST clean``; paths are relative to the root."""

    paths: list[str] = Field(min_length=1, max_length=1000)
    exclude: list[str] = Field(
        default=[],
        max_length=1000,
        description="Notebooks to leave out, as those that are open.",
    )
    dry_run: bool = False
    fingerprint: str | None = Field(
        default=None,
        description="Refuse (409 ``changed``) if the files are not as then.",
    )


class CleanUndoRequest(WireModel):
    """Body of ``POST clean/undo``."""

    undo: str = Field(max_length=64)


class UndoneFile(WireModel):
    """What became of one notebook that was to be put back."""

    path: str
    state: Literal["restored", "error"]
    message: str = ""


class CleanUndoReport(WireModel):
    """Answer of ``POST clean/undo``."""

    files: list[UndoneFile]


class StripOnSaveRequest(WireModel):
    """Body of ``POST clean/on-save``.

    Folders are relative to the root, which itself is ``/``. An empty name is
    refused: it is what a form has before anything is typed.
    """

    folders: list[Annotated[str, Field(min_length=1, max_length=1000)]] = (
        Field(max_length=MOST_FOLDERS)
    )


class StripOnSave(WireModel):
    """Answer of ``GET`` and ``POST clean/on-save``."""

    folders: list[str] = Field(
        description="Notebooks below these are saved without outputs."
    )
    missing: list[str] = Field(
        description="Those of the folders that do not exist."
    )
    supported: bool = Field(
        description="False if this server does not store notebooks as files."
    )
