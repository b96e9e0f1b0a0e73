"""How a program of ours is started as a process of its own.

Standard library only: workers of a Dask cluster load it, too.
"""

from __future__ import annotations

import sys

__all__ = ["own_program"]


def own_program(module: str, *words: str) -> list[str]:
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
    """
    return [sys.executable, "-P", "-m", module, *words]
