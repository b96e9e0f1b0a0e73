"""Say which repository and commit a tree is of, running nothing.

Read by hand: a run asks before it starts, and git's start would cost more
than the whole answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import UnreadableFileError
from ..files import read_if_there
from ..printable import printable
from .refs import SHA

if TYPE_CHECKING:
    from pathlib import Path

    from .refs import GitFolders

__all__ = ["Origin", "read_origin"]

_SECTION = re.compile(r'\[\s*([\w-]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]')
_SETTING = re.compile(r"\s*(\w[\w-]*)\s*=\s*(.*)")
_BRANCH = "refs/heads/"
_TAG = "refs/tags/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a tree comes from.

    Parameters
    ----------
    url
        The repository, without credentials.
    ref
        The branch that is checked out, or a tag of its commit.
    commit
        The commit that is checked out.
    """

    url: str | None = None
    ref: str | None = None
    commit: str | None = None


def read_origin(folders: GitFolders) -> Origin:
    """Return where a tree comes from, as far as its git folders tell.

    Parameters
    ----------
    folders
        The tree's git folders.
    """
    head = _read(folders.own / "HEAD").strip()
    packed = _packed(_read(folders.common / "packed-refs"))
    name = head.removeprefix("ref:").strip() if head[:4] == "ref:" else None
    if name is None:
        commit = head if SHA.fullmatch(head) else None
        tags = (
            tag
            for tag in packed
            if tag.startswith(_TAG) and commit is not None
        )
        branch = None
        ref = next(
            (x.removeprefix(_TAG) for x in tags if packed[x] == commit), None
        )
    else:
        branch = ref = name.removeprefix(_BRANCH)
        found = _read(folders.common / name).strip() or packed.get(name, "")
        commit = found if SHA.fullmatch(found) else None
    url = _url(_read(folders.common / "config"), branch)
    return Origin(
        url=url, ref=None if ref is None else printable(ref), commit=commit
    )


def _read(path: Path) -> str:
    """Read a file of a git folder; what cannot be read tells nothing."""
    try:
        data = read_if_there(path)
    except UnreadableFileError:
        return ""
    return "" if data is None else data.decode("utf-8", "replace")


def _packed(text: str) -> dict[str, str]:
    """Return packed references, and of a tag the commit that it names."""
    found: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if line.startswith("^"):
            found[last] = line[1:]
        else:
            sha, _, last = line.partition(" ")
            found[last] = sha
    return found


def _url(config: str, branch: str | None) -> str | None:
    settings: dict[tuple[str, str, str], str] = {}
    section = ("", "")
    for line in config.splitlines():
        if (found := _SECTION.match(line.strip())) is not None:
            section = (found[1].lower(), found[2] or "")
        elif (found := _SETTING.fullmatch(line)) is not None:
            settings[*section, found[1].lower()] = _value(found[2])
    remote = settings.get(("branch", branch or "", "remote"), "origin")
    return _shown(settings.get(("remote", remote, "url"), ""))


def _value(text: str) -> str:
    text = text.strip()
    if text.startswith('"'):
        return text[1:].partition('"')[0]
    return re.split(r"\s[#;]", text, maxsplit=1)[0].strip()


def _shown(url: str) -> str | None:
    """Return a URL without what may be secret in it."""
    if "://" not in url:
        return printable(url) or None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    return printable(f"{parts.scheme}://{host}{parts.path}")
