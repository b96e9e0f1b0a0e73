"""Turns exceptions into what the front end and the log may see of them.

What a foreign exception says may hold URLs with credentials, file content or
tokens. So neither an answer nor the log gets its text: the answer gets a
stable code, the log the places in the code that it came through.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from ..errors import BadInputError, RSPHealthError
from .conflicts import KnownConflictError

if TYPE_CHECKING:
    import logging

    from pydantic import BaseModel

    from ..wire import ErrorBody

__all__ = [
    "BodyTooLargeError",
    "describe",
    "error_body",
    "parse_body",
    "report",
]

#: Largest accepted request body, in bytes; jupyter_server's is 512 MiB.
MAX_BODY_BYTES = 64 * 1024

_SHOWN_FIELD = 100


class BodyTooLargeError(BadInputError):
    """A request has a body beyond any use."""

    code = "body_too_large"
    status_code = 413


def describe(exc: BaseException) -> str:
    """Return the type of an exception and where it came through.

    Without its text, and without the values of anything.
    """
    frames = traceback.extract_tb(exc.__traceback__, limit=-20)
    lines = [
        f"  {frame.filename}:{frame.lineno} in {frame.name}"
        for frame in frames
    ]
    return "\n".join(
        [*lines, f"  {type(exc).__module__}.{type(exc).__name__}"]
    )


def report(log: logging.Logger, what: str, exc: BaseException) -> None:
    """Log that something failed that should not have.

    Parameters
    ----------
    log
        The server's log.
    what
        What failed, as the start of a sentence: "the checkout of tap".
    exc
        Why; see `describe`.
    """
    log.error("rsp-health: %s failed\n%s", what, describe(exc))


def error_body(exc: BaseException) -> ErrorBody:
    """Return the answer's body for an exception."""
    from ..wire import ErrorBody

    if isinstance(exc, KnownConflictError):
        from .models import ConflictBody

        return ConflictBody(
            error=exc.code,
            message=exc.message,
            hint=exc.hint,
            inspection=exc.inspection,
            run_id=exc.run_id,
            effects=None if exc.needed is None else exc.needed.effects,
            load=None if exc.needed is None else exc.needed.load,
        )
    if isinstance(exc, RSPHealthError):
        return ErrorBody(error=exc.code, message=exc.message, hint=exc.hint)
    return ErrorBody(
        error="internal",
        message="rsp-health failed in a way that it should not.",
        hint="Try again; if it lasts, report it with the server's log.",
    )


def parse_body[M: BaseModel](body: bytes, model: type[M]) -> M:
    """Read a request's JSON body; an empty one counts as ``{}``.

    Parameters
    ----------
    body
        The body as received.
    model
        What it must be. pydantic parses and validates in one go, with a limit
        on nesting of its own, where `json.loads` would overflow the stack.

    Raises
    ------
    BadInputError
        Raised if it is not; the message names the field.
    BodyTooLargeError
        Raised if it is larger than 64 KiB.
    """
    from pydantic import ValidationError

    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLargeError(
            f"The request's body has {len(body)} bytes; "
            f"{MAX_BODY_BYTES} are the most.",
            hint="Send fewer paths at once.",
        )
    try:
        return model.model_validate_json(body.strip() or b"{}")
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])[:_SHOWN_FIELD]
        what = f"The field {field!r}" if field else "The request's body"
        raise BadInputError(
            f"{what} is not valid: {first['msg'][:300]}.",
            hint="See the HTTP interface in docs/developers.",
            code="invalid_request",
        ) from None
