"""How a program of ours is started as a process of its own.

Standard library only: workers of a Dask cluster load it, too.
"""

from __future__ import annotations

import site
import sys
from pathlib import Path

__all__ = ["own_program"]


def own_program(
    module: str, *words: str, own_packages: bool = True
) -> list[str]:
    """Return the command of one of our modules, in this Python.

    With ``-m`` alone Python looks for modules in the current folder first. That
    is the user's: a ``click.py`` there would be taken for the package.
    ``-P`` says not to; unlike ``PYTHONSAFEPATH`` it is not handed on to the
    kernels, which are to find what is beside a notebook.

    Parameters
    ----------
    module
        Its full name.
    words
        Its arguments.
    own_packages
        Whether it may use what the user installed (``~/.local``). Python
        looks there at its start, and does not start while the home does not
        answer; what it finds may not fit. If we ourselves stand there, it is
        used all the same.
    """
    flags = ["-P"]
    if not own_packages and not _is_users_own():
        flags.append("-s")
    return [sys.executable, *flags, "-m", module, *words]


def _is_users_own() -> bool:
    """Whether the user installed us; no file is looked at."""
    return Path(__file__).is_relative_to(site.getuserbase())
