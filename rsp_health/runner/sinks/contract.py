"""What a sink is, and what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ...errors import EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Event", "RefusedError", "Sink", "SinkError", "answered"]

type Event = dict[str, Any]
"""One thing that is sent: JSON, redacted, with an ``id`` that stays its own."""


class SinkError(EnvironmentFailureError):
    """What was to be sent was not taken; it is kept, and sent again.

    Parameters
    ----------
    message
        Why, in one clause without secrets.
    """

    code = "not_sent"

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="It is sent again after the next run.")


class RefusedError(SinkError):
    """One request was refused for what is in it; others may be taken."""


#: Answers that are about what was sent, and not about the receiver.
_ABOUT_THE_REQUEST = {400, 413, 422}


def answered(name: str, status: int) -> SinkError:
    """Return what a status other than 200 means.

    Parameters
    ----------
    name
        Who answered.
    status
        The answer's.
    """
    kind = RefusedError if status in _ABOUT_THE_REQUEST else SinkError
    return kind(f"{name} answered HTTP {status}")


class Sink[Request](Protocol):
    """Sends events somewhere."""

    def requests(self, events: Sequence[Event]) -> list[Request]:
        """Return what is sent for some events.

        Raises
        ------
        LookupError, TypeError, ValueError, AttributeError
            Raised if they are no events of ours: a file was damaged.
        """

    async def send(self, request: Request) -> None:
        """Send it; when this returns, all of it was taken.

        It may come twice, if the process was ended at the wrong moment.

        Raises
        ------
        SinkError
            Raised if it was not all taken.
        """
