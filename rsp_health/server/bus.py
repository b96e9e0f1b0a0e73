"""Publishes on Jupyter's event bus, from any thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    import asyncio
    import logging

    from jupyter_events import EventLogger

__all__ = ["EventBus", "EventName", "schema_id"]

EventName = Literal["run", "service", "checkout", "cleaning", "kernel"]


def schema_id(name: EventName) -> str:
    """Return the id of an event's schema, ``events/<name>/v1.yaml``."""
    return f"urn:rsp-health:{name}:v1"


class EventBus:
    """Our kinds of event.

    An event is a hint that something changed; the truth is a GET. So an event
    that cannot be delivered is dropped, never waited for.

    Parameters
    ----------
    logger
        The server's event logger.
    loop
        The server's event loop.
    log
        Where an event that breaks its schema is reported.
    """

    def __init__(
        self,
        *,
        logger: EventLogger,
        loop: asyncio.AbstractEventLoop,
        log: logging.Logger,
    ) -> None:
        self._logger = logger
        self._loop = loop
        self._log = log

    def register(self) -> None:
        """Register the schemas.

        Must happen before a browser subscribes: a subscription covers the
        schemas that are known when it opens.
        """
        folder = Path(__file__).parent / "events"
        for name in get_args(EventName):
            if schema_id(name) not in self._logger.schemas:
                self._logger.register_event_schema(folder / name / "v1.yaml")

    def publish(self, name: EventName, data: dict[str, Any]) -> None:
        """Publish an event; safe from any thread, and in order."""
        try:
            self._loop.call_soon_threadsafe(self._emit, name, data)
        except RuntimeError:  # The loop is closed: nobody listens any more.
            self._log.debug("rsp-health: dropped an event, the loop is closed")

    def _emit(self, name: EventName, data: dict[str, Any]) -> None:
        try:
            self._logger.emit(schema_id=schema_id(name), data=data)
        except Exception as exc:  # noqa: BLE001 - listeners are other people's
            # Neither a schema violation nor somebody's modifier may stop the
            # work that is reported on. Tests listen, so ours would be seen.
            self._log.error(
                "rsp-health: the event %s was refused (%s)",
                schema_id(name),
                type(exc).__name__,
            )
