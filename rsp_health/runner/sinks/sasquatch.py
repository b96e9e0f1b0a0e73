"""Events for Sasquatch, through its Kafka REST proxy (v2, Avro)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...platform.http.answers import FetchError
from .contract import SinkError, answered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...platform.http.client import PlatformHttp
    from .contract import Event

__all__ = ["KINDS", "SasquatchSink", "encoded", "schema"]

_TEXTS = ("business", "username", "notebook", "repo", "repo_ref", "repo_hash")
#: Each kind of event, and the fields that only it has.
KINDS: dict[str, tuple[str, ...]] = {
    "notebook_execution": (),
    "notebook_cell_execution": ("cell_id",),
}
_TYPE = "application/vnd.kafka.avro.v2+json"
_ACCEPT = "application/vnd.kafka.v2+json"

type _Records = tuple[str, list[Any]]
"""A kind of event, and the records of it."""


def schema(kind: str, namespace: str) -> dict[str, Any]:
    """Return the Avro schema of a kind of event, as Safir's events have it.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    namespace
        The prefix of the topics.
    """
    fields: list[dict[str, Any]] = [
        {"name": "flock", "type": ["string", "null"]},
        *({"name": name, "type": "string"} for name in _TEXTS),
        {"name": "duration", "type": ["double", "null"]},
        {"name": "success", "type": "boolean"},
        *({"name": name, "type": "string"} for name in KINDS[kind]),
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "application", "type": "string"},
        {
            "name": "timestamp",
            "type": {"type": "long", "logicalType": "timestamp-millis"},
        },
        {"name": "timestamp_ns", "type": "long"},
    ]
    return {
        "type": "record",
        "name": kind,
        "namespace": namespace,
        "fields": fields,
    }


def encoded(event: Event) -> dict[str, Any]:
    """Return an event in Avro's JSON encoding: a union names its branch."""
    value = {name: field for name, field in event.items() if name != "kind"}
    for name, branch in (("flock", "string"), ("duration", "double")):
        if value[name] is not None:
            value[name] = {branch: value[name]}
    return value


class SasquatchSink:
    """Sends events to the REST proxy, one topic a kind.

    Parameters
    ----------
    http
        The platform.
    url
        The proxy's address.
    namespace
        Prefix of the topics, such as ``lsst.example``.
    with_token
        Whether the lab has a token. Some sites ask for none; it goes to the
        platform itself only.
    """

    def __init__(
        self,
        *,
        http: PlatformHttp,
        url: str,
        namespace: str,
        with_token: bool,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._namespace = namespace
        self._with_token = with_token

    def requests(self, events: Sequence[Event]) -> list[_Records]:
        """Return the records of each kind that there is."""
        found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        for event in events:
            found[event["kind"]].append({"value": encoded(event)})
        return [(kind, records) for kind, records in found.items() if records]

    async def send(self, request: _Records) -> None:
        """Send records of one kind.

        Raises
        ------
        SinkError
            Raised if they were not all taken.
        """
        kind, records = request
        body = {
            "value_schema": json.dumps(schema(kind, self._namespace)),
            "records": records,
        }
        url = f"{self._url}/topics/{self._namespace}.{kind}"
        try:
            answer = await self._http.post(
                url,
                json.dumps(body).encode(),
                headers={"Content-Type": _TYPE, "Accept": _ACCEPT},
                token=self._with_token and self._http.origin.owns(url),
            )
            document = answer.json() if answer.status == 200 else None
        except FetchError as exc:
            raise SinkError(f"Sasquatch: {exc.message}") from exc
        if answer.status != 200:
            raise answered("Sasquatch", answer.status)
        offsets = (
            document.get("offsets") if isinstance(document, dict) else None
        )
        # The proxy answers 200 also where single records were refused.
        if (
            not isinstance(offsets, list)
            or len(offsets) != len(records)
            or any(not isinstance(x, dict) or x.get("error") for x in offsets)
        ):
            raise SinkError("Sasquatch did not accept every event")
