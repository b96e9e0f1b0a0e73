"""Lets one system call of a program be its last one, or fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

__all__ = [
    "ERRORS",
    "MARKER",
    "ROOT",
    "Faults",
    "environment",
    "python",
    "unexpected",
]

ROOT = Path(__file__).parents[3]

MARKER = "/rsp-health-marker"
"""A driver asks for this file when the work itself begins."""

#: What may really go wrong with each call.
ERRORS = {
    "close": ("EIO", "EDQUOT"),
    "fchmod": ("EPERM",),
    "fchown": ("EPERM",),
    "fdatasync": ("ENOSPC", "EIO"),
    "fsync": ("ENOSPC", "EDQUOT", "EIO"),
    "link": ("ENOSPC", "EDQUOT", "EPERM", "EXDEV"),
    "mkdir": ("ENOSPC", "EACCES"),
    "openat": ("ENOSPC", "EACCES", "EIO", "EMFILE"),
    "pipe2": ("EMFILE",),
    "pwrite64": ("ENOSPC", "EIO"),
    "read": ("EIO",),
    "rename": ("ENOSPC", "EIO", "EACCES"),
    "renameat2": ("ENOSPC", "EIO", "EACCES", "EINVAL"),
    "unlink": ("EIO", "EACCES"),
    "unlinkat": ("EIO", "EACCES"),
    "write": ("ENOSPC", "EDQUOT", "EIO"),
}

_LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")


@dataclass
class Faults:
    """Runs a driver with faults, and counts what they left.

    Parameters
    ----------
    scratch
        A folder to work in.
    """

    scratch: Path
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)

    def calls(self) -> list[tuple[str, int]]:
        """Return every system call of the work, and its number by name."""
        log = self.scratch / "trace"
        self.prepare()
        self.run("strace", "-f", "-qq", "-o", str(log))
        numbers: Counter[str] = Counter()
        found = []
        started = False
        main = ""
        for line in log.read_text(errors="replace").splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            pid, name, rest = match.groups()
            main = main or pid
            if pid != main:
                continue
            numbers[name] += 1
            if started and MARKER in rest:
                break
            if started:
                found.append((name, numbers[name]))
            started = started or MARKER in rest
        if len(found) < 50:
            raise RuntimeError("strace saw nothing of the work")
        return found

    def fault(self, name: str, number: int, what: str) -> None:
        """Let one call kill the process, or fail."""
        self.prepare()
        action = "signal=KILL" if what == "KILL" else f"error={what}"
        result = self.run(
            "strace",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            f"trace={name}",
            "-e",
            f"inject={name}:{action}:when={number}",
        )
        self.counts[what] += 1
        self.judge(f"{name} #{number} {what}", result)

    def prepare(self) -> None:
        """Put everything back as it was."""
        raise NotImplementedError

    def run(
        self, *prefix: str, program: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the driver, behind a prefix such as strace."""
        raise NotImplementedError

    def judge(
        self, case: str, result: subprocess.CompletedProcess[str]
    ) -> None:
        """Look at what is left, and note what is bad."""
        raise NotImplementedError

    def on_full_disk(
        self, script: str, *arguments: str | Path
    ) -> subprocess.CompletedProcess[str] | None:
        """Run a script on a small disk, which is ``$1``.

        Returns
        -------
        subprocess.CompletedProcess or None
            `None` where such a disk cannot be made.
        """
        disk = self.scratch / "disk"
        shutil.rmtree(disk, ignore_errors=True)
        disk.mkdir()
        mount = 'mount -t tmpfs -o size=64k tmpfs "$1" || exit 99; '
        shell = ["sh", "-c", mount + script, "sh", disk, *arguments]
        result = subprocess.run(
            ["unshare", "--map-root-user", "--mount", *shell],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 99 or "unshare" in result.stderr:
            return None
        self.counts["full disk"] += 1
        return result


def environment() -> dict[str, str]:
    """Return an environment with the same calls in the same order."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
        "JUPYTER_PLATFORM_DIRS": "1",
    }


def unexpected(stderr: str) -> str:
    """Return the last line of an unforeseen exception; empty without one."""
    # A call that fails at the end of the process is Python's own.
    if "Traceback" not in stderr or "Exception ignored" in stderr:
        return ""
    return stderr.strip().rpartition("\n")[2]


def python(*arguments: str | Path) -> list[str | Path]:
    """Return a command line of this interpreter."""
    return [sys.executable, *arguments]
