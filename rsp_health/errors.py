"""The errors rsp-health raises on purpose, free of any framework.

Every error carries a stable ``code`` (for programs), the HTTP status that the
server answers with, the exit code that the terminal ends with, a ``message``
(what happened, and where) and a ``hint`` (what to do next). Doors, not
features, decide how an error is shown.
"""

from __future__ import annotations

__all__ = [
    "BadDocumentError",
    "BadInputError",
    "ConflictError",
    "EnvironmentFailureError",
    "ExcessiveDocumentError",
    "MissingFileError",
    "NotFoundError",
    "RSPHealthError",
    "UnreadableFileError",
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


class UnreadableFileError(BadInputError):
    """A file that somebody else wrote cannot be read.

    Parameters
    ----------
    where
        The file, as it is shown.
    reason
        Why, as the end of a sentence ("it is a folder").
    hint
        What the user can do next.
    line
        The line that is wrong, from 1; `None` if there is none.
    errno
        What the system said; 0 if it was not the system.
    """

    code = "unreadable_file"

    def __init__(
        self,
        where: str,
        reason: str,
        *,
        hint: str,
        line: int | None = None,
        errno: int = 0,
    ) -> None:
        at = "" if line is None else f" (line {line})"
        super().__init__(f"{where} cannot be read: {reason}{at}.", hint=hint)
        self.reason = reason
        self.line = line
        self.errno = errno


class MissingFileError(UnreadableFileError):
    """There is no such file."""

    code = "no_such_file"


class BadDocumentError(UnreadableFileError):
    """A file is not the YAML, TOML or JSON that it should be."""

    code = "bad_document"


class ExcessiveDocumentError(BadDocumentError):
    """A document would cost more time or memory than any honest one."""

    code = "excessive_document"


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
