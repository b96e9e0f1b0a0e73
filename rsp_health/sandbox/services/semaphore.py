"""Semaphore's broadcasts and user notifications.

Source of the shapes: Semaphore 2, ``/semaphore/v1``.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import escape
from typing import Any

from ..ingress import PlatformHandler

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
                "summary": _text(one.summary),
                "body": _text(one.body) if one.body else None,
                "active": True,
                "enabled": True,
                "stale": False,
                "category": one.category,
            }
            for number, one in enumerate(
                self.state.scenario.broadcasts, start=1
            )
        ]
        self.set_header("Content-Type", "application/json")
        self.write(_json(messages))


class NotificationsHandler(PlatformHandler):
    """``GET /semaphore/v1/notifications/messages``: the user's own."""

    def get(self) -> None:
        """List what the user was sent, the newest first."""
        messages = [
            {
                "id": str(number),
                "created": _moment(self.state.started_at),
                "read": None,
                "summary": _text(text),
                "url": f"{self.state.base_url}/semaphore/v1/notifications"
                f"/messages/{number}",
            }
            for number, text in enumerate(self.state.scenario.messages, 1)
        ]
        self.set_header("Content-Type", "application/json")
        limit = self.get_argument("limit", "")
        if limit:
            self.set_header("X-Total-Count", str(len(messages)))
            messages = messages[: int(limit)] if limit.isdecimal() else []
        self.write(_json(messages))


def _text(gfm: str) -> dict[str, str]:
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(gfm))
    return {"gfm": gfm, "html": f"<p>{html}</p>\n"}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat()


def _json(value: Any) -> str:
    return json.dumps(value)
