"""Which Python packages are in a folder, read without importing any.

What is installed is known by the names of metadata folders alone; what a
package needs stands in its metadata.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import UnreadableFileError
from ...files import safe_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Distribution", "conflicts", "installed", "normal"]

_METADATA = re.compile(r"(.+?)-(\d[^-]*)(?:-.*)?\.(?:dist|egg)-info")
_REQUIRES = re.compile(r"^Requires-Dist: *(.+?)\s*$", re.MULTILINE)
_METADATA_BYTES = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """An installed package.

    Parameters
    ----------
    name
        As it was written.
    version
        Its version.
    path
        Its metadata.
    """

    name: str
    version: str
    path: Path

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def requires(self) -> list[str]:
        """Return what it needs, as it says it."""
        for name in ("METADATA", "PKG-INFO"):
            with contextlib.suppress(UnreadableFileError):
                data = safe_read(self.path / name, limit=_METADATA_BYTES)
                text = data.partition(b"\n\n")[0].decode("utf-8", "replace")
                return _REQUIRES.findall(text)
        return []


def normal(name: str) -> str:
    """Return a name as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(folder: Path) -> dict[str, Distribution]:
    """Return the packages in a folder, by their normal names.

    A folder that is not there has none.
    """
    found: dict[str, Distribution] = {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for name in os.listdir(folder):  # noqa: PTH208 - names alone
            match = _METADATA.fullmatch(name)
            if match is not None:
                found[normal(match[1])] = Distribution(
                    name=match[1], version=match[2], path=folder / name
                )
    return found


def conflicts(
    changed: Mapping[str, Distribution],
    before: Mapping[str, Distribution],
) -> Iterator[tuple[Distribution, str, Distribution]]:
    """Yield what does not fit since some packages were changed.

    Parameters
    ----------
    changed
        The packages that now come first, by their normal names.
    before
        All packages without them.

    Yields
    ------
    tuple
        Who needs something, what it needs as it says it, and what it gets
        instead. What did not fit before either is not told.
    """
    after = {**before, **changed}
    for package in after.values():
        is_new = package in changed.values()
        names = after if is_new else changed
        for need, text in _needs(package.requires(), names):
            got = after[need]
            if _fits(text, got.version):
                continue
            if not is_new and not _fits(text, before[need].version):
                continue
            yield package, text, got


def _needs(
    requires: Iterable[str], names: Mapping[str, Distribution]
) -> Iterator[tuple[str, str]]:
    for text in requires:
        match = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", text)
        if match is not None and normal(match[0]) in names:
            yield normal(match[0]), text


def _fits(text: str, version: str) -> bool:
    """Return whether a version is one that is needed; if unsure, it is."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion

    try:
        need = Requirement(text)
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            return True
        return need.specifier.contains(version, prereleases=True)
    except (InvalidRequirement, InvalidVersion, ValueError):
        return True
