"""What a kernel's start said on its error output, told to the user.

A launcher script goes on when a part of its work fails: the notebooks then
run in another environment than the user's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...redaction.terminal import without_ansi

if TYPE_CHECKING:
    from ...redaction import Redactor

__all__ = ["start_notes"]

_MOST = 1000
#: What kernels and shells say each time, and what means nothing here.
_USUAL = re.compile(
    r"\d+\.\d+s - "  # pydevd, of Python's frozen modules
    r"|\S*bash: (cannot set terminal process group|no job control)"
    r"|NOTE: When using the `ipython kernel` entry point"
)


def start_notes(said: str, redactor: Redactor) -> list[str]:
    """Return the note for the user, or none.

    Parameters
    ----------
    said
        What was written until the kernel was ready.
    redactor
        Takes secrets out of it.
    """
    if len(said) > _MOST:
        # The keeper may have cut it off, in the middle of a secret.
        said = said[: redactor.end_of(said)]
    lines = [
        redactor.one_line(line)
        for line in without_ansi(redactor.text(said)).splitlines()
        if line.strip() and not _USUAL.match(line)
    ]
    if not lines:
        return []
    text = "; ".join(lines)
    if len(text) > _MOST:
        text = f"{text[:_MOST]}…"
    return [f"The kernel said at its start: {text}"]
