"""Stand-ins for what results are sent to: a Kafka REST proxy and a Sentry.

The proxy is built from Confluent's public description of its contract v2: it
validates every record against the schema that came with it, as the real one
does when it writes Avro. What it took is read back by `fastavro`.
"""

from __future__ import annotations

import io
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import fastavro

from tests.support.stand_in import QuietHandler, StandIn

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

__all__ = ["Receiver"]

_AVRO = "application/vnd.kafka.avro.v2+json"


class Receiver(StandIn):
    """Takes what is sent to it, in the mood that it is in.

    ``mood`` is ``well``, ``slow`` (no answer in time), ``refusing`` (503),
    ``login`` (302), ``half`` (the proxy takes every other record) or
    ``cut`` (it takes all, and breaks the connection before it says so).
    """

    def __init__(self) -> None:
        self.mood = "well"
        self.taken: dict[str, list[dict[str, Any]]] = {}
        self.refused: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._lock = threading.Lock()
        super().__init__(self._handler())

    def take(self, path: str, kind: str, body: bytes) -> tuple[int, Any]:
        """Judge a request as the real one would; return its answer."""
        if path.startswith("/sasquatch-rest-proxy/topics/"):
            return self._produce(path.rpartition("/")[2], kind, body)
        if path.endswith("/envelope/"):
            return self._envelope(body)
        return 404, {"error_code": 404}

    def _produce(self, topic: str, kind: str, body: bytes) -> tuple[int, Any]:
        if kind != _AVRO:
            return 415, {"error_code": 415}
        document = json.loads(body)
        text = document["value_schema"]
        schema = fastavro.parse_schema(json.loads(text))
        offsets: list[dict[str, Any]] = []
        for number, record in enumerate(document["records"]):
            try:
                line = json.dumps(record["value"])
                found: list[Any] = list(
                    fastavro.json_reader(io.StringIO(line), schema)
                )
                (value,) = found
                assert record["value"].keys() == value.keys()
                assert record.keys() == {"value"}
                fastavro.schemaless_writer(io.BytesIO(), schema, value)
            except Exception as exc:  # noqa: BLE001 - whatever is wrong
                self.refused.append(f"{type(exc).__name__}: {exc}")
                return 422, {"error_code": 42203}
            if self.mood == "half" and number % 2:
                offsets.append({"error_code": 1, "error": "no room"})
            else:
                self._keep(topic, value)
                offsets.append({"partition": 0, "offset": number})
        return 200, {"offsets": offsets, "value_schema_id": 1}

    def _envelope(self, body: bytes) -> tuple[int, Any]:
        head, item, event = body.split(b"\n", 2)
        if json.loads(item)["type"] != "event":
            return 400, {}
        self._keep("sentry", json.loads(event))
        return 200, {"id": json.loads(head)["event_id"]}

    def _keep(self, topic: str, value: dict[str, Any]) -> None:
        with self._lock:
            self.taken.setdefault(topic, []).append(value)

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 - as the base calls it
                """Answer a request."""
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                receiver.headers.append(dict(self.headers))
                if receiver.mood == "slow":
                    time.sleep(30)
                    return
                if receiver.mood in {"refusing", "login"}:
                    code = 503 if receiver.mood == "refusing" else 302
                    self.send_response(code)
                    self.send_header("Location", f"{receiver.url}/login")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                kind = self.headers["Content-Type"]
                status, answer = receiver.take(self.path, kind, body)
                if receiver.mood == "cut":
                    self.connection.close()
                    return
                self.answer(status, json.dumps(answer).encode())

        return Handler
