"""The record that makes a tree a checkout of ours: ``.git/rsp-health.json``.

It lies inside ``.git`` so that it moves with the tree, into a backup and back,
and is never an untracked file. Beside where the tree came from it remembers
what stood in ``.git`` then, so that a hook or a setting that the user adds is
seen as theirs.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from pydantic import ValidationError

from ...errors import BadInputError
from ...files import read_json, write_json
from ..models import Provenance
from ..repositories import check_ref

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CheckoutRecord",
    "KnownFile",
    "accept_settings",
    "admin_files",
    "has_accepted_settings",
    "read_record",
    "store_files",
    "walk",
    "write_record",
]

_NAME = "rsp-health.json"
_SCHEMA = "rsp-health.checkout/1"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

_HASHED_BYTES = 1024 * 1024  # a fresh clone has no larger ones

#: Looked at in other ways: see `.git.refs` and `.git_folder`.
_NOT_ADMIN = frozenset(
    {
        "COMMIT_EDITMSG",
        "FETCH_HEAD",
        "HEAD",
        "ORIG_HEAD",
        "index",
        "info/refs",
        "packed-refs",
        "shallow",
        _NAME,
    }
)
_STORES = ("lfs", "objects")
_NOT_ADMIN_FOLDERS = frozenset({*_STORES, "logs", "refs"})


class KnownFile(TypedDict):
    """A file that git would call modified: its digest, size and time then."""

    sha256: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutRecord:
    """What a checkout was when it was made.

    Parameters
    ----------
    repository
        Id of the configured repository.
    provenance
        Where it came from.
    refs
        Every reference then.
    admin
        Every other file in ``.git`` then, with its digest.
    subset
        The only paths that were checked out, if not all.
    lfs
        What git-lfs downloaded, by path.
    converted
        What line-end rules of the repository converted, by path.
    store
        Every file in ``.git`` then that held objects.
    """

    repository: str
    provenance: Provenance
    refs: dict[str, str]
    admin: dict[str, str]
    subset: tuple[str, ...] | None = None
    lfs: dict[str, KnownFile] = field(default_factory=dict)
    converted: dict[str, KnownFile] = field(default_factory=dict)
    store: frozenset[str] = frozenset()

    def known(self, path: str) -> KnownFile | None:
        """Return what a file was that git would call modified."""
        return self.lfs.get(path) or self.converted.get(path)


def admin_files(git_dir: Path) -> dict[str, str]:
    """Return the digest of every file in ``.git`` that users may change."""
    found = {
        str(path.relative_to(git_dir)): path
        for path in walk(git_dir, _NOT_ADMIN_FOLDERS)
    }
    return {
        name: _digest(path)
        for name, path in found.items()
        if name not in _NOT_ADMIN
    }


def store_files(git_dir: Path) -> frozenset[str]:
    """Return every file in ``.git`` that holds objects, as git calls them."""
    return frozenset(
        str(path.relative_to(git_dir))
        for folder in _STORES
        for path in walk(git_dir / folder)
    )


def walk(top: Path, without: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Return all that is no folder, and links to folders, in some order.

    Parameters
    ----------
    top
        A folder; nothing is returned if it does not exist.
    without
        Folders at its top that are left out.
    """
    for parent, folders, names in os.walk(top):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        if Path(parent) == top:
            folders[:] = sorted(set(folders) - without)
        for name in sorted([*names, *links]):
            yield Path(parent, name)


def _digest(path: Path) -> str:
    try:
        if path.is_symlink():
            return f"link:{os.fsencode(path.readlink()).hex()}"
        if not path.is_file():
            return "special"
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = hashlib.sha256(stream.read(_HASHED_BYTES)).hexdigest()
    except OSError:
        return "unreadable"
    return f"{size}:{head}"


def write_record(tree: Path, record: CheckoutRecord) -> None:
    """Store the record in a tree that was just made.

    Raises
    ------
    OSError
        Raised if it cannot be stored.
    """
    write_json(
        tree / ".git" / _NAME,
        {
            "schema": _SCHEMA,
            "repository": record.repository,
            "provenance": record.provenance.model_dump(mode="json"),
            "refs": record.refs,
            "admin": record.admin,
            "subset": record.subset,
            "lfs": record.lfs,
            "converted": record.converted,
            "store": sorted(record.store),
        },
    )


def read_record(tree: Path) -> CheckoutRecord | None:
    """Return a tree's record, or `None` if it is not a checkout of ours."""
    git_dir = tree / ".git"
    path = git_dir / _NAME
    if git_dir.is_symlink() or path.is_symlink() or not path.is_file():
        return None
    try:
        document = read_json(path)
        if document["schema"] != _SCHEMA:
            return None
        provenance = Provenance.model_validate(document["provenance"])
        if not _COMMIT.fullmatch(provenance.commit):
            return None
        check_ref(provenance.ref)
        return CheckoutRecord(
            repository=str(document["repository"]),
            provenance=provenance,
            refs={str(k): str(v) for k, v in document["refs"].items()},
            admin={str(k): str(v) for k, v in document["admin"].items()},
            subset=_subset(document.get("subset")),
            lfs=_known(document.get("lfs")),
            converted=_known(document.get("converted")),
            store=frozenset(str(k) for k in document.get("store") or ()),
        )
    except (
        OSError,
        TypeError,
        KeyError,
        ValueError,
        AttributeError,
        ValidationError,
        BadInputError,
    ):
        return None


def _subset(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(str(path) for path in value)


def _known(value: Any) -> dict[str, KnownFile]:
    return {
        str(path): {
            "sha256": str(known["sha256"]),
            "size": int(known["size"]),
            "mtime_ns": int(known["mtime_ns"]),
        }
        for path, known in (value or {}).items()
        if _COMMIT.fullmatch(str(known["sha256"]))
    }


def accept_settings(tree: Path, repository: str) -> None:
    """Note the present files of ``.git`` as ours.

    Raises
    ------
    OSError
        Raised if the record cannot be stored.
    """
    record = read_record(tree)
    if record is not None and record.repository == repository:
        write_record(tree, replace(record, admin=admin_files(tree / ".git")))


def has_accepted_settings(tree: Path, record: CheckoutRecord) -> bool:
    """Whether the files of ``.git`` still are those that were noted."""
    return admin_files(tree / ".git") == record.admin
