"""Runs the doctor in a process of its own, and returns its report.

The doctor forks, and what it looks at may hang: neither is for this process.
It is the command that users call in a terminal, so both see the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import (
    BadInputError,
    EnvironmentFailureError,
    NotFoundError,
)
from ...platform.own_program import own_program

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from pydantic import BaseModel

    from ...doctor.explain.models import ExplainRequest, ExplanationReport
    from ...doctor.models import Report
    from ...platform.environment import LabEnvironment
    from ...runner.models import SeenServices

__all__ = ["Asked", "DoctorRunner"]

#: Seconds that it may take. Its checks have five; the rest is for its start
#: on a lab that is short of processor time.
_LIMIT_S = 60.0
#: Explanations that are looked for at once.
_AT_ONCE = 2


#: Errors of the command that are no mistake in the request.
_NOT_FOUND = frozenset(
    {
        "no_such_run",
        "no_such_notebook",
        "no_such_cell",
        "no_trouble",
        "no_such_undo",
        "nothing_to_undo",
    }
)


def _nothing() -> bytes:
    return b"{}"


async def _nothing_seen() -> Callable[[], bytes]:
    return _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to the doctor.

    Parameters
    ----------
    words
        Options of the command.
    find_seen
        Returns what writes down what the server sees, as JSON of
        `rsp_health.doctor.seen`.
    is_alone
        Whether nobody else may have the same answer.
    """

    words: tuple[str, ...] = ()
    find_seen: Callable[[], Awaitable[Callable[[], bytes]]] = _nothing_seen
    is_alone: bool = False


class DoctorRunner:
    """Looks once for all who ask at the same time.

    Parameters
    ----------
    environment
        The lab.
    data_dir
        Our own folder.
    root
        The folder that JupyterLab shows as ``/``.
    catalogue
        The site's catalogue file; empty: none.
    threads
        Its own: those of the server may all wait for a home that does not
        answer. Nothing that is called in them looks at the home.
    """

    def __init__(
        self,
        *,
        environment: LabEnvironment,
        data_dir: Path,
        root: Path,
        threads: Executor,
        catalogue: str = "",
    ) -> None:
        self._threads = threads
        self._catalogue = catalogue
        self._environment = environment
        self._data_dir = data_dir
        self._root = root
        self._explaining = asyncio.Semaphore(_AT_ONCE)
        self._looks: dict[tuple[str, ...], asyncio.Task[Report]] = {}

    async def look(
        self, checks: tuple[str, ...] = (), *, asked: Asked | None = None
    ) -> Report:
        """Run checks, and return what they found.

        Parameters
        ----------
        checks
            Their ids; all if empty.
        asked
            What else is known of the question.

        Raises
        ------
        rsp_health.errors.BadInputError
            Raised if there is no such check.
        rsp_health.errors.EnvironmentFailureError
            Raised if the doctor itself cannot be run.
        """
        asked = asked or Asked()
        key = (*asked.words, "--", *checks)
        task = None if asked.is_alone else self._looks.get(key)
        if task is None:
            task = asyncio.create_task(self._look(key, asked))
            if not asked.is_alone:
                self._looks[key] = task
                task.add_done_callback(lambda _: self._looks.pop(key, None))
        # Who goes away ends nothing for the others.
        return await asyncio.shield(task)

    async def read[M: BaseModel](
        self,
        model: type[M],
        *words: str,
        write: Callable[[], bytes] = _nothing,
    ) -> M:
        """Call the command, and return what it says.

        Parameters
        ----------
        model
            What it is.
        words
            The command's arguments.
        write
            Writes what it reads; called in a thread.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised as the command says, or if it cannot be run.
        """
        told = await self._in_thread(write)
        code, said = await self._call(*words, asked=told)
        return await self._in_thread(lambda: _read(model, code, said))

    async def explain(
        self, request: ExplainRequest, services: SeenServices | None
    ) -> ExplanationReport:
        """Say why a run, a cell or a service failed.

        Parameters
        ----------
        request
            What is asked for.
        services
            The platform as it is now, if that is known.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if there is no such run, or the doctor cannot be run.
        """
        from ...doctor.explain.models import ExplanationReport

        seen = [] if services is None else [services]
        call = {
            "request": request.model_dump(mode="json"),
            "services": [s.model_dump(mode="json") for s in seen],
        }
        async with self._explaining:
            code, said = await self._call(
                "--explain-stdin", asked=json.dumps(call).encode()
            )
        return await self._in_thread(
            lambda: _read(ExplanationReport, code, said)
        )

    async def _look(self, words: tuple[str, ...], asked: Asked) -> Report:
        from ...doctor.models import Report

        write = await asked.find_seen()
        return await self.read(Report, "--seen", *words, write=write)

    async def _in_thread[T](self, function: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, function)

    async def _call(
        self, *more: str, asked: bytes = b""
    ) -> tuple[int | None, bytes]:
        words = own_program(
            "rsp_health.cli.start", "doctor", "--json", own_packages=False
        )
        words += ["--data-dir", str(self._data_dir)]
        words += ["--root", str(self._root)]
        if self._catalogue:
            words += ["--catalogue", self._catalogue]
        words += more
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                env=dict(self._environment.variables),
            )
        except OSError as exc:
            raise _failed(f"it cannot be started ({exc.strerror})") from exc
        try:
            async with asyncio.timeout(_LIMIT_S):
                said, _ = await process.communicate(asked)
        except TimeoutError:
            raise _failed(f"it did not end in {_LIMIT_S:.0f} s") from None
        finally:
            if process.returncode is None:
                # Not waited for: it may be in a call that never returns.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, said


def _read[M: BaseModel](model: type[M], code: int | None, said: bytes) -> M:
    try:
        if code in {0, 1, 3}:
            return model.model_validate_json(said)
        error = json.loads(said)
        kind = NotFoundError if error["error"] in _NOT_FOUND else BadInputError
        raise kind(
            str(error["message"]),
            hint=str(error["hint"]),
            code=str(error["error"]),
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise _failed("it ended without a report") from exc


def _failed(why: str) -> EnvironmentFailureError:
    return EnvironmentFailureError(
        f"The doctor could not look: {why}.",
        hint="Call `rsp-health doctor` in a terminal.",
        code="doctor_failed",
    )
