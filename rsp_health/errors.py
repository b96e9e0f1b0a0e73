"""The errors rsp-health raises on purpose, free of any framework.

Every error carries a stable ``code`` (for programs), the HTTP status that the
server answers with, the exit code that the terminal ends with, a ``message``
(what happened, and where) and a ``hint`` (what to do next). Doors, not
features, decide how an error is shown.
"""

from __future__ import annotations

__all__ = [
    "BadInputError",
    "ConflictError",
    "EnvironmentFailureError",
    "NotFoundError",
    "RSPHealthError",
]


class RSPHealthError(Exception):
    """Base of all errors that a user may see.

    Parameters
    ----------
    message
        What happened, and where, in one sentence without secrets.
    hint
        What the user can do next.
    code
        Stable identifier for programs, ``snake_case``. Defaults to the
        class's own.
    """

    code = "error"
    status_code = 500
    exit_code = 3

    def __init__(
        self, message: str, *, hint: str, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class BadInputError(RSPHealthError):
    """The call, or something the caller named, is wrong."""

    code = "bad_input"
    status_code = 422
    exit_code = 2


class NotFoundError(RSPHealthError):
    """What the caller named does not exist."""

    code = "not_found"
    status_code = 404
    exit_code = 2


class ConflictError(RSPHealthError):
    """The state of things changed, or another operation owns them."""

    code = "conflict"
    status_code = 409
    exit_code = 1


class EnvironmentFailureError(RSPHealthError):
    """The environment cannot do it: network, disk, kernel, permissions.

    A 5xx would say that rsp-health has a bug. It has none here, so the server
    answers 422 with a stable code, and the terminal exits with 3.
    """

    code = "environment"
    status_code = 422
    exit_code = 3
