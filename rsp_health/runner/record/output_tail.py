"""The end of a cell's output, as those who watch see it."""

from __future__ import annotations

import re

from ...redaction.terminal import without_ansi

__all__ = ["plain_tail"]

#: Lines of a tail that are shown.
_LINES = 20
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def plain_tail(text: str) -> str:
    """Return the end of an output as plain text.

    Terminal codes and control characters go; of a line that was written over
    again and again, as progress bars are, the last state stays.
    """
    lines = without_ansi(text).replace("\r\n", "\n").split("\n")
    plain = [_CONTROLS.sub("", _last_state(line)).rstrip() for line in lines]
    return "\n".join("\n".join(plain).rstrip("\n").split("\n")[-_LINES:])


def _last_state(line: str) -> str:
    """Return what a terminal would show of a line with carriage returns."""
    states = [state for state in line.split("\r") if state.strip()]
    return states[-1] if states else ""
