"""Starts the kernels of a run, warm where that is possible.

There is one host process (see `rsp_health.runner.kernel_host.host`) for each
Python, with its kernelspec's variables, that can fork ipykernel, and one under
our own Python for all other kernels. Any trouble with a warm parent means an ordinary start, never a
failed notebook.
"""

from __future__ import annotations

import contextlib
import shutil
import string
import sys
import tempfile
import threading
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zmq

from .client import Kernel
from .connections import connection_info
from .hosts import Host
from .installs import InstallWatch, Places
from .orphans import OrphanWatch

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from .spec import KernelSpec

__all__ = ["KernelFactory"]

#: A socket's path may have 107 bytes; ours are
#: ``<folder>/h<number>/k<number>-5``.
_MAX_FOLDER = 84


#: Variables that Python reads at its start, with folders in them.
_PATHS = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONUSERBASE",
    "PYTHONPYCACHEPREFIX",
)
#: Command of a parent's Python, and what it got beyond the run's variables.
type _Key = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]

#: The parent of all kernels that are not forked.
_COLD: _Key = ((), ())
_OUR_PYTHON = (sys.executable, "-I", "-S")


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
        self._hosts: dict[_Key, Host] = {}
        self._replaced: list[Host] = []
        self._started = 0
        #: Kernels of each host that have not ended.
        self._living: Counter[Host] = Counter()
        self._killed = False
        self._places: dict[_Key, Places] = {}
        self._orphans = OrphanWatch()
        self._broken: set[_Key] = set()
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
            try:
                keeper, info = self._request(host, spec, folder)
            except OSError:
                # The parent is gone: an ordinary start, from now on.
                self._distrust(host)
                host = self._host(spec)
                keeper, info = self._request(host, spec, folder)
            self._living[host] += 1
        self._close_idle()
        return Kernel(
            spec=spec,
            info=info,
            keeper=keeper,
            context=self.context,
            warm=host.mode == "warm",
            hosted=host.is_intact,
            on_close=lambda: self._forget(host),
            installs=host.installs
            if host.mode == "warm"
            else InstallWatch(
                self._places.setdefault(self._start(spec), Places())
            ),
        )

    def distrust(self, spec: KernelSpec) -> None:
        """Use no warm parent for this kernelspec again."""
        with self._lock:
            self._broken.add(self._key(spec))

    def _distrust(self, host: Host) -> None:
        for key, value in self._hosts.items():
            if value is host:
                self._broken.add(key)

    def _request(
        self, host: Host, spec: KernelSpec, folder: Path
    ) -> tuple[socket.socket, dict[str, Any]]:
        file, info = connection_info(host.folder, self._count)
        argv = spec.command(str(file))
        if spec.is_ipykernel:
            # History of other people's cells is no part of a check, and
            # home is NFS: no SQLite there.
            argv.append("--HistoryManager.hist_file=:memory:")
        warm = host.mode == "warm"
        if warm:
            launcher = spec.launcher or ()
            argv = ["ipykernel_launcher", *argv[len(launcher) + 2 :]]
        keeper = host.request(
            {
                "argv": argv,
                "warm": warm,
                "cwd": str(folder),
                "env": self._variables(spec),
            }
        )
        return keeper, info

    def _variables(self, spec: KernelSpec) -> dict[str, str]:
        """Return a kernelspec's variables, ``${NAME}`` filled in."""
        known = dict(self._environment)
        return {
            name: string.Template(value).safe_substitute(known)
            for name, value in spec.env.items()
        }

    def _start(self, spec: KernelSpec) -> _Key:
        """Return all that a kernel's start depends on, but its folder."""
        return spec.argv, tuple(sorted(self._variables(spec).items()))

    def _key(self, spec: KernelSpec) -> _Key:
        """Return which parent this kernelspec's kernels are forked from.

        One that was started with another kernelspec's variables would hand
        them on, and has read those that count at its start. What is relative
        in these means the notebook's folder, where no parent is.
        """
        variables = self._variables(spec)
        if (
            not self._warm
            or spec.launcher is None
            or _depends_on_folder({**self._environment, **variables})
        ):
            return _COLD
        key = (spec.launcher, tuple(sorted(variables.items())))
        return _COLD if key in self._broken else key

    def _host(self, spec: KernelSpec) -> Host:
        key = self._key(spec)
        host = self._hosts.get(key)
        if host is not None and key != _COLD:
            host.hear()
            if host.failure is not None or not host.is_intact():
                self._broken.add(key)
                key = _COLD
                host = self._hosts.get(key)
            elif host.installs.has_changed():
                # It has in memory what was there before.
                self._replaced.append(self._hosts.pop(key))
                host = None
        if host is not None and host.is_intact():
            return host
        if host is not None:
            self._replaced.append(host)
        environment = dict(self._environment)
        cold = key == _COLD
        if not cold:
            environment.update(self._variables(spec))
        self._orphans.begin()
        self._started += 1
        # Its own: it is taken away when the host ends.
        folder = self.folder / f"h{self._started}"
        folder.mkdir(mode=0o700)
        self._hosts[key] = Host(
            python=_OUR_PYTHON if cold else key[0],
            mode="cold" if cold else "warm",
            folder=folder,
            environment=environment,
        )
        return self._hosts[key]

    def _forget(self, host: Host) -> None:
        with self._lock:
            self._living[host] -= 1
        self._close_idle()

    def _close_idle(self) -> None:
        """Close the hosts that were replaced and have no kernel any more."""
        with self._lock:
            idle = [x for x in self._replaced if self._living[x] <= 0]
            for host in idle:
                self._replaced.remove(host)
                del self._living[host]
                self._killed = host.was_killed() or self._killed
        for host in idle:
            host.close()

    def close(self) -> None:
        """End all kernels and their parents; leave nothing behind."""
        hosts = [*self._hosts.values(), *self._replaced]
        self._hosts.clear()
        self._replaced.clear()
        killed = [host for host in hosts if host.was_killed()]
        for host in hosts:
            host.close()
        self._orphans.end(kill=bool(killed) or self._killed)
        self.context.destroy(linger=0)
        if "folder" in vars(self):
            shutil.rmtree(self.folder, ignore_errors=True)


def _depends_on_folder(environment: Mapping[str, str]) -> bool:
    """Whether a Python with these variables starts otherwise elsewhere."""
    return any(
        value and not all(path.startswith("/") for path in value.split(":"))
        for value in map(environment.get, _PATHS)
    )


def _private_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rsph-"))
    if len(str(folder)) > _MAX_FOLDER:
        with contextlib.suppress(OSError):
            folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="rsph-", dir="/tmp"))
    return folder
