"""The sandbox's server: a loop in a thread, on one loopback port."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, url

from ..errors import EnvironmentFailureError, NotFoundError
from .control import (
    ControlPageHandler,
    RepositoryHandler,
    RequestsHandler,
    ScenarioHandler,
)
from .gitserver import GitHandler, GitSettings
from .lab import lab_variables, write_mounts
from .repository import (
    REPOSITORIES,
    add_commit,
    build_repository,
    git_variables,
)
from .routes import platform_routes
from .scenarios import SCENARIOS
from .services.discovery import discovery_document, nublado_document
from .state import SandboxState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tornado.routing import Rule

__all__ = ["SandboxServer"]

_ADDRESS = "127.0.0.1"
_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 10.0
_CLOSE_TIMEOUT = 3.0


class SandboxServer:
    """A stand-in RSP on loopback.

    Also a context manager that starts and stops it.

    Parameters
    ----------
    port
        Port to listen on; 0 for any free one.
    scenario
        Name of the scenario to start in.
    token
        The lab's token; by default a new one.
    scratch
        Folder to keep repositories and mounted files in; it must not exist.
        Default: a temporary one.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if there is no such scenario.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        scenario: str = "healthy",
        token: str | None = None,
        scratch: Path | None = None,
    ) -> None:
        self.state = SandboxState(scenario, token=token)
        self._port = port
        self._scratch = scratch
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._sockets: list[Any] = []
        self._git: GitSettings | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The platform's base URL, without a trailing slash."""
        return self.state.base_url

    @property
    def scenario(self) -> str:
        """The name of the scenario in force."""
        return self.state.scenario.name

    def set_scenario(self, name: str) -> None:
        """Switch the scenario; safe from any thread.

        Raises
        ------
        rsp_health.errors.BadInputError
            Raised if there is no such scenario.
        """
        self.state.set_scenario(name)

    @staticmethod
    def scenarios() -> tuple[str, ...]:
        """Return the names of all scenarios."""
        return tuple(SCENARIOS)

    def repository_url(self, name: str = "system-test") -> str:
        """Return the URL from which a repository can be cloned."""
        return f"{self.url}/git/{name}.git"

    def settings(self) -> dict[str, Any]:
        """Return the section ``HealthApp`` that offers the repositories."""
        titles = {"system-test": "System test", "phalanx-test": "Phalanx test"}
        return {
            "allowed_git_protocols": ["http"],
            "repositories": [
                {
                    "id": name,
                    "title": title,
                    "url": self.repository_url(name),
                    "ref": "main",
                }
                for name, title in titles.items()
            ],
        }

    def commit(
        self, name: str, files: Mapping[str, str], *, subject: str
    ) -> str:
        """Add a commit to a repository's ``main``, and return its hash.

        Parameters
        ----------
        name
            One of the repositories.
        files
            Path to text of the files to write.
        subject
            The commit's message.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no such repository.
        rsp_health.errors.BadInputError
            Raised if a path leaves the repository.
        """
        if self._git is None or name not in REPOSITORIES:
            raise NotFoundError(
                f"The sandbox serves no repository named {name!r}.",
                hint=f"It serves: {', '.join(REPOSITORIES)}.",
                code="no_such_repository",
            )
        return add_commit(
            self._git.folder / f"{name}.git",
            files,
            subject=subject,
            variables=self._git.variables,
        )

    def start(self) -> None:
        """Build the repositories, listen, and return when answers come.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if the port is taken or git is missing.
        """
        if self._thread is not None:
            return
        try:
            self._sockets = bind_sockets(self._port, address=_ADDRESS)
        except OSError as exc:
            raise EnvironmentFailureError(
                f"Port {self._port} of {_ADDRESS} cannot be listened on:"
                f" {os.strerror(exc.errno or 0)}.",
                hint="Choose another port, or leave it out for a free one.",
                code="port_taken",
            ) from exc
        port = self._sockets[0].getsockname()[1]
        self.state.base_url = f"http://{_ADDRESS}:{port}"
        try:
            self._git = self._build()
        except BaseException:
            self._clean_up()
            raise
        self._thread = threading.Thread(
            target=self._run,
            name="rsp-sandbox",
            daemon=True,
        )
        self._thread.start()
        if not self._ready.wait(_START_TIMEOUT) or self._failure is not None:
            failure = self._failure
            self.stop()
            raise EnvironmentFailureError(
                "The sandbox did not start.",
                hint="Try again; report it if it stays so.",
                code="sandbox_failed",
            ) from failure

    def stop(self) -> None:
        """End every request, close the port and remove what was made."""
        loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None:
            with contextlib.suppress(RuntimeError):  # It ended by itself.
                loop.call_soon_threadsafe(stopping.set)
        if self._thread is not None:
            self._thread.join(_STOP_TIMEOUT)
            self._thread = None
        self._clean_up()

    def lab_environment(self, home: Path) -> dict[str, str]:
        """Return the variables of a lab, and write its mounted files.

        Parameters
        ----------
        home
            The user's home folder in that lab.

        Returns
        -------
        dict
            What the platform would add to the process environment; merge it
            over one that holds at least ``PATH``.
        """
        mounts = self._folder / "nublado"
        document = discovery_document(self.url, self.state.scenario)
        write_mounts(
            mounts,
            token=self.state.lab_token,
            discovery=nublado_document(document),
        )
        return lab_variables(
            base_url=self.url,
            token=self.state.lab_token,
            mounts=mounts,
            home=home,
        )

    @property
    def _folder(self) -> Path:
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="rsp-sandbox-"))
        return self._scratch

    def _build(self) -> GitSettings:
        folder = self._folder / "git"
        folder.mkdir(parents=True)
        variables = git_variables(self._folder, os.defpath)
        git = shutil.which("git")
        if git is not None:
            path = f"{Path(git).parent}{os.pathsep}{os.defpath}"
            variables = git_variables(self._folder, path)
        for name in REPOSITORIES:
            build_repository(name, folder, variables=variables)
        return GitSettings(
            folder=folder,
            variables=variables,
            smart=_has_http_backend(variables),
        )

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as exc:  # noqa: BLE001 - told by start() to its caller
            self._failure = exc
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        git = {"state": self.state, "git": self._git}
        control = {"state": self.state}
        routes: list[Rule] = [
            url(r"/sandbox/?", ControlPageHandler, control),
            url(r"/sandbox/scenario", ScenarioHandler, control),
            url(r"/sandbox/requests", RequestsHandler, control),
            url(
                r"/sandbox/repositories/([\w-]+)",
                RepositoryHandler,
                {"commit": self.commit},
            ),
            url(r"/git/(.+)", GitHandler, git),
            *platform_routes(self.state),
        ]
        application = Application(routes, log_function=_no_log)
        server = HTTPServer(application, decompress_request=False)
        server.add_sockets(self._sockets)
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._ready.set()
        await self._stopping.wait()
        server.stop()
        self._sockets = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await server.close_all_connections()
        await _cancel_requests()

    def _clean_up(self) -> None:
        for socket in self._sockets:
            socket.close()
        self._sockets = []
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None


def _has_http_backend(variables: dict[str, str]) -> bool:
    done = subprocess.run(
        ["git", "--exec-path"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(done.stdout.strip(), "git-http-backend").exists()


async def _cancel_requests() -> None:
    """End handlers that wait or stream, so that no git outlives us."""
    current = asyncio.current_task()
    tasks = [t for t in asyncio.all_tasks() if t is not current]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _no_log(handler: object) -> None:
    """Keep quiet: requests are remembered, not printed."""
    del handler
