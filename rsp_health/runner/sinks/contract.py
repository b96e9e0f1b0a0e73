"""What a sink is, and what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ...errors import EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Event", "Sink", "SinkError"]

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


class Sink(Protocol):
    """Sends events somewhere."""

    name: str

    async def send(self, events: Sequence[Event]) -> None:
        """Send events; when this returns, they were taken, all of them.

        Some may come twice, if the process was ended at the wrong moment.

        Raises
        ------
        SinkError
            Raised if they were not all taken.
        """
