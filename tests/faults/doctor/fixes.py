"""Fixes that are broken at each call of the system, and then undone.

A home with packages and a file that are in the way is snapshot; the fix is run
in a process of which strace breaks one call (an error, a full disk, a kill).
Whatever came of it, the way back then leads to the snapshot, byte for byte,
and what somebody else put in the way meanwhile is still there.
"""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING

from rsp_health.doctor.moves import MoveJournal
from rsp_health.errors import NotFoundError
from tests.faults.checkout import injection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["trials"]

_MOVED = {".local": "local", "notebooks/.user_setups": "notebooks/setups"}


def trials(scratch: Path, quick: int = 1) -> Iterator[str]:
    """Yield what is wrong after each trial; empty if nothing is.

    Parameters
    ----------
    scratch
        An empty folder.
    quick
        Of so many faults, one is tried.
    """
    home = scratch / "home"
    _build(home)
    before = _snapshot(home)
    faults = injection.count(lambda: _fix(home), scratch)
    yield _back(home, before, "unbroken")
    for number, fault in enumerate(faults):
        # Only our own process is there.
        if fault.tree or number % quick:
            continue
        shutil.rmtree(home)
        _build(home)
        before = _snapshot(home)
        injection.run(
            lambda: _fix(home),
            options=fault.options(),
            log=scratch / "log",
        )
        yield _back(home, before, str(fault))
        log = scratch / "log"
        if log.exists():
            yield f"{fault}: {log.read_text().splitlines()[-1]}"
            log.unlink()
    yield from _in_the_way(scratch)


def _in_the_way(scratch: Path) -> Iterator[str]:
    """Try the fix and its undo where the names are taken already."""
    home = scratch / "taken"
    cases: dict[str, Callable[[], None]] = {
        "a new .local": lambda: _write(home / ".local/lib/x.py", b"newer"),
        "a file instead": lambda: _write(home / ".local", b"a file"),
        "a new .user_setups": lambda: _write(
            home / "notebooks/.user_setups", b"newer"
        ),
    }
    for name, make in cases.items():
        _build(home)
        before = _snapshot(home)
        _fix(home)
        moved = _snapshot(home)
        make()
        mine = _snapshot(home).items() - moved.items()
        repair = _journal(home).undo(_journal(home).latest())
        after = _snapshot(home)
        if repair.state != "partly_undone" or not mine <= after.items():
            yield f"{name}: what is newer was not kept"
        if not {v for k, v in before.items()} <= set(after.values()):
            yield f"{name}: something is lost"
        shutil.rmtree(home)
        yield ""


def _build(home: Path) -> None:
    lib = home / ".local/lib/python3.13/site-packages"
    _write(lib / "numpy/__init__.py", b"__version__ = '1'\n")
    _write(lib / "numpy-1.dist-info/METADATA", b"Name: numpy\n\xff\0")
    (lib / "link").symlink_to("numpy")
    (lib / "numpy/__init__.py").chmod(0o640)
    _write(home / "notebooks/.user_setups", b"if\n")
    _write(home / "notebooks/mine.ipynb", b"{}")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _journal(home: Path) -> MoveJournal:
    return MoveJournal(home / ".rsp-health" / "doctor", home)


def _fix(home: Path) -> None:
    journal = _journal(home)
    aside = {home / source: name for source, name in _MOVED.items()}
    journal.move(journal.plan("python.shadow", aside))


def _snapshot(home: Path) -> dict[str, tuple[int, bytes]]:
    """Return all files with mode and content, but for our own folders."""
    found: dict[str, tuple[int, bytes]] = {}
    for folder, folders, files in os.walk(home):
        if ".rsp-health" in folders:
            folders.remove(".rsp-health")
        for name in (*files, *folders):
            path = os.path.join(folder, name)  # noqa: PTH118 - as os.walk
            mode = os.lstat(path).st_mode
            data = b""
            if stat.S_ISREG(mode):
                with open(path, "rb") as file:  # noqa: PTH123 - as above
                    data = file.read()
            elif stat.S_ISLNK(mode):
                data = os.fsencode(os.readlink(path))  # noqa: PTH115 - as above
            found[os.path.relpath(path, home)] = mode, data
    return found


def _back(home: Path, before: dict[str, tuple[int, bytes]], what: str) -> str:
    """Go back, and return what differs then; empty if nothing does."""
    journal = _journal(home)
    try:
        repair = journal.undo(journal.latest())
    except NotFoundError:
        pass  # Nothing was done, and nothing was written down.
    else:
        if repair.state != "undone":
            return f"{what}: {repair.moves}"
    after = _snapshot(home)
    # A folder for what is moved, made and still empty, is no loss.
    extra = {
        name
        for name in after.keys() - before.keys()
        if stat.S_ISDIR(after[name][0]) and name.startswith(".user_env.")
    }
    for name in extra:
        del after[name]
    changed = before.items() ^ after.items()
    return f"{what}: {sorted(n for n, _ in changed)[:5]}" if changed else ""
