"""Foreign text, such as the name of a file, on one line of a terminal or log.

A name may hold anything but a slash: escape sequences that steer a terminal,
line ends that begin another message, bytes that are no UTF-8.
"""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str, *, lines: bool = False) -> str:
    r"""Return a text in which nothing steers, hides or breaks a line.

    Parameters
    ----------
    text
        Any text, as ``os.fsdecode`` gives it.
    lines
        Whether line ends are meant, and stay.

    Returns
    -------
    str
        What is not printable is written as in Python (``\x1b``, ``\n``,
        ``\u202e``), and so is a byte that is no UTF-8 (``\xff``).
    """
    if text.isprintable():
        return text
    return "".join(
        char
        if char.isprintable() or (lines and char == "\n")
        else _escape(char)
        for char in text
    )


def _escape(char: str) -> str:
    number = ord(char)
    if 0xDC80 <= number <= 0xDCFF:  # surrogateescape
        return f"\\x{number - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()
