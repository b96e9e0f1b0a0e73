"""Put single files back to what was checked out, and keep the user's."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..errors import BadInputError, ConflictError, NotFoundError
from ..files import (
    fsync_directory,
    rename_noreplace,
    resolve_inside,
    swap_files,
)
from ..git.view import TrustedView
from .change.backups import MARKER
from .change.exchange import remove_tree
from .change.lfs import stored
from .inspect.provenance import read_record

if TYPE_CHECKING:
    from pathlib import Path

    from .repository_checkout import RepositoryCheckout

__all__ = ["ResetResult", "locate", "reset_file", "restore_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetResult:
    """What a reset did.

    Parameters
    ----------
    commit
        Where the original comes from.
    backup
        Id of the backup that holds the user's version, if there was one.
    was_original
        Nothing had to be changed.
    """

    commit: str
    backup: str | None
    was_original: bool


def locate(checkout: RepositoryCheckout, path: str) -> Path:
    """Return a file of the checkout, reached through no symlink.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``bad_path`` if it cannot be one.
    """
    pure = PurePosixPath(path)
    target = checkout.path / pure
    real = resolve_inside(checkout.path, path)
    inside = pure.parts and not pure.is_absolute() and real == target
    ours = pure.parts[:1] in ((".git",), (MARKER,))
    if not inside or ours or pure.parts[0].casefold() == ".git":
        raise BadInputError(
            f"{path[:200]!r} is not a file of {checkout.title}.",
            hint="Name a file by its path below the checkout, without links.",
            code="bad_path",
        )
    if target.is_dir():
        raise BadInputError(
            f"{path[:200]!r} is a folder.",
            hint="Name one file of it.",
            code="bad_path",
        )
    return target


def reset_file(checkout: RepositoryCheckout, path: str) -> ResetResult:
    """Replace a file by what was checked out.

    The original comes from the commit of the checkout's record, not from
    what the user has committed since. The user's version is swapped into the
    backup in one step, so that a save at the same moment is in one or the
    other.

    Raises
    ------
    rsp_health.errors.RSPHealthError
        Raised if this is no checkout of ours, or has no such file.
    OSError
        Raised if the file system refused; the user's version still stands.
    """
    record = read_record(checkout.path)
    if record is None or record.repository != checkout.repository.id:
        raise ConflictError(
            f"{checkout.repository.relative} is not a checkout of "
            f"{checkout.title}.",
            hint="Check it out first; what stands there is backed up.",
            code="not_ours",
        )
    target = locate(checkout, path)
    commit = record.provenance.commit
    temporary = checkout.slot.make_temporary()
    try:
        staged = temporary / "files"
        staged.mkdir()
        original = staged / path
        with (
            contextlib.suppress(NotFoundError),
            TrustedView(
                checkout.git,
                checkout.path,
                base=commit,
                scratch=checkout.scratch,
            ) as view,
        ):
            view.write_original(path, staged)
        if not original.is_file():
            raise NotFoundError(
                f"{path[:200]!r} is not in what was checked out.",
                hint="Only files that came with the repository can be reset.",
                code="not_upstream",
            )
        known = record.lfs.get(path)
        if known is not None and stored(checkout.path, known).is_file():
            shutil.copyfile(stored(checkout.path, known), original)
        _sync(original)
        if not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            rename_noreplace(original, target)
            fsync_directory(target.parent)
            return ResetResult(commit=commit, backup=None, was_original=False)
        if filecmp.cmp(original, target, shallow=False):
            return ResetResult(commit=commit, backup=None, was_original=True)
        checkout.backups.mark_files(staged, [path])
        backup = checkout.backups.new_path()
        rename_noreplace(staged, backup)
        before = target.lstat()
        try:
            swap_files(backup / path, target)
        except OSError:
            with contextlib.suppress(OSError):
                # The original alone; not if the user's version is in there.
                same = os.path.samestat(before, target.lstat())
                if same and not checkout.backups.half_done():
                    checkout.slot.discard(backup)
            raise
        fsync_directory(target.parent)
        backup_id = checkout.backups.id_of(backup)
        checkout.backups.note_files(backup_id, [path])
        return ResetResult(commit=commit, backup=backup_id, was_original=False)
    finally:
        with contextlib.suppress(OSError):
            remove_tree(temporary)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def restore_files(
    checkout: RepositoryCheckout, backup: Path, names: list[str]
) -> str | None:
    """Put the files of a backup back; what stands there takes their place.

    Returns
    -------
    str | None
        Id of the backup that now holds the present versions, if any.

    Raises
    ------
    OSError
        Raised if the file system refused; every version still exists.
    """
    for name in names:
        target = locate(checkout, name)
        kept = backup / name
        if not kept.is_file():
            continue
        if os.path.lexists(target):
            swap_files(kept, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            rename_noreplace(kept, target)
        fsync_directory(target.parent)
    checkout.backups.forget(checkout.backups.id_of(backup))
    if not checkout.backups.holds_more(backup):
        checkout.slot.discard(backup)
        return None
    renamed = checkout.backups.new_path()
    rename_noreplace(backup, renamed)
    return checkout.backups.id_of(renamed)
