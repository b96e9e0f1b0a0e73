"""A platform whose discovery names a metrics database, for who may read it.

What is asked of ``/influxdb/`` goes to a function: made-up answers in tests,
a real InfluxDB in ``tests.faults.influx``.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.models import Discovery
from tests.support.stand_in import QuietHandler, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    type Answer = Callable[[str, str], tuple[int, bytes]]
    """From a path with its query, and the login; a status and a body."""

__all__ = ["PASSWORD", "TOKEN", "Platform", "query_in"]

TOKEN = "gt-" + "c" * 22 + "." + "d" * 22
PASSWORD = "pass-word-of-the-metrics"
DATABASE = "lsst.square.metrics"


def query_in(path: str) -> str:
    """Return the InfluxQL of a request."""
    return parse_qs(urlsplit(path).query)["q"][0]


class Platform(StandIn):
    """Discovery, and the way to a database behind it.

    Parameters
    ----------
    influx
        Answers what the database is asked.
    """

    def __init__(self, influx: Answer) -> None:
        self.influx = influx
        self.password = PASSWORD
        self.has_scope = True
        self.database = DATABASE
        super().__init__(self._handler())

    def environment(self, home: Path) -> LabEnvironment:
        """Return a lab of it."""
        return LabEnvironment(
            variables={
                "EXTERNAL_INSTANCE_URL": self.url,
                "ACCESS_TOKEN": TOKEN,
                "HOME": str(home),
            }
        )

    def document(self) -> dict[str, Any]:
        """Return what discovery says."""
        where = f"{self.url}/repertoire/discovery/influxdb/metrics"
        entry = {
            "url": f"{self.url}/influxdb/",
            "database": self.database,
            "schema_registry": f"{self.url}/registry",
            "credentials_url": where,
            "local": True,
        }
        efd = {**entry, "database": "efd"}
        return {
            "applications": ["mobu"],
            "influxdb_databases": {"efd": efd, "metrics": entry},
        }

    def discovery(self) -> Discovery:
        """Return the same, as it is known."""
        return Discovery.model_validate({"state": "fresh", **self.document()})

    def answered(self, path: str, login: str) -> tuple[int, bytes]:
        """Answer a request."""
        if path == "/repertoire/discovery":
            return 200, json.dumps(self.document()).encode()
        if path.startswith("/repertoire/discovery/influxdb/"):
            if login != f"Bearer {TOKEN}":
                return 401, b"{}"
            if not self.has_scope:
                return 403, b"{}"
            values = dict(self.document()["influxdb_databases"]["metrics"])
            values |= {"username": "reader", "password": self.password}
            return 200, json.dumps(values).encode()
        if path.startswith("/influxdb/"):
            kind, _, value = login.partition(" ")
            plain = base64.b64decode(value).decode() if kind == "Basic" else ""
            return self.influx(path.removeprefix("/influxdb"), plain)
        return 404, b"{}"

    def _handler(platform) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(QuietHandler):
            def do_GET(self) -> None:  # noqa: N802 - as the base calls it
                """Answer a request."""
                login = self.headers.get("Authorization", "")
                self.answer(*platform.answered(self.path, login))

        return Handler
