"""What kernels wrote past their notebooks, kept with the run.

A launcher's complaint, the last words of a library before a crash: nothing of
it is in a notebook. Of a kernel whose notebook passed, nothing is kept.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from ...redaction.terminal import without_ansi

if TYPE_CHECKING:
    from pathlib import Path

    from ...redaction import Redactor

__all__ = ["clean_kernel_log", "keep_kernel_log"]

#: Bytes of the file from which on nothing is added.
_BYTES = 4 * 1024**2
#: Bytes from which on the keeper may have cut off an end, or the beginning
#: (see `SAID_LIMIT` and `LOG_LIMIT` there).
_END, _BEGIN = 8_000, 16_000


def keep_kernel_log(
    path: Path, notebook: str, text: str, redactor: Redactor
) -> None:
    """Add what a kernel wrote; without it, a run goes on.

    Parameters
    ----------
    path
        The run's file.
    notebook
        The kernel's notebook, as the record names it.
    text
        The last that the kernel wrote to its output and error output.
    redactor
        Takes secrets out of it.
    """
    text = clean_kernel_log(text, redactor)
    if not text:
        return
    head = redactor.one_line(notebook)
    data = f"== {head}\n{text}\n".encode("utf-8", "replace")
    with (
        contextlib.suppress(OSError),
        open(path, "ab", opener=_for_its_user) as file,
    ):
        if file.tell() < _BYTES:
            file.write(data)


def clean_kernel_log(text: str, redactor: Redactor) -> str:
    """Return what a kernel wrote, without secrets and colours.

    Parameters
    ----------
    text
        What it wrote.
    redactor
        Takes secrets out of it.
    """
    size = len(text.encode("utf-8", "replace"))
    if size >= _BEGIN:
        # It may begin in the middle of a secret.
        text = text.partition("\n")[2]
    elif size >= _END:
        text = text[: redactor.end_of(text)]
    return without_ansi(redactor.text(text)).strip()


def _for_its_user(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
