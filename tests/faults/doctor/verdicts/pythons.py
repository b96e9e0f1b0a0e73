"""A Python like an image's: not a virtual environment, with what notebooks use.

A virtual environment would not do: its packages stand before the user's.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["LIBRARIES", "libraries", "user_site"]

LIBRARIES = "RSP_HEALTH_LIBRARIES"
"""Names the folder of the Python; it is made there if it is empty."""

_PACKAGES = ("ipykernel", "pyvo", "httpx", "lsst-rsp")


@functools.cache
def libraries() -> Path | None:
    """Return the Python with the libraries of notebooks, if it is wanted."""
    named = os.environ.get(LIBRARIES)
    if not named:
        return None
    folder = Path(named).absolute()
    python = folder / "bin" / "python3"
    if not python.exists():
        _make(folder, python)
    return python


def _make(folder: Path, python: Path) -> None:
    base = Path(sys.base_prefix)
    version = user_site().split("/")[2]
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    for entry in (base / "lib" / version).iterdir():
        if entry.name != packages.name:
            (packages.parent / entry.name).symlink_to(entry)
    python.parent.mkdir()
    shutil.copy(base / "bin" / version, python)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python)),
            *("install", "--quiet", *_PACKAGES),
        ],
        check=True,
    )


def user_site() -> str:
    """Return the folder of the user's packages, relative to the home."""
    version = "python{}.{}".format(*sys.version_info)
    return f".local/lib/{version}/site-packages"
