"""Why a kernel ended: what its exit and the lab's counters say, in words.

Nothing is claimed beyond them. A SIGKILL is lack of memory only if the
system counted such a kill at that time; where it does not count, nobody knows.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ...doctor.evidence.lab_size import against_lack
from ...doctor.evidence.words import duration, size

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...platform.control_group import MemoryCounters

__all__ = ["Death", "culled", "judge_death"]

type Cause = Literal["out_of_memory", "killed", "crashed", "exited", "culled"]

#: Seconds of life below which it ended at its start.
_START_S = 10.0
_CRASHES = frozenset(
    {
        signal.SIGSEGV,
        signal.SIGBUS,
        signal.SIGABRT,
        signal.SIGILL,
        signal.SIGFPE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How a kernel ended.

    Parameters
    ----------
    cause
        Which kind it is.
    message
        What happened, as a sentence that follows the notebook's name.
    whose
        Whose problem it is, as the doctor's findings say it.
    next_step
        What to do now.
    """

    cause: Cause
    message: str
    whose: str
    next_step: str


def judge_death(
    status: int | None,
    *,
    lived_s: float,
    memory: MemoryCounters | None,
    memory_kills: int | None,
    against_lack: Callable[[int | None], str] = against_lack,
) -> Death:
    """Return why a kernel ended.

    Parameters
    ----------
    status
        As `subprocess.Popen.returncode`; `None` if nobody knows.
    lived_s
        Seconds for which it was seen.
    memory
        The lab's memory now.
    memory_kills
        Processes that were killed for lack of memory in the last seconds;
        `None` if that is not counted here.
    against_lack
        Returns what to do in a lab of so many bytes of memory.
    """
    if status is None:
        return Death(
            cause="killed",
            message="ended, and how is not known.",
            whose="unknown",
            next_step="Run the notebook again; see rsp-health doctor lab.",
        )
    if status >= 0:
        return _exited(status, lived_s)
    if -status == signal.SIGKILL:
        return _killed(memory, memory_kills, against_lack)
    name = _name(-status)
    if -status in _CRASHES:
        return Death(
            cause="crashed",
            message=f"crashed in compiled code ({name}).",
            whose="your_environment",
            next_step="See rsp-health doctor python: packages that do not fit "
            "each other do that. Then run the last cell alone.",
        )
    return Death(
        cause="killed",
        message=f"was ended from outside ({name}).",
        whose="unknown",
        next_step="Run the notebook again; if it ends again, ask who ends "
        "processes in this lab.",
    )


def culled(idle_s: float) -> Death:
    """Return that the server ended a kernel because nobody used it.

    Parameters
    ----------
    idle_s
        Seconds for which nobody did.
    """
    return Death(
        cause="culled",
        message="was shut down by this lab: nobody used it for "
        f"{duration(idle_s)}.",
        whose="your_lab",
        next_step="Nothing is broken, but its variables are gone: start a "
        "kernel and run the notebook again.",
    )


def _killed(
    memory: MemoryCounters | None,
    kills: int | None,
    against_lack: Callable[[int | None], str],
) -> Death:
    limit = None if memory is None else memory.limit_bytes
    less = against_lack(limit)
    if kills:
        peak = None if memory is None else memory.peak_bytes
        of = "" if limit is None else f" of {size(limit)}"
        used = "" if peak is None else f" (at most {size(peak)} was in use)"
        return Death(
            cause="out_of_memory",
            message=f"was killed: this lab ran out of its memory{of}{used}.",
            whose="your_lab",
            next_step=less,
        )
    if kills is None:
        return Death(
            cause="killed",
            message="was killed from outside (SIGKILL). That may have been "
            "for lack of memory; this lab does not count that.",
            whose="unknown",
            next_step="Run it again and watch the memory of the lab. "
            f"If it grows to the limit: {less[0].lower()}{less[1:]}",
        )
    return Death(
        cause="killed",
        message="was killed from outside (SIGKILL), and not for lack of "
        "memory: none such was counted.",
        whose="unknown",
        next_step="Run the notebook again; if it ends again, ask who ends "
        "processes in this lab.",
    )


def _exited(status: int, lived_s: float) -> Death:
    if lived_s < _START_S:
        return Death(
            cause="exited",
            message=f"ended {lived_s:.0f} s after its start, with exit code "
            f"{status}.",
            whose="your_environment",
            next_step="See rsp-health doctor kernel: its program, or "
            "~/notebooks/.user_setups, may be wrong.",
        )
    return Death(
        cause="exited",
        message=f"ended by itself, with exit code {status}: most often, a "
        "cell called exit().",
        whose="your_code",
        next_step="Look for exit(), quit() or os._exit() in the cell that "
        "was run last.",
    )


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
