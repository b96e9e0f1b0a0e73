"""Collects what is published on Jupyter's event bus, validated."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_events import EventLogger

__all__ = ["EventRecorder"]


class EventRecorder:
    """A listener: without one, a payload would not even be validated.

    Parameters
    ----------
    logger
        The server's event logger.
    """

    def __init__(self, logger: EventLogger | None) -> None:
        assert logger is not None
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._logger = logger
        self._news = asyncio.Event()
        for schema_id in logger.schemas.schema_ids:
            if schema_id.startswith("urn:rsp-health:"):
                logger.add_listener(
                    schema_id=schema_id, listener=self._on_event
                )

    async def _on_event(
        self, logger: EventLogger, schema_id: str, data: dict[str, Any]
    ) -> None:
        del logger
        fields = {k: v for k, v in data.items() if not k.startswith("__")}
        self.events.append((schema_id, fields))
        self._news.set()

    def of(self, name: str) -> list[dict[str, Any]]:
        """Return the payloads of one kind: run, service, checkout, cleaning."""
        wanted = f"urn:rsp-health:{name}:v1"
        return [data for schema_id, data in self.events if schema_id == wanted]

    async def until(
        self, name: str, enough: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """Wait for an event of a kind, and return it."""
        async with asyncio.timeout(30):
            while True:
                for data in self.of(name):
                    if enough(data):
                        return data
                self._news.clear()
                await self._news.wait()
