"""Starts ``rsp-health run`` in a process and session of its own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

from ..errors import (
    BadInputError,
    EnvironmentFailureError,
    RSPHealthError,
)
from ..platform.own_program import own_program

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .planning.call import RunCall

__all__ = ["spawn_run"]

#: Seconds in which a run has to announce itself.
_START_S = 30.0


def spawn_run(
    call: RunCall,
    *,
    places: Mapping[str, Path],
    variables: Mapping[str, str],
) -> None:
    """Start a run; return when its record exists.

    Parameters
    ----------
    call
        What it runs, and how.
    places
        The folders that it works with, by the options that name them.
    variables
        Its environment.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if the run says that an argument is wrong.
    rsp_health.errors.EnvironmentFailureError
        Raised if it does not start.
    """
    reader, writer = os.pipe()
    command = own_program(
        "rsp_health.cli.main",
        "run",
        *(text for pair in places.items() for text in map(str, pair)),
        "--ready-fd",
        str(writer),
    )
    try:
        # A file in memory: read when the run gets there, whatever its size.
        with os.fdopen(os.memfd_create("call"), "w+b") as document:
            document.write(call.to_json())
            document.seek(0)
            process = subprocess.Popen(
                command,
                stdin=document,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[writer],
                start_new_session=True,
                env=dict(variables),
            )
    except OSError as exc:
        os.close(reader)
        raise EnvironmentFailureError(
            f"No process could be started for the run: {exc.strerror}.",
            hint="Close what you do not need, or start a larger lab.",
            code="no_process",
        ) from exc
    finally:
        os.close(writer)
    # Reaped whenever it ends. It ends soon after this process.
    threading.Thread(target=process.wait, name="run", daemon=True).start()
    with os.fdopen(reader, "rb") as stream:
        answer = _read_answer(stream.fileno())
    if answer is None:
        # What is said not to have started must not start later.
        process.kill()
        raise EnvironmentFailureError(
            f"The run had not started after {_START_S:g} s, and was ended.",
            hint="Try again. If it lasts, `rsp-health doctor` may say what "
            "is slow.",
            code="run_not_started",
        )
    if answer != {"ready": True}:
        if not answer:
            process.kill()
        raise _start_error(answer)


def _read_answer(descriptor: int) -> dict[str, Any] | None:
    """Read what the run says about its start.

    Empty if it ended without a word; `None` if the time is over.
    """
    data = b""
    deadline = time.monotonic() + _START_S
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            return None
        chunk = os.read(descriptor, 65536)
        if not chunk:
            break
        data += chunk
    else:
        return None
    try:
        answer = json.loads(data)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _start_error(answer: dict[str, Any]) -> RSPHealthError:
    message = answer.get("message")
    if not message:
        return EnvironmentFailureError(
            "The run did not start.",
            hint="Try `rsp-health run` in a terminal to see why.",
            code="run_not_started",
        )
    kind = (
        BadInputError if answer.get("exit") == 2 else EnvironmentFailureError
    )
    return kind(
        str(message),
        hint=str(answer.get("hint", "")),
        code=str(answer.get("error", kind.code)),
    )
