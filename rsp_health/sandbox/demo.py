"""A lab for the demo: JupyterLab on the sandbox, in a scratch home.

Nothing of the user's own Jupyter is read or written, and nothing outlives it:
the processes carry a mark in their environment by which they are found again,
also those that left their parent (kernels, runs).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from ..errors import EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .app import SandboxServer

__all__ = ["DemoLab"]

_ADDRESS = "127.0.0.1"
_MARK = "RSP_HEALTH_DEMO"
_START_TIMEOUT = 120.0
_POLITE = 10.0
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TERM", "TMPDIR", "TZ")
_LAST_LINES = 20

_LAB_SETTINGS = {
    # Nothing is asked of the internet: no news, no updates, no extensions.
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


class DemoLab:
    """JupyterLab with rsp-health, on a sandbox.

    Parameters
    ----------
    sandbox
        The platform it stands on; started.
    port
        Port of the lab; 0 for any free one.
    variables
        Environment of the caller, of which little is passed on.
    """

    def __init__(
        self,
        *,
        sandbox: SandboxServer,
        port: int = 0,
        variables: Mapping[str, str],
    ) -> None:
        self._sandbox = sandbox
        self._variables = variables
        self._mark = secrets.token_hex(8)
        self._token = secrets.token_hex(24)
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: Path | None = None
        self.exited = threading.Event()

    @property
    def url(self) -> str:
        """Where a browser finds the lab, token included."""
        return f"http://{_ADDRESS}:{self._port}/lab?token={self._token}"

    @property
    def home(self) -> Path:
        """The scratch home."""
        if self._scratch is None:
            made = tempfile.mkdtemp(prefix="rsp-health-demo-")
            self._scratch = Path(made).resolve()
            (self._scratch / "home").mkdir()
        return self._scratch / "home"

    @property
    def _log(self) -> Path:
        return self.home.parent / "jupyterlab.log"

    def start(self) -> None:
        """Start JupyterLab; `wait` tells when it answers.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if the port is taken or JupyterLab is not installed.
        """
        self._port = _free_port(self._port)
        self._write_configuration()
        command = [sys.executable, "-m", "jupyterlab", "--no-browser"]
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.home,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal reaches us alone; we end it in order.
                start_new_session=True,
            )
        self._process = process
        threading.Thread(
            target=self._watch, args=(process,), daemon=True
        ).start()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self.exited.set()

    def wait(self, stop: threading.Event) -> bool:
        """Wait until the lab answers.

        Parameters
        ----------
        stop
            Ends the waiting when set.

        Returns
        -------
        bool
            `False` if ``stop`` was set before.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if JupyterLab ended, or did not answer in two minutes.
        """
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._answers():
            if stop.is_set():
                return False
            if self.exited.is_set() or time.monotonic() > deadline:
                raise self._failure()
            stop.wait(0.2)
        return True

    def _answers(self) -> bool:
        address = f"http://{_ADDRESS}:{self._port}/api/status"
        request = urllib.request.Request(
            address, headers={"Authorization": f"token {self._token}"}
        )
        # No proxy: the surrounding network has no part in this.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _failure(self) -> EnvironmentFailureError:
        lines = self._log.read_text(errors="replace").splitlines()
        if any("No module named jupyterlab" in line for line in lines):
            return EnvironmentFailureError(
                "The demo needs JupyterLab, which is not installed here.",
                hint="Install it: python -m pip install 'jupyterlab>=4.5,<5'"
                " ipykernel matplotlib",
                code="no_jupyterlab",
            )
        what = "ended" if self.exited.is_set() else "did not answer"
        tail = "\n  ".join(lines[-_LAST_LINES:])
        return EnvironmentFailureError(
            f"JupyterLab {what} before the demo was ready.",
            hint=f"Its last lines:\n  {tail}",
            code="lab_failed",
        )

    def environment(self) -> dict[str, str]:
        """Return the lab's environment: the platform's, and little else."""
        home = self.home
        kept = {n: self._variables[n] for n in _KEPT if n in self._variables}
        share = home / ".local" / "share"
        isolated = {
            "IPYTHONDIR": home / ".ipython",
            "JUPYTERLAB_SETTINGS_DIR": home / ".jupyter/lab/user-settings",
            "JUPYTERLAB_WORKSPACES_DIR": home / ".jupyter/lab/workspaces",
            "JUPYTER_CONFIG_DIR": home / ".jupyter",
            "JUPYTER_DATA_DIR": share / "jupyter",
            "JUPYTER_RUNTIME_DIR": share / "jupyter" / "runtime",
            "MPLCONFIGDIR": home / ".config" / "matplotlib",
            "XDG_CACHE_HOME": home / ".cache",
            "XDG_CONFIG_HOME": home / ".config",
            "XDG_DATA_HOME": share,
        }
        # Commands in the lab's terminal come from this same installation.
        path = f"{Path(sys.executable).parent}{os.pathsep}"
        return {
            **kept,
            "PATH": path + kept.get("PATH", os.defpath),
            **{name: str(folder) for name, folder in isolated.items()},
            **self._sandbox.lab_environment(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "PYTHONUNBUFFERED": "1",
            _MARK: self._mark,
        }

    def _write_configuration(self) -> None:
        folder = self.home / ".jupyter"
        folder.mkdir()
        _write_json(
            folder / "jupyter_server_config.json", self._configuration()
        )
        for name, settings in _LAB_SETTINGS.items():
            extension, _, plugin = name.partition(":")
            path = folder / "lab/user-settings" / extension
            path.mkdir(parents=True)
            _write_json(path / f"{plugin}.jupyterlab-settings", settings)

    def _configuration(self) -> dict[str, Any]:
        return {
            "HealthApp": self._sandbox.settings(),
            "IdentityProvider": {"token": self._token},
            "LabApp": {
                "check_for_updates_class": (
                    "jupyterlab.handlers.announcements.NeverCheckForUpdate"
                ),
                "extension_manager": "readonly",
                "news_url": None,
            },
            "ServerApp": {
                # As on the platform: a root user in a container is normal.
                "allow_root": True,
                "ip": _ADDRESS,
                "open_browser": False,
                "port": self._port,
                "port_retries": 0,
                "root_dir": str(self.home),
            },
        }

    def stop(self) -> None:
        """End the lab with all it started, and remove the scratch home."""
        process = self._process
        if process is not None and process.poll() is None:
            # A polite end first: JupyterLab shuts its own kernels down.
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLITE)
        # More than once: what we end may have started something meanwhile.
        for _ in range(3):
            left = self.processes()
            if not left:
                break
            _end(left)
        self._process = None
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def processes(self) -> list[psutil.Process]:
        """Return the living processes that belong to this lab."""
        found = []
        for process in psutil.process_iter():
            # Other users' processes, and those that end meanwhile, say no.
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(_MARK) == self._mark:
                    found.append(process)
        return found


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(processes, timeout=_POLITE / 2)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_POLITE / 2)


def _free_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_ADDRESS, port))
        except OSError:
            raise EnvironmentFailureError(
                f"Port {port} of {_ADDRESS} is taken.",
                hint="Choose another --port, or leave it out for a free one.",
                code="port_taken",
            ) from None
        number: int = probe.getsockname()[1]
        return number


def _write_json(path: Path, document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=2) + "\n"
    path.write_text(text, encoding="utf-8")
