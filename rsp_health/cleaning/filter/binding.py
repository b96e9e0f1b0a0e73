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

__all__ = [
    "FILTER",
    "SUFFIX",
    "bind",
    "exemptions",
    "is_bound",
    "is_current",
    "kept_lines",
    "read_attributes",
    "read_lines",
    "unbind",
    "write_attributes",
]

FILTER = "rsp-health"
"""Name of the filter in git's configuration and attributes."""

SUFFIX = ".[iI][pP][yY][nN][bB]"
"""The end of a notebook's name, in the pattern language of git."""

_LINE = f"*{SUFFIX} filter={FILTER}"
#: Ours, and the line of earlier versions, which left out ``A.IPYNB``.
_LINES = (_LINE, f"*.ipynb filter={FILTER}")
_BEGIN = "# rsp-health: what .gitattributes leaves alone"
_KEPT = "# rsp-health: notebooks that came with outputs"
_END = "# rsp-health: end"
_MAX_BYTES = 1024 * 1024
_MAX_LINES = 1000
_GLOB = re.compile(r"[\\*?\[]")
#: All but printable ASCII without blanks, quotes and backslashes. Said by what
#: it is not: a class of all the others takes 5 ms to compile, at each start.
_ODD = re.compile(r"[^!#-\[\]-~]")


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


def read_attributes(path: Path) -> list[str]:
    """Read the lines of ``info/attributes``.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if it cannot be read.
    """
    from ...files import to_user_error

    try:
        return read_lines(path)
    except OSError as exc:
        raise to_user_error(exc, f"read {path}") from exc


def write_attributes(path: Path, lines: list[str]) -> None:
    """Write the lines of ``info/attributes``, durably.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if it cannot be written; it is as it was.
    """
    from ...files import to_user_error, write_atomic

    text = "".join(f"{line}\n" for line in lines)
    try:
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, text.encode("utf-8", "surrogateescape"))
    except OSError as exc:
        raise to_user_error(exc, f"write {path}") from exc


def is_bound(lines: Iterable[str]) -> bool:
    """Whether notebooks are bound to our filter."""
    return any(line.strip() in _LINES for line in lines)


def is_current(lines: Iterable[str]) -> bool:
    """Whether the lines that bind notebooks are those of this version."""
    return any(line.strip() == _LINE for line in lines)


def bind(
    lines: list[str], tree: Path, kept: Iterable[str] | None = None
) -> list[str]:
    """Return the lines of ``info/attributes`` with ours.

    What others say after our line stays after it, and overrules it, unless it
    binds another filter. Twice is as good as once.

    Parameters
    ----------
    lines
        The lines as they are, with ours or without.
    tree
        Top of the work tree, whose ``.gitattributes`` files may leave
        notebooks alone.
    kept
        Notebooks that are left alone beside those, because they came with
        outputs; `None` for those of the lines as they are.
    """
    bound = next(
        (i for i, line in enumerate(lines) if line.strip() in _LINES),
        len(lines),
    )
    before, after = unbind(lines[:bound]), unbind(lines[bound:])
    macros: dict[str, list[str]] = {}
    if any(value == "=" for _, value in _settings(after, "", macros)):
        before, after = [*before, *after], []
    exempt = exemptions(tree, before)
    block = [_BEGIN, *exempt, _END] if exempt else []
    named = kept_lines(lines)
    if kept is not None:
        named = [f"{_literal(path)} -filter" for path in kept]
    block += [_KEPT, *named, _END] if named else []
    return [*before, _LINE, *block, *after]


def kept_lines(lines: Iterable[str]) -> list[str]:
    """Return the lines for the notebooks that came with outputs."""
    kept = []
    inside = False
    for line in lines:
        if line.strip() in (_KEPT, _END):
            inside = line.strip() == _KEPT
        elif inside:
            kept.append(line)
    return kept


