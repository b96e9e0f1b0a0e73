"""The lines of ``info/attributes`` that bind notebooks to our filter.

That file overrules every ``.gitattributes``. So where the repository itself
leaves notebooks alone (``golden/*.ipynb -filter``), we must say it again.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["FILTER", "bind", "exemptions", "is_bound", "read_lines", "unbind"]

FILTER = "rsp-health"
"""Name of the filter in git's configuration and attributes."""

_LINE = f"*.ipynb filter={FILTER}"
_BEGIN = "# rsp-health: what .gitattributes leaves alone"
_END = "# rsp-health: end"
_MAX_BYTES = 1024 * 1024
_MAX_LINES = 1000
_GLOB = re.compile(r"[\\*?\[]")
_ODD = re.compile(r'[\s"\\\x00-\x20\x7f-\U0010ffff]')


def read_lines(path: Path) -> list[str]:
    """Read the lines of an attributes file; none if it is no plain file.

    Raises
    ------
    OSError
        Raised if it cannot be read.
    """
    try:
        # A pipe of this name would keep a reader waiting for ever.
        if not stat.S_ISREG(path.lstat().st_mode):
            return []
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES)
    except FileNotFoundError:
        return []
    return data.decode("utf-8", "surrogateescape").splitlines()


def is_bound(lines: Iterable[str]) -> bool:
    """Whether notebooks are bound to our filter."""
    return any(line.strip() == _LINE for line in lines)


def bind(lines: Iterable[str], exempt: list[str]) -> list[str]:
    """Return the lines with ours; twice is as good as once."""
    block = [_BEGIN, *exempt, _END] if exempt else []
    return [*unbind(lines), _LINE, *block]


def unbind(lines: Iterable[str]) -> list[str]:
    """Return the lines without ours."""
    kept = []
    inside = False
    for line in lines:
        if line.strip() == _BEGIN:
            inside = True
        elif line.strip() == _END:
            inside = False
        elif not inside and line.strip() != _LINE:
            kept.append(line)
    return kept


def exemptions(tree: Path) -> list[str]:
    """Return lines for what a work tree exempts from any filter.

    Parameters
    ----------
    tree
        Top of the work tree. Its ``.gitattributes`` files are read, in the
        order in which git lets one overrule another.
    """
    found: list[str] = []
    for folder, path in _attribute_files(tree):
        try:
            lines = read_lines(path)
        except OSError:
            continue
        for line in lines:
            pattern, attributes = _split(line)
            if "-filter" in attributes and pattern is not None:
                found.append(f"{_below(folder, pattern)} -filter")
    return found[:_MAX_LINES]


def _attribute_files(tree: Path) -> Iterator[tuple[str, Path]]:
    """Yield each folder's attributes file, those of parents first."""
    for parent, folders, names in tree.walk():
        folders[:] = sorted(set(folders) - {".git"})
        if ".gitattributes" in names:
            folder = os.path.relpath(parent, tree)
            yield "" if folder == "." else folder, parent / ".gitattributes"


def _split(line: str) -> tuple[str | None, list[str]]:
    """Return a line's pattern, unquoted, and its attributes."""
    text = line.strip()
    if not text or text.startswith(("#", "[attr]", "!")):
        return None, []
    if not text.startswith('"'):
        pattern, _, rest = text.partition(" ")
        if "\t" in pattern:
            pattern, _, more = pattern.partition("\t")
            rest = f"{more} {rest}"
        return pattern, rest.split()
    match = re.fullmatch(r'"((?:[^"\\]|\\.)*)"(.*)', text)
    if match is None:
        return None, []
    return re.sub(r'\\(["\\])', r"\1", match[1]), match[2].split()


def _below(folder: str, pattern: str) -> str:
    """Return a pattern of a folder's file as one of the top's."""
    if folder:
        # Without a slash in it, or only a last one, it holds at any depth.
        anchored = "/" in pattern.removesuffix("/")
        joint = "/" if anchored else "/**/"
        literal = _GLOB.sub(r"\\\g<0>", folder)
        pattern = f"{literal}{joint}{pattern.removeprefix('/')}"
    if not _ODD.search(pattern):
        return pattern
    escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
