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
import sys
from typing import TYPE_CHECKING

from ...errors import BadInputError, EnvironmentFailureError

if TYPE_CHECKING:
    from pathlib import Path

    from ...doctor.models import Report
    from ...platform.environment import LabEnvironment

__all__ = ["DoctorRunner"]

#: Seconds that it may take. Its checks have five; the rest is for its start
#: on a lab that is short of processor time.
_LIMIT_S = 30.0


class DoctorRunner:
    """Looks once for all who ask at the same time.

    Parameters
    ----------
    environment
        The lab.
    data_dir
        Our own folder.
    """

    def __init__(self, *, environment: LabEnvironment, data_dir: Path) -> None:
        self._environment = environment
        self._data_dir = data_dir
        self._looks: dict[tuple[str, ...], asyncio.Task[Report]] = {}

    async def look(self, checks: tuple[str, ...] = ()) -> Report:
        """Run checks, and return what they found.

        Parameters
        ----------
        checks
            Their ids; all if empty.

        Raises
        ------
        rsp_health.errors.BadInputError
            Raised if there is no such check.
        rsp_health.errors.EnvironmentFailureError
            Raised if the doctor itself cannot be run.
        """
        task = self._looks.get(checks)
        if task is None:
            task = asyncio.create_task(self._run(checks))
            self._looks[checks] = task
            task.add_done_callback(lambda _: self._looks.pop(checks, None))
        # Who goes away ends nothing for the others.
        return await asyncio.shield(task)

    async def _run(self, checks: tuple[str, ...]) -> Report:
        words = ["-m", "rsp_health.cli.start", "doctor", "--json"]
        words += ["--data-dir", str(self._data_dir), "--", *checks]
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                env=dict(self._environment.variables),
            )
        except OSError as exc:
            raise _failed(f"it cannot be started ({exc.strerror})") from exc
        try:
            async with asyncio.timeout(_LIMIT_S):
                said, _ = await process.communicate()
        except TimeoutError:
            raise _failed(f"it did not end in {_LIMIT_S:.0f} s") from None
        finally:
            if process.returncode is None:
                # Not waited for: it may be in a call that never returns.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return await asyncio.to_thread(_report, process.returncode, said)


def _report(code: int | None, said: bytes) -> Report:
    from ...doctor.models import Report

    try:
        if code in {0, 1, 3}:
            return Report.model_validate_json(said)
        error = json.loads(said)
        raise BadInputError(
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
