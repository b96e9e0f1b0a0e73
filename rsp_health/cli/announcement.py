"""Tells the server that started a run whether there is one."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

from ..errors import BadInputError

if TYPE_CHECKING:
    from ..errors import RSPHealthError

__all__ = ["Announcement"]


class Announcement:
    """Tells the process that started us that the record exists, or why not.

    Parameters
    ----------
    descriptor
        Where it listens; `None` if no server did.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        if descriptor is not None:
            try:
                fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
            except OSError as exc:
                raise BadInputError(
                    f"--ready-fd {descriptor} is not open.",
                    hint="Leave it out: it is for the server alone.",
                ) from exc

    def ready(self) -> None:
        """Say that the run has begun."""
        self._say({"ready": True})

    def refuse(self, error: RSPHealthError) -> None:
        """Say why there is no run."""
        self._say(
            {
                "error": error.code,
                "message": error.message,
                "hint": error.hint,
                "exit": error.exit_code,
            }
        )

    def _say(self, message: dict[str, Any]) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.write(self._descriptor, json.dumps(message).encode())
                os.close(self._descriptor)
            self._descriptor = None
