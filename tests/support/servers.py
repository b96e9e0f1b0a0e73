"""A Jupyter server with the extension, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.websocket import websocket_connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

__all__ = ["ServerProcess"]

_PROJECT = Path(__file__).parents[2]


class ServerProcess:
    """The server, seen from outside.

    Parameters
    ----------
    scratch
        Folder for its home, configuration and log; it may be used by several
        servers one after another.
    config
        Traits of ``HealthApp``.
    traits
        Those of other classes, by their name.
    variables
        What its environment has beyond ours.
    module
        The module that is run as the server.
    """

    def __init__(
        self,
        scratch: Path,
        *,
        config: Mapping[str, Any] | None = None,
        traits: Mapping[str, Mapping[str, Any]] | None = None,
        variables: Mapping[str, str] | None = None,
        module: str = "jupyter_server",
    ) -> None:
        self.home = scratch / "home"
        self.root = scratch / "root"
        self._scratch = scratch
        self._config = {"HealthApp": dict(config or {}), **(traits or {})}
        self._variables = dict(variables or {})
        self._module = module
        self.token = secrets.token_hex(16)
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.subscribed = asyncio.Event()

    @property
    def log(self) -> str:
        """What the server logged."""
        return (self._scratch / "server.log").read_text(errors="replace")

    async def start(self) -> None:
        """Start, and return when it answers."""
        await asyncio.to_thread(self._spawn)
        async with asyncio.timeout(60):
            while True:
                try:
                    await self.call("GET", "api/status")
                except OSError:
                    if self.process is None or self.process.poll() is not None:
                        raise RuntimeError(self.log) from None
                    await asyncio.sleep(0.05)
                else:
                    return

    def _spawn(self) -> None:
        for folder in (self.home, self.root):
            folder.mkdir(parents=True, exist_ok=True)
        config = self._scratch / "config.json"
        config.write_text(json.dumps(self._config))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [
            sys.executable,
            "-m",
            self._module,
            f"--config={config}",
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            "--ServerApp.jpserver_extensions=rsp_health=True",
            "--no-browser",
            "--allow-root",
        ]
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "EXTERNAL_", "REPERTOIRE_"))
        }
        with (self._scratch / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env={
                    **inherited,
                    "HOME": str(self.home),
                    "PYTHONPATH": str(_PROJECT),
                    **self._variables,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """End it the hard way, as a crash or the kernel would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    async def call(
        self, method: str, path: str, body: Any = None
    ) -> tuple[int, Any]:
        """Send a request; return the status and the parsed answer."""
        try:
            response = await AsyncHTTPClient(max_clients=100).fetch(
                f"{self.url}/{path}",
                method=method,
                headers={"Authorization": f"token {self.token}"},
                body=None
                if method in {"GET", "DELETE"}
                else json.dumps(body or {}),
                request_timeout=60,
            )
        except HTTPClientError as exc:
            if exc.response is None:
                raise
            response = exc.response
        return response.code, json.loads(response.body or b"null")

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Yield our events as a browser receives them.

        `subscribed` is set as soon as nothing is missed any more.
        """
        url = self.url.replace("http", "ws", 1)
        connection = await websocket_connect(
            f"{url}/api/events/subscribe?token={self.token}"
        )
        try:
            self.subscribed.set()
            while (message := await connection.read_message()) is not None:
                event = json.loads(message)
                if event.get("schema_id", "").startswith("urn:rsp-health:"):
                    yield event
        finally:
            connection.close()
