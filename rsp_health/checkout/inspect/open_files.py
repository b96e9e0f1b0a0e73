"""Who works in a folder: kernels, runs, terminals, whatever runs here.

A tree in which nothing differs can still not be deleted under a process that
is about to write its results there. Only processes of this container are
seen, which in a lab are all of the user's.

We ourselves are nobody: our git, and this and other servers and commands of
ours as long as they only read. A server that writes is at work: it saves a
tab.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ...git.sessions import is_our_git, nothing_starts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["CAN_TELL", "besides", "occupants"]

_PROC = Path("/proc")
CAN_TELL = _PROC.joinpath("self").exists()
"""Whether this system says at all who is where."""

_ROUNDS = 5
#: Programs that read a checkout's files for its owner, and write what a tab
#: holds: JupyterLab's server under each of its names, and ourselves.
_OURS = frozenset(
    {
        "jupyter-lab",
        "jupyter-labhub",
        "jupyter-notebook",
        "jupyter-server",
        "jupyterhub-singleuser",
        "rsp-health",
    }
)
_FLAGS = re.compile(rb"^flags:\s*([0-7]+)", re.MULTILINE)


def occupants(tree: Path) -> list[str]:
    """Return the processes that are in a folder, such as ``python (42)``.

    In it are those whose working directory is there, and those that have a
    file or folder of it open or mapped. Processes of other users are not
    seen.
    """
    top = os.fsencode(tree.resolve())
    found: list[str] = []
    seen: set[int] = set()
    with nothing_starts():
        # One that was looked at may have passed what it holds to a child that
        # was not there yet.
        for _ in range(_ROUNDS):
            fresh = [pid for pid in _processes() if pid not in seen]
            if not fresh:
                break
            seen.update(fresh)
            found += [_name(pid) for pid in fresh if _is_in(pid, top)]
    return found


def besides(told: Iterable[str], pids: Collection[int]) -> list[str]:
    """Return those of `occupants` that are none of these processes."""
    left_out = tuple(f" ({pid})" for pid in pids)
    return [name for name in told if not name.endswith(left_out)]


def _processes() -> list[int]:
    entries = _PROC.iterdir() if CAN_TELL else ()
    return [int(entry.name) for entry in entries if entry.name.isdecimal()]


def _is_in(pid: int, top: bytes) -> bool:
    """Whether a process is at work below a folder."""
    place = _PROC / str(pid)
    held = _held(place, top)
    is_inside = _is_below(_link(place / "cwd"), top)
    if not (held or is_inside or _maps(place, top, b"")):
        return False
    if is_our_git(pid):
        return False
    if _only_looks(pid):
        is_written = any(map(_may_write, held))
        return is_written or _maps(place, top, b"w")
    return True


def _held(place: Path, top: bytes) -> list[Path]:
    """Return the open descriptors that lead below a folder."""
    try:
        return [
            entry
            for entry in (place / "fd").iterdir()
            if _is_below(_link(entry), top)
        ]
    except OSError:
        return []  # gone, or not the user's


def _link(path: Path) -> bytes:
    try:
        return os.fsencode(path.readlink())
    except OSError:
        return b""


def _is_below(path: bytes, top: bytes) -> bool:
    return path.startswith(top + b"/") or path in {top, top + b" (deleted)"}


def _may_write(descriptor: Path) -> bool:
    info = descriptor.parent.with_name("fdinfo") / descriptor.name
    try:
        flags = _FLAGS.search(info.read_bytes())
    except OSError:
        return False  # closed by now
    return flags is None or int(flags[1], 8) & os.O_ACCMODE != os.O_RDONLY


def _maps(place: Path, top: bytes, access: bytes) -> bool:
    """Whether files below a folder are mapped, with this access."""
    try:
        lines = (place / "maps").read_bytes().splitlines()
    except OSError:
        return False
    top = top.replace(b"\n", b"\\012")
    for line in lines:
        fields = line.split(None, 5)
        if len(fields) == 6 and _is_below(fields[5], top):
            shared = access in fields[1] and b"s" in fields[1]
            if not access or shared:
                return True
    return False


def _only_looks(pid: int) -> bool:
    """Whether a process is a server or a command of ours."""
    if pid == os.getpid():
        return True
    words = _words(pid)
    names = [Path(word).name for word in words[:2]]
    if names and names[0].startswith("python"):
        del names[0]  # which runs a script
    if names and names[0] in _OURS:
        return True
    # A child of this process that has not begun its program yet.
    return _parent(pid) == os.getpid() and words == _words(os.getpid())


def _words(pid: int) -> list[str]:
    try:
        text = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return os.fsdecode(text).split("\0")[:-1]


def _parent(pid: int) -> int:
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return 0
    # The name in brackets may itself hold spaces and brackets.
    return int(text.rpartition(b")")[2].split()[1])


def _name(pid: int) -> str:
    words = _words(pid)
    name = "process"
    if any(word.startswith("ipykernel") for word in words):
        name = "kernel"
    elif any(word.startswith("rsp_health.") for word in words):
        name = "rsp-health"
    else:
        try:
            text = (_PROC / str(pid) / "comm").read_text(errors="replace")
            name = text.strip()[:40] or name
        except OSError:
            pass  # gone by now
    return f"{name} ({pid})"
