"""Check ``notebooks/.user_setups``, which each LSST kernel reads."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from ....errors import MissingFileError, UnreadableFileError
from ....files import safe_read
from ...models import (
    Evidence,
    Fix,
    attention,
    cannot_tell,
    fault,
    not_applicable,
    ok,
)
from ..base import Check

if TYPE_CHECKING:
    from pathlib import Path

    from ...context import Context
    from ...models import Finding

__all__ = ["NAME", "KernelSetups"]

NAME = "notebooks/.user_setups"
"""The file, below the home."""

_LIMIT_S = 1.5
_SHELL = ("bash", "--noprofile", "--norc", "-n", "-s")
#: ``bash: line 3: syntax error near unexpected token `fi'``
_SAID = re.compile(r"line (\d+): (.+)")
#: A command of its own, not indented: what is in a function or a condition
#: is not always met.
_EXIT = re.compile(rb"^(?:exit|exec|return)\b[^#\n]*", re.MULTILINE)
_FIX = Fix(title=f"Move ~/{NAME} aside, so that kernels start without it.")


class KernelSetups(Check):
    """Lets bash read the file, without running any of it."""

    id = "kernel.setups"
    title = "Your .user_setups"

    def aside(self, context: Context) -> dict[Path, str]:
        """Return the file, and the name that the platform would give it."""
        return {context.home / NAME: "notebooks/user_setups"}

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        path = context.home / NAME
        source = context.shown(path)
        try:
            content = safe_read(path, limit=256 * 1024)
        except MissingFileError:
            return not_applicable(f"There is no {source}.")
        except UnreadableFileError as exc:
            return fault(
                f"{source} cannot be read: {exc.reason}. Kernels start "
                "without what it sets up, or not at all.",
                Evidence(source=source, value=exc.reason),
                whose="your_environment",
                next_step=exc.hint,
                fix=_FIX,
            )
        return _judge(content, source)


def _judge(content: bytes, source: str) -> Finding:
    if b"\r\n" in content:
        line = content[: content.index(b"\r\n")].count(b"\n") + 1
        return fault(
            f"{source} has line ends of Windows: bash takes them for a part "
            "of each command, and none of them works.",
            Evidence(source=f"{source}, line {line}", value="ends with CR LF"),
            whose="your_environment",
            next_step=f"Take them out: sed -i 's/\\r$//' {source}",
            fix=_FIX,
        )
    said = _read_by_bash(content)
    if said is None:
        return cannot_tell("There is no bash here to read it.")
    if said:
        found = _SAID.search(said)
        broken = int(found[1]) if found else None
        what = found[2] if found else said.splitlines()[0]
        at = "" if broken is None else f", line {broken}"
        return fault(
            f"{source} is not valid{at}: bash reads nothing from there on, "
            "and the kernel does not tell.",
            Evidence(source=f"bash -n {source}{at}", value=what[:300]),
            whose="your_environment",
            next_step=f"Correct {source}{at}, then restart the kernel.",
            fix=_FIX,
        )
    leaves = _EXIT.search(content)
    if leaves is not None:
        line = content[: leaves.start()].count(b"\n") + 1
        return attention(
            f"{source} may end the kernel's start on line {line}.",
            Evidence(
                source=f"{source}, line {line}",
                value=leaves[0].decode("utf-8", "replace").strip()[:200],
            ),
            whose="your_environment",
            next_step=f"Take line {line} out, then restart the kernel.",
            fix=_FIX,
        )
    return ok(
        f"{source} can be read by bash. What its commands do was not tried.",
        Evidence(source=f"bash -n {source}", value="no error"),
    )


def _read_by_bash(content: bytes) -> str | None:
    """Return what bash says of a script that it reads and does not run."""
    try:
        done = subprocess.run(
            _SHELL,
            input=content,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
            # Nothing of ours: BASH_ENV would be run.
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        return None
    said = done.stderr.decode("utf-8", "replace").strip()
    return said or ("it cannot be read" if done.returncode else "")
