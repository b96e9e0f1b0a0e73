"""Starts the kernels of a run, warm where that is possible.

There is one host process (see `rsp_health.runner.kernel_host`) for each
Python, with its kernelspec's variables, that can fork ipykernel, and one under
our own Python for all other kernels. Any trouble with a warm parent means an ordinary start, never a
failed notebook.
"""

from __future__ import annotations

import array
import contextlib
import json
import shutil
import socket
import string
import subprocess
import sys
import tempfile
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import zmq

from .kernel import Kernel, connection_info
from .orphans import OrphanWatch
from .processes import is_stopped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .kernelspecs import KernelSpec

__all__ = ["KernelFactory"]

_HOST = Path(__file__).with_name("kernel_host.py")
#: A socket's path may have 107 bytes; ours are ``<folder>/k<number>-5``.
_MAX_FOLDER = 90


#: Command of a parent's Python, and what it got beyond the run's variables.
type _Key = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]

#: The parent of all kernels that are not forked.
_COLD: _Key = ((), ())
_OUR_PYTHON = (sys.executable, "-I", "-S")


class _Host:
    """A running host process, and our end of its socket."""

    def __init__(
        self,
        *,
        python: tuple[str, ...],
        mode: str,
        folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.mode = mode
        self.control, theirs = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET
        )
        with theirs:
            self.process = subprocess.Popen(
                [
                    *python,
                    str(_HOST),
                    str(theirs.fileno()),
                    str(folder),
                    mode,
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=dict(environment),
                cwd="/",
            )

    def request(self, message: dict[str, object]) -> socket.socket:
        """Ask for a kernel; return our end of its keeper's socket."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            rights = array.array("i", [theirs.fileno()])
            try:
                self.control.sendmsg(
                    [json.dumps(message).encode()],
                    [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)],
                )
            except OSError:
                ours.close()
                raise
        return ours

    def is_intact(self) -> bool:
        """Whether the host runs; one that was stopped is killed."""
        if self.process.poll() is None and is_stopped(self.process.pid):
            self.process.kill()
            self.process.wait()
        return self.process.returncode is None

    def was_killed(self) -> bool:
        """Whether a signal ended the host."""
        return not self.is_intact() and self.process.returncode < 0

    def close(self) -> None:
        """Let the host end, and wait for it."""
        self.control.close()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class KernelFactory:
    """Makes the kernels of one run, in a private folder.

    Parameters
    ----------
    environment
        Variables that each kernel starts with.
    warm
        Whether kernels may be forked from a warm parent.
    """

    def __init__(
        self, *, environment: Mapping[str, str], warm: bool = True
    ) -> None:
        self._environment = environment
        self._warm = warm
        self._lock = threading.Lock()
        self._hosts: dict[_Key, _Host] = {}
        self._orphans = OrphanWatch()
        self._broken: set[_Key] = set()
        self._lost = False
        self._count = 0
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.context.max_sockets = 4096

    @cached_property
    def folder(self) -> Path:
        """The private folder of sockets and connection files.

        Made when the first host is started, which takes it away should this
        process be killed.
        """
        return _private_folder()

    def prepare(self, spec: KernelSpec) -> None:
        """Start the parent of this kernelspec's kernels, if it has one."""
        with self._lock:
            self._host(spec)

    def start(self, spec: KernelSpec, *, folder: Path) -> Kernel:
        """Ask for a kernel; return without waiting for it.

        Parameters
        ----------
        spec
            Its kernelspec.
        folder
            Its working directory.

        Raises
        ------
        OSError
            Raised if no host process can be started.
        """
        with self._lock:
            self._count += 1
            host = self._host(spec)
            file, info = connection_info(self.folder, self._count)
            try:
                keeper = self._request(host, spec, file, folder)
            except OSError:
                # The parent is gone: an ordinary start, from now on.
                self._distrust(host)
                host = self._host(spec)
                keeper = self._request(host, spec, file, folder)
        return Kernel(
            spec=spec,
            info=info,
            keeper=keeper,
            context=self.context,
            warm=host.mode == "warm",
            hosted=host.is_intact,
        )

    def distrust(self, spec: KernelSpec) -> None:
        """Use no warm parent for this kernelspec again."""
        with self._lock:
            self._broken.add(self._key(spec))

    def _distrust(self, host: _Host) -> None:
        for key, value in self._hosts.items():
            if value is host:
                self._broken.add(key)

    def _request(
        self, host: _Host, spec: KernelSpec, file: Path, folder: Path
    ) -> socket.socket:
        argv = spec.command(str(file))
        if spec.is_ipykernel:
            # History of other people's cells is no part of a check, and
            # home is NFS: no SQLite there.
            argv.append("--HistoryManager.hist_file=:memory:")
        warm = host.mode == "warm"
        if warm:
            launcher = spec.launcher or ()
            argv = ["ipykernel_launcher", *argv[len(launcher) + 2 :]]
        return host.request(
            {
                "argv": argv,
                "warm": warm,
                "cwd": str(folder),
                "env": self._variables(spec),
            }
        )

    def _variables(self, spec: KernelSpec) -> dict[str, str]:
        """Return a kernelspec's variables, ``${NAME}`` filled in."""
        known = dict(self._environment)
        return {
            name: string.Template(value).safe_substitute(known)
            for name, value in spec.env.items()
        }

    def _key(self, spec: KernelSpec) -> _Key:
        """Return which parent this kernelspec's kernels are forked from.

        One that was started with another kernelspec's variables would hand
        them on, and has read those that count at its start.
        """
        if spec.launcher is None:
            return _COLD
        return spec.launcher, tuple(sorted(self._variables(spec).items()))

    def _host(self, spec: KernelSpec) -> _Host:
        environment = dict(self._environment)
        key = self._key(spec)
        if not self._warm or key in self._broken:
            key = _COLD
        cold = key == _COLD
        if not cold:
            environment.update(self._variables(spec))
        host = self._hosts.get(key)
        if host is None or (cold and not host.is_intact()):
            self._lost = self._lost or host is not None
            self._orphans.begin()
            host = _Host(
                python=_OUR_PYTHON if cold else key[0],
                mode="cold" if cold else "warm",
                folder=self.folder,
                environment=environment,
            )
            self._hosts[key] = host
        return host

    def close(self) -> None:
        """End all kernels and their parents; leave nothing behind."""
        hosts = list(self._hosts.values())
        self._hosts.clear()
        killed = [host for host in hosts if host.was_killed()]
        for host in hosts:
            host.close()
        self._orphans.end(kill=self._lost or bool(killed))
        self.context.destroy(linger=0)
        if "folder" in vars(self):
            shutil.rmtree(self.folder, ignore_errors=True)


def _private_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rsph-"))
    if len(str(folder)) > _MAX_FOLDER:
        with contextlib.suppress(OSError):
            folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="rsph-", dir="/tmp"))
    return folder
