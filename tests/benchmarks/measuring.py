"""Measurements one after the other: none hides the figures of another."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["measure"]


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
