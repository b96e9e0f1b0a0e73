"""A platform whose discovery names a metrics database, for who may read it.

What is asked of ``/influxdb/`` goes to a function: made-up answers in tests,
a real InfluxDB in ``tests.faults.influx``.
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.models import Discovery

if TYPE_CHECKING:
    from collections.abc import Callable
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


class Platform:
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
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        ).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

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

    def answer(self, path: str, login: str) -> tuple[int, bytes]:
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
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                login = self.headers.get("Authorization", "")
                status, body = platform.answer(self.path, login)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words: object) -> None:
                del words

        return Handler