def unbind(lines: Iterable[str]) -> list[str]:
    """Return the lines without ours."""
    kept = []
    inside = False
    for line in lines:
        if line.strip() in (_BEGIN, _KEPT):
            inside = True
        elif line.strip() == _END:
            inside = False
        elif not inside and line.strip() not in _LINES:
            kept.append(line)
    return kept


def exemptions(tree: Path, lines: Iterable[str] = ()) -> list[str]:
    """Return lines that leave alone what a repository leaves alone.

    Parameters
    ----------
    tree
        Top of the work tree. Its ``.gitattributes`` files are read, in the
        order in which git lets one overrule another.
    lines
        Lines of ``info/attributes`` that overrule those.
    """
    macros: dict[str, list[str]] = {}
    found: list[str] = []
    for folder, path in _attribute_files(tree):
        try:
            said = read_lines(path)
        except OSError:
            continue
        found += _repeated(said, folder, macros, found)
    found += _repeated(lines, "", macros, found)
    return found[:_MAX_LINES]


def _repeated(
    lines: Iterable[str],
    folder: str,
    macros: dict[str, list[str]],
    earlier: list[str],
) -> list[str]:
    repeated: list[str] = []
    for pattern, value in _settings(lines, folder, macros):
        if value == "-":
            repeated.append(f"{_quoted(pattern)} -filter")
        elif earlier or repeated:
            # An exemption of an exemption: these are cleaned again.
            notebooks = _of_notebooks(pattern)
            if notebooks:
                repeated.append(f"{_quoted(notebooks)} filter={FILTER}")
    return repeated


def _settings(
    lines: Iterable[str], folder: str, macros: dict[str, list[str]]
) -> Iterator[tuple[str, str]]:
    """Yield what lines say of filters: a pattern of the top, and a sign.

    The sign is ``-`` for none, ``!`` for "as if nobody had said anything",
    and ``=`` for any filter. Macros that are met on the way are remembered.
    """
    for line in lines:
        text = line.strip()
        if text.startswith("[attr]"):
            # git knows macros only from files at the top.
            name, *rest = text.removeprefix("[attr]").split() or [""]
            if not folder:
                macros[name] = _expanded(rest, macros)
            continue
        pattern, attributes = _split(text)
        signs = [
            "=" if word.startswith("filter") else word[0]
            for word in _expanded(attributes, macros)
            if word in {"filter", "-filter", "!filter"}
            or word.startswith("filter=")
        ]
        if signs and pattern is not None:
            yield _below(folder, pattern), signs[-1]


def _expanded(words: list[str], macros: dict[str, list[str]]) -> list[str]:
    return [part for word in words for part in (word, *macros.get(word, ()))]


def _of_notebooks(pattern: str) -> str | None:
    """Return a pattern for the notebooks among what a pattern matches."""
    if pattern.lower().endswith((".ipynb", SUFFIX.lower())):
        return pattern
    if pattern.endswith("**"):
        return f"{pattern}/*{SUFFIX}"
    return f"{pattern}{SUFFIX}" if pattern.endswith("*") else None


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
    """Return a pattern of a folder's file as one of the top's, unquoted."""
    if folder:
        # Without a slash in it, or only a last one, it holds at any depth.
        anchored = "/" in pattern.removesuffix("/")
        joint = "/" if anchored else "/**/"
        literal = _GLOB.sub(r"\\\g<0>", folder)
        pattern = f"{literal}{joint}{pattern.removeprefix('/')}"
    return pattern


def _literal(path: str) -> str:
    """Return a pattern that matches one path and no other."""
    pattern = f"/{_GLOB.sub(r'\\\g<0>', path)}"
    return re.sub(
        r"[\x00-\x1f\x7f]", lambda m: f"\\{ord(m[0]):03o}", _quoted(pattern)
    )


def _quoted(pattern: str) -> str:
    if not _ODD.search(pattern):
        return pattern
    escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
