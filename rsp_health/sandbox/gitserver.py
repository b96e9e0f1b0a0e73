"""Serves git repositories by git's own HTTP protocol.

Smart HTTP is ``git http-backend``, run as a CGI program for each request;
where a system's git lacks it, the files are served as they are (the older
"dumb" protocol, which knows no shallow clones). Reading only.
"""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

if TYPE_CHECKING:
    from .state import SandboxState

__all__ = ["GitHandler", "GitSettings"]

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSettings:
    """Where the repositories are, and how git is run.

    Parameters
    ----------
    folder
        Folder that holds the bare repositories.
    variables
        Environment for git.
    smart
        Whether ``git http-backend`` can be run.
    """

    folder: Path
    variables: dict[str, str]
    smart: bool


class GitHandler(RequestHandler):
    """``/git/<name>.git/…``.

    Parameters
    ----------
    state
        The sandbox's memory.
    git
        Where the repositories are.
    """

    def initialize(self, *, state: SandboxState, git: GitSettings) -> None:
        """Remember where the repositories are."""
        self.state = state
        self._git = git
        self._process: asyncio.subprocess.Process | None = None

    async def get(self, path: str) -> None:
        """Advertise references, or give a file."""
        if self._git.smart:
            await self._run_backend(path)
        else:
            self._send_file(path)

    async def post(self, path: str) -> None:
        """Send objects."""
        if not self._git.smart:
            raise HTTPError(403)
        await self._run_backend(path)

    def on_connection_close(self) -> None:
        """Stop git when its client has left."""
        self._kill()

    def finish(self, chunk: str | bytes | dict[Any, Any] | None = None) -> Any:
        """Remember the request, before its client can ask about it."""
        self.state.look_for_token(self.request)
        self.state.remember(
            method=self.request.method,
            path=self.request.path,
            status=self.get_status(),
            app="git",
            username=None,
        )
        return super().finish(chunk)

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _run_backend(self, path: str) -> None:
        headers = self.request.headers
        environment = self._git.variables | {
            "CONTENT_LENGTH": str(len(self.request.body)),
            "CONTENT_TYPE": headers.get("Content-Type", ""),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROJECT_ROOT": str(self._git.folder),
            "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": headers.get("Git-Protocol", ""),
            "PATH_INFO": f"/{path}",
            "QUERY_STRING": self.request.query,
            "REMOTE_ADDR": "127.0.0.1",
            "REQUEST_METHOD": self.request.method or "GET",
        }
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._process = process
        feeding = asyncio.create_task(_feed(process, self.request.body))
        try:
            await self._relay(process)
        finally:
            self._kill()
            feeding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await feeding
            await process.wait()

    async def _relay(self, process: asyncio.subprocess.Process) -> None:
        output = process.stdout
        if output is None:
            raise HTTPError(500)
        self.clear_header("Content-Type")
        while line := (await output.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            if name.lower() == "status":
                self.set_status(int(value.split()[0]))
            else:
                self.set_header(name, value.strip())
        pace = self.state.scenario.git_bytes_per_second
        size = _CHUNK if pace is None else max(1, pace // 10)
        while chunk := await output.read(size):
            self.write(chunk)
            try:
                await self.flush()
            except StreamClosedError:
                return
            if pace is not None:
                await asyncio.sleep(len(chunk) / pace)

    def _send_file(self, path: str) -> None:
        root = self._git.folder.resolve()
        file = (root / PurePosixPath(path)).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            raise HTTPError(404)
        if self.get_argument("service", "") == "git-receive-pack":
            raise HTTPError(403)
        kind = mimetypes.guess_type(file.name)[0]
        self.set_header("Content-Type", kind or "application/octet-stream")
        self.write(file.read_bytes())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer without a traceback."""
        del kwargs
        self.set_header("Content-Type", "text/plain")
        self.write(f"{status_code}\n")


async def _feed(process: asyncio.subprocess.Process, body: bytes) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(body)
        await process.stdin.drain()
    process.stdin.close()
