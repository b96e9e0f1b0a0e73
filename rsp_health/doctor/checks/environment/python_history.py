"""Tell whether IPython can write its history, which each kernel opens."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING

from ...models import Evidence, Fix, attention, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from pathlib import Path

    from ...context import Context
    from ...models import Finding

__all__ = ["PythonHistory"]

#: Seconds to wait for who holds it; kernels write for some milliseconds.
_WAIT_S = 0.5
#: Seconds to look for damage; steps of SQLite between two looks at the clock.
_LOOK_S = 2.0
_STEPS = 100
_IN_USE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class PythonHistory(Check):
    """Asks SQLite for the right to write, and gives it back."""

    id = "python.history"
    title = "History of IPython"
    otherwise = "IPython has written no history yet."

    def applies(self, context: Context) -> bool:
        """Return whether there is one."""
        return _file(context).is_file()

    def aside(self, context: Context) -> dict[Path, str]:
        """Return the history: IPython begins a new one."""
        return {_file(context): "ipython/history.sqlite"}

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        path = _file(context)
        where = context.shown(path)
        for needed in (path, path.parent):
            if not os.access(needed, os.W_OK):
                return attention(
                    "IPython may not write its history: kernels start, and "
                    "keep no history.",
                    Evidence(
                        source=context.shown(needed), value="not writable"
                    ),
                    whose="your_environment",
                    next_step=f"Make it writable: chmod u+w {context.shown(needed)}",
                )
        aside = Fix(title=f"Move {where} aside; IPython begins a new one.")
        try:
            found = _ask(path)
        except sqlite3.OperationalError as exc:
            evidence = Evidence(source=where, value=str(exc))
            if getattr(exc, "sqlite_errorcode", None) not in _IN_USE:
                return attention(
                    "IPython's history cannot be opened: kernels may keep no "
                    "history.",
                    evidence,
                    whose="your_environment",
                    next_step="See that the file is yours, and that the disk "
                    "answers and is not full.",
                )
            return attention(
                "IPython's history is in use by another process: a kernel "
                "that starts waits for it for some seconds, and may keep no "
                "history.",
                evidence,
                whose="your_environment",
                next_step="Shut down kernels that you do not need; if it stays "
                "so, move it aside: rsp-health doctor fix python.history",
                fix=aside,
            )
        except sqlite3.DatabaseError as exc:
            return fault(
                "IPython's history is damaged: a kernel may not start with "
                "it, or moves it aside and begins a new one.",
                Evidence(source=where, value=str(exc)),
                whose="your_environment",
                next_step="Move it aside with `rsp-health doctor fix "
                "python.history`, and restart the kernel.",
                fix=aside,
            )
        return ok(
            "IPython can write its history.",
            Evidence(source=where, value=found),
        )


def _file(context: Context) -> Path:
    own = context.environment.get("IPYTHONDIR")
    top = context.home / ".ipython" if own is None else context.home / own
    return top / "profile_default" / "history.sqlite"


def _ask(path: Path) -> str:
    """Say how the history is; raise what SQLite raises.

    Nothing is written but what SQLite itself restores after a crash.
    """
    database = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=_WAIT_S,
        isolation_level=None,
    )
    try:
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")
        end = time.monotonic() + _LOOK_S
        database.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as exc:
        if getattr(exc, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            raise
        return "not locked; not looked through for damage, which takes long"
    finally:
        database.close()
    if found != "ok":
        raise sqlite3.DatabaseError(found)
    return "not locked, not damaged"
