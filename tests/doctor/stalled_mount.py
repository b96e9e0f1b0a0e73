"""Runs a program with a file system mounted on which every call hangs.

``python -m tests.doctor.stalled_mount FOLDER COMMAND…``, in a mount namespace
of its own: a FUSE mount whose server never answers, as a file server that is
gone.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

__all__ = ["mount"]


def mount(folder: str) -> int:
    """Mount it, and return the file that keeps it: closed, it lets go."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.mount(
        b"stalled", os.fsencode(folder), b"fuse", 0, options.encode()
    )
    if done != 0:
        raise OSError(ctypes.get_errno(), "the file system is not mounted")
    return device


def main(folder: str, *command: str) -> int:
    """Mount, run the command, and return its exit code."""
    try:
        device = mount(folder)
    except OSError as exc:
        sys.stderr.write(str(exc))
        return 99
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        # Whoever hangs there is let go.
        os.close(device)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
