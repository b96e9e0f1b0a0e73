"""Cleans notebooks: bytes to bytes, and files in place.

Free of Pydantic and of the rest of rsp-health, because the git filter and the
hooks run it. `rsp_health.cleaning.service` gives the results their models.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .clean_outcomes import Cleaned, Outcome
from .inplace import Source, Writers
from .policy import DEFAULT_POLICY, Policy, PolicyFinder
from .splice.engine import NbClean, Verdict
from .splice.notebook_text import (
    BOM,
    BrokenNotebookError,
    Notebook,
    parse,
    without_constants,
)
from .splice.removals import EngineDisagreementError, Plan
from .splice.spans import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from .undo import Keeper

__all__ = ["Cleaned", "Cleaner", "Outcome"]

_BOM = BOM.encode()

#: Files that are handed to one call of nb-clean, and bytes held in memory.
_BATCH_FILES = 1000
_BATCH_BYTES = 16 * 1024 * 1024


type _Job = tuple[Source, bytes, Outcome]
type _Submit = Callable[[Source, bytes, Outcome], None]


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

    def run(
        self,
        paths: Iterable[Path],
        *,
        write: bool,
        keeper: Keeper | None = None,
    ) -> Iterator[Outcome]:
        """Judge files, and clean them in place if ``write``.

        A file that cannot be read, judged or written is an outcome of state
        ``error``; the others go on.

        Parameters
        ----------
        paths
            The files.
        write
            Whether they are cleaned, not only judged.
        keeper
            Keeps what is replaced. A file that it cannot keep is not cleaned.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if nb-clean cannot be run or the settings are wrong.
        """
        batch: list[Source] = []
        size = 0
        for path in paths:
            item = Source.read(path)
            if item.outcome is not None:
                yield from self._batch(batch, write=write, keeper=keeper)
                batch, size = [], 0
                yield item.outcome
                continue
            item.policy = self._policies.of_file(path)
            size += len(item.data)
            if batch and (
                batch[-1].policy != item.policy
                or len(batch) >= _BATCH_FILES
                or size > _BATCH_BYTES
            ):
                yield from self._batch(batch, write=write, keeper=keeper)
                batch, size = [], len(item.data)
            batch.append(item)
        yield from self._batch(batch, write=write, keeper=keeper)

    def _batch(
        self, batch: list[Source], *, write: bool, keeper: Keeper | None
    ) -> Iterator[Outcome]:
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
        changed = sum(verdict.state != "unchanged" for verdict in verdicts)
        jobs: list[_Job] = []
        with Writers(changed if write else 0) as writers:
            submit: _Submit | None = writers.submit if write else None
            if keeper is not None and write:
                submit = lambda *job: jobs.append(job)  # noqa: E731
            outcomes = [
                self._one(item, notebook, verdict, submit)
                for item, notebook, verdict in zip(
                    batch, notebooks, verdicts, strict=True
                )
            ]
            if keeper is not None and jobs and _kept(jobs, keeper):
                for job in jobs:
                    writers.submit(*job)
        yield from outcomes

    def _one(
        self,
        item: Source,
        notebook: Notebook | BrokenNotebookError,
        verdict: Verdict,
        submit: _Submit | None,
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
        if submit is not None:
            submit(item, cleaned.data, outcome)
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


def _kept(jobs: list[_Job], keeper: Keeper) -> bool:
    """Keep what is to be replaced; if that fails, nothing is."""
    try:
        keeper.keep([(item, data) for item, data, _ in jobs])
    except OSError as exc:
        why = os.strerror(exc.errno or 0).lower()
        for _, _, outcome in jobs:
            outcome.state = "error"
            outcome.message = (
                f"a copy for Undo cannot be kept: {why}; it is as it was"
            )
            outcome.exit_code = 3
        return False
    return True
