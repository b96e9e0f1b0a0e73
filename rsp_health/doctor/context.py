"""What checks look at: one lab, as a value that tests can make."""

from __future__ import annotations

import os
import pwd
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RSPHealthError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..platform.environment import LabEnvironment
    from .seen import Seen

__all__ = ["Context"]

#: Where a home folder does not last longer than its lab.
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The lab that is looked at.

    Building one reads nothing: a home may not answer.

    Parameters
    ----------
    environment
        The variables and mounted files.
    find_data_dir
        Returns rsp-health's own folder; the only one that is written to. It
        may have to read settings, which may be wrong.
    notebook
        The notebook that the user has trouble with.
    find_catalogue
        Returns the site's catalogue file, if there is one. As above.
    seen
        What a Jupyter server hands over; `None` in a terminal.
    packages
        Folders to look for the server's packages in; `None`: as Python does.
    account_home
        The home folder of the user's account; `None` to ask the system.
    cgroup
        Where the control groups are.
    proc
        Where the processes are.
    stack
        Where the image has the science pipelines.
    doctor
        The process that runs the checks.
    places
        Files that an error names.
    """

    environment: LabEnvironment
    find_data_dir: Callable[[], Path]
    notebook: Path | None = None
    find_catalogue: Callable[[], Path | None] = lambda: None
    seen: Seen | None = None
    packages: tuple[str, ...] | None = None
    account_home: Path | None = None
    cgroup: Path = Path("/sys/fs/cgroup")
    proc: Path = Path("/proc")
    stack: Path = Path("/opt/lsst/software/stack")
    doctor: int = field(default_factory=os.getpid)
    places: tuple[str, ...] = ()

    @property
    def is_lab(self) -> bool:
        """Whether this is a lab of a platform, and not a machine of yours."""
        environment = self.environment
        return environment.base_url is not None or bool(
            environment.get("RUNNING_INSIDE_JUPYTERLAB")
        )

    @property
    def home(self) -> Path:
        """The home folder that programs use now."""
        return self.environment.home

    def site_folder(self) -> Path | None:
        """Return where the site may have rules: its catalogue's folder."""
        try:
            catalogue = self.find_catalogue()
        except RSPHealthError:  # `site.known` tells it.
            return None
        return None if catalogue is None else catalogue.parent

    def package_folders(self) -> list[str]:
        """Return where the server's packages are."""
        return [*sys.path] if self.packages is None else [*self.packages]

    def lasting_home(self) -> Path:
        """Return the home folder that outlives this lab.

        After an abnormal start, ``HOME`` is a temporary folder; what is wrong
        is wrong with the other one.
        """
        if not self.environment.get("ABNORMAL_STARTUP"):
            return self.home
        account = self.account_home or _account_home()
        return self.home if account is None else account

    def is_temporary(self, folder: Path) -> bool:
        """Return whether a folder is one that ends with the lab."""
        scratch = self.environment.get("SCRATCH_DIR")
        tops = (*_TEMPORARY, *([Path(scratch)] if scratch else []))
        return any(folder.is_relative_to(top) for top in tops)

    def shown(self, path: Path) -> str:
        """Return a path as users write it, with ``~`` for their home."""
        for home in (self.home, self.lasting_home()):
            if path == home:
                return "~"
            if path.is_relative_to(home):
                return f"~/{path.relative_to(home)}"
        return str(path)


def _account_home() -> Path | None:
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return None
