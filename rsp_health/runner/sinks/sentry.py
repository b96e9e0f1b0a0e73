"""Failures for Sentry, with the tags that mobu gives its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...errors import BadInputError, EnvironmentFailureError
from ...platform.http.answers import FetchError
from .contract import SinkError, answered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...platform.http.client import PlatformHttp
    from .contract import Event

__all__ = ["SentrySink", "fingerprint", "report"]

#: mobu's tags, each with the field that it is made of.
_TAGS = (
    "business",
    "cell",
    "flock",
    "image_description",
    "image_reference",
    "notebook",
    "phase",
)


def fingerprint(event: Event) -> list[str]:
    """Return what makes two failures one issue, as mobu does."""
    keys = ("flock", "business", "notebook", "cell", "exception")
    return [str(event.get(key) or "") for key in keys]


def report(event: Event) -> dict[str, Any]:
    """Return a failure as Sentry's event."""
    return {
        "event_id": event["id"].replace("-", ""),
        "timestamp": event["timestamp"],
        "platform": "python",
        "level": "error",
        "environment": event["instance"] or "unknown",
        "transaction": f"{event['business']} - Execute notebook",
        "fingerprint": fingerprint(event),
        "tags": {key: event[key] for key in _TAGS if event[key] is not None},
        "user": {"username": event["username"]},
        "contexts": {
            "repo_info": {
                "repo_url": event["repo"],
                "repo_ref": event["repo_ref"],
                "repo_hash": event["repo_hash"],
            },
            "notebook_info": {"notebook": event["notebook"]},
            "cell_info": {
                "cell_id": event["cell"],
                "cell_number": event["cell_number"],
            },
        },
        "exception": {
            "values": [{"type": event["exception"], "value": event["message"]}]
        },
    }


class SentrySink:
    """Sends failures to a Sentry project.

    sentry-sdk knows the address in a DSN and the form of an envelope. Its own
    transport forgets what it cannot send, so ours is used.

    Parameters
    ----------
    http
        Sends within bounds.
    dsn
        The project's address.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if sentry-sdk is not installed.
    rsp_health.errors.BadInputError
        Raised if the DSN is none.
    """

    def __init__(self, *, http: PlatformHttp, dsn: str) -> None:
        try:
            from sentry_sdk.utils import BadDsn, Dsn
        except ImportError as exc:
            raise EnvironmentFailureError(
                "sentry_dsn is set, but sentry-sdk is not installed.",
                hint="Install rsp-health[sentry], or take the setting out.",
                code="no_sentry",
            ) from exc
        try:
            auth = Dsn(dsn).to_auth("rsp-health")
        except (BadDsn, ValueError) as exc:
            raise BadInputError(
                "The setting sentry_dsn is not a DSN.",
                hint="Copy it from the project's settings in Sentry.",
                code="bad_dsn",
            ) from exc
        self._http = http
        self._url = auth.get_api_url()
        self._auth = auth.to_header()

    def requests(self, events: Sequence[Event]) -> list[dict[str, Any]]:
        """Return an event of Sentry's for each failure."""
        return [report(event) for event in events]

    async def send(self, request: dict[str, Any]) -> None:
        """Send a failure in an envelope.

        Raises
        ------
        SinkError
            Raised if it was not taken.
        """
        from sentry_sdk.envelope import Envelope

        envelope = Envelope(
            headers={
                "event_id": request["event_id"],
                "sent_at": datetime.now(UTC).isoformat(),
            }
        )
        envelope.add_event(json.loads(json.dumps(request)))
        try:
            answer = await self._http.post(
                self._url,
                envelope.serialize(),
                headers={
                    "Content-Type": "application/x-sentry-envelope",
                    "X-Sentry-Auth": self._auth,
                },
            )
        except FetchError as exc:
            raise SinkError(f"Sentry: {exc.message}") from exc
        if answer.status != 200:
            raise answered("Sentry", answer.status)
