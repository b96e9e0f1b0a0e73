"""Semaphore's broadcasts and user notifications.

Source of the shapes: Semaphore 2, ``/semaphore/v1``.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from .ingress import PlatformHandler

__all__ = ["BroadcastsHandler", "NotificationsHandler", "SemaphoreHandler"]


class SemaphoreHandler(PlatformHandler):
    """``GET /semaphore/``."""

    def get(self) -> None:
        """Tell the application's metadata."""
        self.send_metadata(
            "semaphore", "User messages for the RSP", github_app_enabled=True
        )


class BroadcastsHandler(PlatformHandler):
    """``GET /semaphore/v1/broadcasts``: active messages only."""

    def get(self) -> None:
        """List what is announced now."""
        messages = [
            {
                "id": f"broadcasts/sandbox-{number}.md",
                "summary": _text(text),
                "body": None,
                "active": True,
                "enabled": True,
                "stale": False,
                "category": category,
            }
            for number, (category, text) in enumerate(
                self.state.scenario.broadcasts, start=1
            )
        ]
        self.set_header("Content-Type", "application/json")
        self.write(_json(messages))


class NotificationsHandler(PlatformHandler):
    """``GET /semaphore/v1/notifications/messages``: the user's own."""

    def get(self) -> None:
        """List nothing: nobody wrote to the sandbox's user."""
        self.set_header("Content-Type", "application/json")
        if self.get_argument("limit", ""):
            self.set_header("X-Total-Count", "0")
        self.write("[]")


def _text(gfm: str) -> dict[str, str]:
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(gfm))
    return {"gfm": gfm, "html": f"<p>{html}</p>\n"}


def _json(value: Any) -> str:
    import json

    return json.dumps(value)
