"""What a kernel's start said on its error output, told to the user.

A launcher script goes on when a part of its work fails: the notebooks then
run in another environment than the user's own.
"""

from __future__ import annotations

import re

from .redact import one_line, redact, without_ansi

__all__ = ["start_notes"]

_MOST = 1000
#: What kernels and shells say each time, and what means nothing here.
_USUAL = re.compile(
    r"\d+\.\d+s - "  # pydevd, of Python's frozen modules
    r"|\S*bash: (cannot set terminal process group|no job control)"
    r"|NOTE: When using the `ipython kernel` entry point"
)


def start_notes(said: str) -> list[str]:
    """Return the note for the user, or none.

    Parameters
    ----------
    said
        What was written until the kernel was ready.
    """
    lines = [
        one_line(redact(line))
        for line in without_ansi(said).splitlines()
        if line.strip() and not _USUAL.match(line)
    ]
    if not lines:
        return []
    text = "; ".join(lines)
    if len(text) > _MOST:
        text = f"{text[:_MOST]}…"
    return [f"The kernel said at its start: {text}"]
