"""What the lab's environment says: the reader of ``os.environ``.

Source of the variables: Nublado's controller and startup. Everything is
optional: outside the RSP the object is simply empty, and features say what
they cannot know.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import UnreadableFileError
from ..files import safe_read
from .origins import is_loopback
from .plugins import set_by_us

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LabEnvironment"]

_MOUNTS = (
    Path("/etc/nublado"),
    Path("/opt/lsst/software/jupyterlab"),  # images before Nublado 8.
)
#: Bytes beyond which a file holds no token.
_TOKEN_BYTES = 65_536
#: Variables that name a file with passwords.
_SECRET_FILES = (
    "AWS_SHARED_CREDENTIALS_FILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "LSST_DB_AUTH",
    "PGPASSFILE",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabEnvironment:
    """The lab that rsp-health runs in.

    Parameters
    ----------
    variables
        The process environment.
    mounts
        Folders where the platform may have mounted its runtime files, best
        first.
    """

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    mounts: tuple[Path, ...] = _MOUNTS

    @classmethod
    def from_process(cls) -> LabEnvironment:
        """Read the environment of this process.

        The usual place of mounted files is looked at first, as ``lsst.rsp``
        does. Not so on a stand-in for the platform: what is mounted there in
        a real lab is the user's real token.
        """
        ours = set_by_us()
        variables = {k: v for k, v in os.environ.items() if k not in ours}
        mounts: tuple[Path, ...] = _MOUNTS
        configured = variables.get("NUBLADO_RUNTIME_MOUNTS_DIR")
        if configured:
            named = Path(configured)
            url = urlsplit(variables.get("EXTERNAL_INSTANCE_URL", ""))
            if is_loopback(url.hostname or ""):
                mounts = (named,)
            elif named not in mounts:
                mounts = (mounts[0], named, *mounts[1:])
        return cls(variables=variables, mounts=mounts)

    def get(self, name: str) -> str | None:
        """Return a variable, or `None` if it is unset or empty."""
        return self.variables.get(name) or None

    def _fact(self, name: str) -> str | None:
        """Return a variable, or what the platform mounted in its place.

        A shell may start without the variables that the server was given.
        """
        value = self.get(name)
        path = None if value else self.mounted("environment", name)
        if path is None:
            return value
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
        return text.strip() or None

    @property
    def home(self) -> Path:
        """The user's home folder."""
        configured = self.get("HOME")
        return Path(configured) if configured else Path.home()

    @property
    def user(self) -> str | None:
        """The user's name."""
        return self.get("JUPYTERHUB_USER") or self.get("USER")

    @property
    def base_url(self) -> str | None:
        """The platform's own URL, without a trailing slash."""
        url = self._fact("EXTERNAL_INSTANCE_URL")
        return url.rstrip("/") if url else None

    @property
    def instance(self) -> str | None:
        """The platform's host name, for display."""
        url = self.base_url
        return urlsplit(url).netloc if url else None

    @property
    def repertoire_url(self) -> str | None:
        """The base URL of service discovery."""
        url = self.get("REPERTOIRE_BASE_URL")
        if url:
            return url.rstrip("/")
        return f"{self.base_url}/repertoire" if self.base_url else None

    @property
    def image(self) -> str | None:
        """The lab's image reference."""
        return self._fact("JUPYTER_IMAGE_SPEC") or self._fact("JUPYTER_IMAGE")

    @property
    def image_description(self) -> str | None:
        """The lab's image in words, such as ``Weekly 2026_45``."""
        return self._fact("IMAGE_DESCRIPTION")

    @property
    def container_size(self) -> str | None:
        """The lab's size in words."""
        return self._fact("CONTAINER_SIZE")

    @property
    def cpu_limit(self) -> float | None:
        """CPU limit in cores."""
        return _number(self._fact("CPU_LIMIT"))

    @property
    def memory_limit_bytes(self) -> int | None:
        """Memory limit in bytes."""
        number = _number(self._fact("MEM_LIMIT"))
        return None if number is None else int(number)

    @property
    def auto_repo_specs(self) -> tuple[str, ...]:
        """The platform's own suggestion of test repositories, ``url@ref``."""
        specs = self.get("AUTO_REPO_SPECS") or ""
        return tuple(s.strip() for s in specs.split(",") if s.strip())

    @property
    def hostname(self) -> str:
        """The name of this machine, for lock owners."""
        return socket.gethostname()

    def mounted(self, *parts: str) -> Path | None:
        """Return a file that the platform mounted, or `None`."""
        for mount in self.mounts:
            path = mount.joinpath(*parts)
            # Not `path.is_file`, which raises where a mount is broken.
            if os.path.isfile(path):  # noqa: PTH113
                return path
        return None

    def read_token(self) -> str | None:
        """Read the lab's token, anew at each call: it may be replaced.

        Order of sources as in ``lsst.rsp``: the mounted secrets, then
        ``NUBLADO_TOKEN``, then ``ACCESS_TOKEN``. The value must not be logged
        or stored.
        """
        path = self.mounted("secrets", "token")
        if path is not None:
            try:
                token = safe_read(path, limit=_TOKEN_BYTES).decode("ascii")
            except (UnreadableFileError, UnicodeDecodeError):
                token = ""
            token = token.strip()
            if token:
                return token
        return self.get("NUBLADO_TOKEN") or self.get("ACCESS_TOKEN")

    def secrets(self) -> frozenset[str]:
        """Return the secrets of this lab, for `rsp_health.redaction`.

        They are those in its variables, those that the platform mounted, and
        those in the files that its variables name. They are read anew at
        each call, and must not be logged or stored.
        """
        from .secrets import in_files, in_variables

        folders = [mount / "secrets" for mount in self.mounts]
        files = [Path(x) for x in map(self.get, _SECRET_FILES) if x]
        return frozenset(
            [*in_variables(self.variables), *in_files(folders, files)]
        )


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return None
