"""The states of services, runs and verdicts: order, word, icon and tone.

The one definition for the terminal, the reports and, generated into
TypeScript by ``jlpm generate``, the panel. Each table is ordered from the
worst state to the best. A state is always shown by a shape and a word, never
by its colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "CUT_OFF",
    "FAILED",
    "FINDING_STATES",
    "OPEN",
    "PASSING",
    "RUN_STATES",
    "SERVICE_STATES",
    "SIGNS",
    "STYLES",
    "VERDICT_STATES",
    "Look",
    "is_problem",
    "worst_of",
]

Icon = Literal[
    "good",
    "bad",
    "warn",
    "paused",
    "none",
    "unknown",
    "locked",
    "maintenance",
    "running",
    "queued",
    "timedOut",
    "died",
    "stopped",
    "notRun",
]
Tone = Literal["good", "bad", "warn", "busy", "muted"]

#: The icon where there is text only.
SIGNS: dict[Icon, str] = {
    "good": "✓",
    "bad": "✕",
    "warn": "!",
    "paused": "\N{DOUBLE VERTICAL LINE}",
    "none": "\N{EN DASH}",
    "unknown": "?",
    "locked": "⊘",
    "maintenance": "▲",
    "running": "▷",
    "queued": "·",
    "timedOut": "◔",
    "died": "✕",
    "stopped": "■",
    "notRun": "·",
}
#: The tone as Rich's style.
STYLES: dict[Tone, str] = {
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "busy": "cyan",
    "muted": "dim",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is shown.

    Parameters
    ----------
    word
        What it is called.
    icon
        Its shape; see `SIGNS`.
    tone
        How it is to be taken; the colour follows from it.
    """

    word: str
    icon: Icon
    tone: Tone

    @property
    def sign(self) -> str:
        """The icon as text."""
        return SIGNS[self.icon]

    @property
    def style(self) -> str:
        """The tone as Rich's style."""
        return STYLES[self.tone]


#: Services. What is wrong comes first, what is well or not asked last.
SERVICE_STATES: dict[str, Look] = {
    "down": Look("down", "bad", "bad"),
    "blocked": Look("blocked", "stopped", "bad"),
    "degraded": Look("degraded", "warn", "warn"),
    "throttled": Look("throttled", "paused", "warn"),
    "maintenance": Look("maintenance", "maintenance", "warn"),
    "unknown": Look("unknown", "unknown", "muted"),
    "restricted": Look("restricted", "locked", "muted"),
    "up": Look("up", "good", "good"),
    "unmonitored": Look("not probed", "none", "muted"),
    "not_deployed": Look("not deployed", "none", "muted"),
}

#: Runs, notebooks and cells. What happened to a run as a whole comes first;
#: ``stopped`` hides no failure, but is no success either.
RUN_STATES: dict[str, Look] = {
    "interrupted": Look("interrupted", "died", "warn"),
    "error": Look("error", "warn", "bad"),
    "died": Look("died", "died", "bad"),
    "timed_out": Look("timed out", "timedOut", "bad"),
    "failed": Look("failed", "bad", "bad"),
    "invalid": Look("invalid", "warn", "bad"),
    "unreadable": Look("unreadable", "warn", "warn"),
    "stopped": Look("stopped", "stopped", "warn"),
    "running": Look("running", "running", "busy"),
    "queued": Look("queued", "queued", "muted"),
    "not_run": Look("not run", "notRun", "muted"),
    "passed": Look("passed", "good", "good"),
    "skipped": Look("skipped", "none", "muted"),
}

#: Kinds of the first cause of what is wrong with the platform.
VERDICT_STATES: dict[str, Look] = {
    "announced": Look("announced", "maintenance", "warn"),
    "login": Look("login", "locked", "bad"),
    "quota": Look("quota", "paused", "warn"),
    "root_service": Look("root service", "bad", "bad"),
    "lab": Look("lab", "warn", "warn"),
    "network": Look("network", "unknown", "muted"),
    "service": Look("service", "bad", "bad"),
    "checks": Look("checks", "warn", "warn"),
    "well": Look("well", "good", "good"),
    "unknown": Look("unknown", "unknown", "muted"),
}

#: Findings of the doctor.
FINDING_STATES: dict[str, Look] = {
    "fault": Look("fault", "bad", "bad"),
    "attention": Look("attention", "warn", "warn"),
    "cannot_tell": Look("cannot tell", "unknown", "muted"),
    "ok": Look("ok", "good", "good"),
    "not_applicable": Look("not applicable", "none", "muted"),
}

#: States of what goes on, or will.
OPEN = frozenset({"queued", "running"})
#: States that are a success, or need none.
PASSING = frozenset({"passed", "skipped"})

#: States of what was run, or could not be, and did not pass.
FAILED = frozenset({"failed", "timed_out", "died", "error", "invalid"})
#: States of what was ended before it had ended by itself.
CUT_OFF = frozenset({"timed_out", "died", "stopped"})

_RUN_RANKS = {state: rank for rank, state in enumerate(RUN_STATES)}


def is_problem(state: str) -> bool:
    """Return whether a run, notebook or cell ended as it should not."""
    return _RUN_RANKS[state] < _RUN_RANKS["stopped"]


def worst_of[S: str](states: set[S], default: S) -> S:
    """Return the worst of the states of runs; the default if there is none."""
    return min(states, key=_RUN_RANKS.__getitem__, default=default)
