"""Cleans notebooks: bytes to bytes, and files in place.

Free of Pydantic and of the rest of rsp-health, because the git filter and the
hooks run it. `rsp_health.cleaning.service` gives the results their models.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .document import (
    BOM,
    BrokenNotebookError,
    Notebook,
    parse,
    without_constants,
)
from .engine import NbClean, Verdict
from .plan import EngineDisagreementError, Plan
from .policy import DEFAULT_POLICY, Policy, PolicyFinder
from .spans import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Cleaned", "Cleaner", "Outcome"]

_BOM = BOM.encode()

#: Files that are handed to one call of nb-clean, and bytes held in memory.
_BATCH_FILES = 1000
_BATCH_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A notebook's clean bytes, and what went.

    Parameters
    ----------
    data
        The clean notebook; the very same object if nothing had to go.
    line
        Line of the first thing that went, from 1.
    outputs, execution_counts, metadata
        How many of each went.
    removed_bytes
        By how much the file shrinks.
    kept_outputs
        Outputs that stay because of their cell's tag.
    oversized
        Cells whose tag would keep their outputs, were they not too large.
    """

    data: bytes
    line: int | None = None
    outputs: int = 0
    execution_counts: int = 0
    metadata: int = 0
    removed_bytes: int = 0
    kept_outputs: int = 0
    oversized: int = 0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one file; the fields of `models.CleanedFile`."""

    path: str
    state: Literal["clean", "dirty", "cleaned", "error"] = "clean"
    line: int | None = None
    outputs: int = 0
    execution_counts: int = 0
    metadata: int = 0
    removed_bytes: int = 0
    kept_outputs: int = 0
    oversized: int = 0
    message: str = ""
    exit_code: int = field(default=0)


class Cleaner:
    """Cleans notebooks under their repository's policy.

    Parameters
    ----------
    engine
        nb-clean.
    policies
        Finds a file's policy.
    """

    def __init__(
        self,
        *,
        engine: NbClean | None = None,
        policies: PolicyFinder | None = None,
    ) -> None:
        self._engine = engine or NbClean()
        self._policies = policies or PolicyFinder()

    def clean_bytes(
        self, data: bytes, policy: Policy = DEFAULT_POLICY
    ) -> Cleaned:
        """Clean one notebook.

        Raises
        ------
        BrokenNotebookError
            Raised if it cannot be judged; the message is one line.
        rsp_health.errors.RSPHealthError
            Raised if nb-clean cannot be run.
        """
        notebook = parse(data)
        verdict = self._engine.judge(data.removeprefix(_BOM), policy)
        return self._finish(data, notebook, verdict, policy)

    def run(self, paths: Iterable[Path], *, write: bool) -> Iterator[Outcome]:
        """Judge files, and clean them in place if ``write``.

        A file that cannot be read, judged or written is an outcome of state
        ``error``; the others go on.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if nb-clean cannot be run or the settings are wrong.
        """
        batch: list[_Item] = []
        size = 0
        for path in paths:
            item = _Item.read(path)
            if item.outcome is not None:
                yield from self._batch(batch, write=write)
                batch, size = [], 0
                yield item.outcome
                continue
            item.policy = self._policies(path)
            size += len(item.data)
            if batch and (
                batch[-1].policy != item.policy
                or len(batch) >= _BATCH_FILES
                or size > _BATCH_BYTES
            ):
                yield from self._batch(batch, write=write)
                batch, size = [], len(item.data)
            batch.append(item)
        yield from self._batch(batch, write=write)

    def _batch(self, batch: list[_Item], *, write: bool) -> Iterator[Outcome]:
        if not batch:
            return
        notebooks: list[Notebook | BrokenNotebookError] = []

        def read() -> None:
            for item in batch:
                try:
                    notebooks.append(parse(item.data))
                except BrokenNotebookError as exc:
                    notebooks.append(exc)

        verdicts = self._engine.judge_all(
            [item.data.removeprefix(_BOM) for item in batch],
            batch[0].policy,
            meanwhile=read,
        )
        for item, notebook, verdict in zip(
            batch, notebooks, verdicts, strict=True
        ):
            yield self._one(item, notebook, verdict, write=write)

    def _one(
        self,
        item: _Item,
        notebook: Notebook | BrokenNotebookError,
        verdict: Verdict,
        *,
        write: bool,
    ) -> Outcome:
        outcome = Outcome(path=str(item.path))
        try:
            if isinstance(notebook, BrokenNotebookError):
                raise notebook
            cleaned = self._finish(item.data, notebook, verdict, item.policy)
        except BrokenNotebookError as exc:
            outcome.state = "error"
            outcome.message = str(exc)
            outcome.exit_code = 2
            return outcome
        for name in (
            "line",
            "outputs",
            "execution_counts",
            "metadata",
            "removed_bytes",
            "kept_outputs",
            "oversized",
        ):
            setattr(outcome, name, getattr(cleaned, name))
        if cleaned.data is item.data:
            return outcome
        outcome.state = "dirty"
        if write:
            _write(item, cleaned.data, outcome)
        return outcome

    def _finish(
        self,
        data: bytes,
        notebook: Notebook,
        verdict: Verdict,
        policy: Policy,
    ) -> Cleaned:
        try:
            if verdict.state == "refused":
                plan, text = self._without_engine(notebook, policy)
            else:
                result = None
                if verdict.state == "changed":
                    result = decode(verdict.output.decode())
                plan = Plan(notebook, policy, result)
                text = plan.apply()
        except EngineDisagreementError as exc:
            raise BrokenNotebookError(
                f"nb-clean would change {exc}, which is not ours to change"
            ) from None
        except RecursionError:
            raise BrokenNotebookError("nested too deeply") from None
        output = data if text is notebook.text else text.encode()
        return Cleaned(
            data=output,
            line=plan.line,
            outputs=plan.outputs,
            execution_counts=plan.execution_counts,
            metadata=plan.metadata,
            removed_bytes=len(data) - len(output),
            kept_outputs=plan.kept_outputs,
            oversized=plan.oversized,
        )

    def _without_engine(
        self, notebook: Notebook, policy: Policy
    ) -> tuple[Plan, str]:
        """Clean what nb-clean does not read as it is.

        Of versions 2 and 3 it knows nothing: the policy alone decides. In
        version 4 it refuses what Python's JSON has and JSON has not (NaN,
        lone surrogates) and deep nesting, mostly found in outputs: so the
        policy goes first, and nb-clean judges a readable copy of the rest.
        """
        plan = Plan(notebook, policy)
        text = plan.apply()
        if notebook.version < 4:
            return plan, text
        readable = without_constants(text).removeprefix(BOM).encode()
        second = self._engine.judge(readable, policy)
        if second.state == "refused":
            raise BrokenNotebookError(
                f"nb-clean cannot read it: {second.message}"
            )
        if second.state == "changed":
            rest = parse(without_constants(text).encode())
            result = decode(second.output.decode())
            more = Plan(rest, policy, result)
            text = more.apply_to(text)
            plan.add(more)
        return plan, text


@dataclass(slots=True)
class _Item:
    """A file that was read."""

    path: Path
    data: bytes = b""
    identity: tuple[int, int, int] = (0, 0, 0)
    policy: Policy = DEFAULT_POLICY
    outcome: Outcome | None = None

    @classmethod
    def read(cls, path: Path) -> _Item:
        try:
            if not (path.is_file() or path.is_dir()) and path.exists():
                return cls(
                    path,
                    outcome=Outcome(
                        path=str(path),
                        state="error",
                        message="not a regular file",
                        exit_code=2,
                    ),
                )
            with path.open("rb") as stream:
                identity = _identity(os.fstat(stream.fileno()))
                return cls(path, stream.read(), identity)
        except OSError as exc:
            return cls(path, outcome=_failed(path, exc, "read"))


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _failed(path: Path, exc: OSError, doing: str) -> Outcome:
    message = f"cannot be {doing}: {os.strerror(exc.errno or 0).lower()}"
    missing = isinstance(exc, FileNotFoundError | IsADirectoryError)
    return Outcome(
        path=str(path),
        state="error",
        message=message,
        exit_code=2 if missing else 3,
    )


def _aftermath(item: _Item) -> str:
    """Say what a failed write left: it may fail after the exchange."""
    try:
        same = _identity(item.path.stat()) == item.identity
    except OSError:
        return "look at it before you go on"
    if same:
        return "it is as it was"
    return "it is clean now, but may not survive a power cut"


def _write(item: _Item, data: bytes, outcome: Outcome) -> None:
    from ..files import write_atomic

    try:
        if _identity(item.path.stat()) != item.identity:
            outcome.state = "error"
            outcome.message = "it was changed meanwhile; nothing was written"
            outcome.exit_code = 1
            return
        if not os.access(item.path, os.W_OK):
            # Replacing it would succeed in a folder of ours, and would
            # overrule whoever made the file read-only.
            raise PermissionError(errno.EACCES, "read-only")
        write_atomic(item.path, data)
    except OSError as exc:
        failed = _failed(item.path, exc, "written")
        outcome.state = "error"
        outcome.message = f"{failed.message}; {_aftermath(item)}"
        outcome.exit_code = 3
        return
    outcome.state = "cleaned"
