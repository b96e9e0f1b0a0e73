"""Measurements one after the other: none hides the figures of another."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["as_installed", "measure"]


def as_installed(scratch: Path) -> dict[str, str]:
    """Return the environment in which a command starts as users start it.

    What is installed has been compiled. Where ``PYTHONDONTWRITEBYTECODE`` is
    set, our sources would be compiled anew at each start, and so would those
    of some peers.

    Parameters
    ----------
    scratch
        Where compiled modules are kept: not in the source tree.
    """
    variables = dict(os.environ)
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
        variables.pop(name, None)
    variables["PYTHONPYCACHEPREFIX"] = str(scratch / "compiled")
    return variables


def measure(parts: Mapping[str, Callable[[], bool]]) -> int:
    """Make all measurements; return 1 if one missed its bar or broke.

    Parameters
    ----------
    parts
        Each prints its figures and tells whether its bars hold.
    """
    missed = []
    for name, part in parts.items():
        try:
            held = part()
        except Exception:  # noqa: BLE001 - the others' figures are wanted
            print(traceback.format_exc(limit=-3))
            print(f"{name}: not measured, it broke", flush=True)
            held = False
        if not held:
            missed.append(name)
    if missed:
        print(f"missed or not measured: {', '.join(missed)}", flush=True)
    return 1 if missed else 0
