"""A program that saves into a checkout, in one of many ways, when told.

    python -m tests.faults.checkout.writer

Reads two JSON lines for each save: what to hold, and then when to write. Says
"ready" in between, and at the end "saved", or "failed" if the system refused:
then its user has been told, and nothing was promised.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["STYLES"]

type Style = Callable[[Path, bytes], Iterator[None]]


def _open_before(path: Path, data: bytes) -> Iterator[None]:
    """Open, wait, write and close: what an editor does that holds its file."""
    with path.open("r+b") as stream:
        yield
        stream.truncate(0)
        stream.write(data)


def _open_during(path: Path, data: bytes) -> Iterator[None]:
    yield
    with path.open("wb") as stream:
        stream.write(data[:8])
        stream.flush()
        stream.write(data[8:])


def _replace(path: Path, data: bytes) -> Iterator[None]:
    """As JupyterLab's server does: a file beside it, and a rename."""
    yield
    beside = path.with_name(f".~{path.name}")
    beside.write_bytes(data)
    beside.replace(path)


def _replace_open(path: Path, data: bytes) -> Iterator[None]:
    """The same, with the new file open already."""
    beside = path.with_name(f".~{path.name}")
    with beside.open("wb") as stream:
        stream.write(data[:8])
        yield
        stream.write(data[8:])
    beside.replace(path)


def _append(path: Path, data: bytes) -> Iterator[None]:
    with path.open("ab") as stream:
        yield
        stream.write(data)


def _mapped(path: Path, data: bytes) -> Iterator[None]:
    """Write through a map whose descriptor is closed."""
    descriptor = os.open(path, os.O_RDWR)
    held = mmap.mmap(descriptor, 0)
    os.close(descriptor)
    yield
    held[: len(data)] = data
    held.flush()
    held.close()


def _within(path: Path, data: bytes) -> Iterator[None]:
    """Make a file in a folder that is open."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        yield
        flags = os.O_CREAT | os.O_WRONLY
        descriptor = os.open("new.txt", flags, 0o600, dir_fd=folder)
        os.write(descriptor, data)
        os.close(descriptor)
    finally:
        os.close(folder)


STYLES: dict[str, Style] = {
    "open before": _open_before,
    "opened during": _open_during,
    "replace on save": _replace,
    "replace, open before": _replace_open,
    "append": _append,
    "mmap": _mapped,
    "folder open": _within,
}
"""The ways to save."""


def main() -> None:
    """Save as often as told."""
    for line in sys.stdin:
        order = json.loads(line)
        save = STYLES[order["style"]](
            Path(order["path"]), order["data"].encode()
        )
        end = "saved"
        try:
            next(save)
            print("ready", flush=True)
            moment = json.loads(sys.stdin.readline())
            time.sleep(moment["delay"])
            next(save, None)
        except OSError:
            end = "failed"
        print(end, flush=True)


if __name__ == "__main__":
    main()
