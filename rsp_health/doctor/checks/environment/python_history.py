"""Tell whether IPython can write its history, which each kernel opens."""

from __future__ import annotations

import sqlite3
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
        try:
            _ask(path)
        except sqlite3.OperationalError as exc:
            return attention(
                "IPython's history is in use by another process: kernels may "
                "hang at their start, or say that a database is locked.",
                Evidence(source=where, value=str(exc)),
                whose="your_environment",
                next_step="Shut down kernels that you do not need; if it stays "
                "so, move it aside: rsp-health doctor fix python.history",
                fix=Fix(
                    title=f"Move {where} aside; IPython begins a new one."
                ),
            )
        except sqlite3.DatabaseError as exc:
            return fault(
                "IPython's history is damaged: kernels cannot open it.",
                Evidence(source=where, value=str(exc)),
                whose="your_environment",
                next_step="Move it aside with `rsp-health doctor fix "
                "python.history`, and restart the kernel.",
                fix=Fix(
                    title=f"Move {where} aside; IPython begins a new one."
                ),
            )
        return ok(
            "IPython can write its history.",
            Evidence(source=where, value="not locked, not damaged"),
        )


def _file(context: Context) -> Path:
    own = context.environment.get("IPYTHONDIR")
    top = context.home / ".ipython" if own is None else context.home / own
    return top / "profile_default" / "history.sqlite"


def _ask(path: Path) -> None:
    """Raise what SQLite raises; nothing is written."""
    database = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=_WAIT_S,
        isolation_level=None,
    )
    try:
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")
    finally:
        database.close()
