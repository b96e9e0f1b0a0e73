"""The Pythons of a lab, and where each looks for packages first."""

from __future__ import annotations

import contextlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UnreadableFileError
from ...files import safe_read
from .kernel_list import installed_kernels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..context import Context

__all__ = ["Python", "pythons", "user_site"]

_VERSION = re.compile(r"python(\d+\.\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """A Python of the image.

    Parameters
    ----------
    version
        Such as ``3.13``.
    packages
        Its own packages.
    reads_user_site
        Whether it looks into the user's folder before its own.
    """

    version: str
    packages: Path
    reads_user_site: bool


def pythons(context: Context) -> list[Python]:
    """Return the Pythons that kernels of this lab run in.

    They are the stack's, those that kernelspecs name, that of the active conda
    environment, and our own. Which one a launcher script takes is not known.
    """
    found: dict[Path, Python] = {}
    for prefix in _prefixes(context):
        with contextlib.suppress(OSError):
            for folder in sorted((prefix / "lib").iterdir()):
                match = _VERSION.fullmatch(folder.name)
                packages = folder / "site-packages"
                if match is not None and packages.is_dir():
                    found[packages] = Python(
                        version=match[1],
                        packages=packages,
                        reads_user_site=_reads_user_site(context, prefix),
                    )
    return list(found.values())


def user_site(context: Context, version: str) -> Path:
    """Return where ``pip install --user`` puts packages."""
    base = context.environment.get("PYTHONUSERBASE")
    top = Path(base) if base else context.home / ".local"
    return top / "lib" / f"python{version}" / "site-packages"


def _prefixes(context: Context) -> Iterator[Path]:
    # The launcher of the LSST kernel takes the newest of these.
    with contextlib.suppress(OSError):
        yield from sorted((context.stack / "conda" / "envs").iterdir())
    conda = context.environment.get("CONDA_PREFIX")
    if conda:
        yield Path(conda)
    for kernel in installed_kernels().values():
        launcher = None if kernel.spec is None else kernel.spec.launcher
        if launcher and Path(launcher[0]).is_absolute():
            yield Path(launcher[0]).parent.parent
    yield Path(sys.prefix)


def _reads_user_site(context: Context, prefix: Path) -> bool:
    if context.environment.get("PYTHONNOUSERSITE"):
        return False
    try:
        settings = safe_read(prefix / "pyvenv.cfg", limit=65_536)
    except UnreadableFileError:
        return True  # no virtual environment
    return bool(
        re.search(rb"(?im)^include-system-site-packages\s*=\s*true", settings)
    )
