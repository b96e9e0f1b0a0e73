"""Several files that are written all, or none.

Somebody else may save one of them at any moment. So nothing is deleted here
before it was looked at: only what we made, and what the caller knows.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from ..errors import (
    ConflictError,
    EnvironmentFailureError,
    UnreadableFileError,
)
from .durable import fsync_directory, to_user_error, write_beside
from .reading import identity, read_if_there
from .renames import (
    exchange_files,
    kept_name,
    rename_noreplace,
    swap_files,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["write_together"]


def write_together(
    contents: Mapping[Path, bytes],
    *,
    expected: Mapping[Path, bytes | None] | None = None,
    keep_owner: bool = False,
    always_there: bool = False,
) -> None:
    """Write files, and the folders that they need, all or none.

    All new content is stored beside its file first, which is where a full
    disk shows; then only names are exchanged. If that fails, the names are
    exchanged back. Symlinks are followed; mode and owner of a file that is
    there are kept.

    Parameters
    ----------
    contents
        The whole content of each file.
    expected
        What each file holds until then, `None` where there is no such file;
        by default what it holds at the call.
    keep_owner
        As for `rsp_health.files.write_atomic`.
    always_there
        Exchange as `rsp_health.files.renames.exchange_files` does.

    Raises
    ------
    rsp_health.errors.ConflictError
        Raised with code ``changed`` if a file was changed meanwhile. Then
        nothing of ours is written.
    OSError
        Raised if something could not be stored. Then all is as it was.
    rsp_health.errors.EnvironmentFailureError
        Raised if something could not be stored, nor put back. The message
        names the file that holds what was there before.
    """
    step = _Step(always_there=always_there)
    try:
        for path, data in contents.items():
            target = path.resolve()
            before = _content(target) if expected is None else expected[path]
            step.prepare(target, before, data, keep_owner=keep_owner)
        step.exchange()
    except BaseException as exc:
        step.undo(exc)
        raise
    step.finish()


class _File:
    """One file that is replaced or made.

    What was done to it is never noted but looked up, by the inode and the
    content: an interrupt may come between a change and its note.
    """

    def __init__(
        self,
        target: Path,
        before: bytes | None,
        data: bytes,
        temporary: Path,
        *,
        always_there: bool,
    ) -> None:
        self.target = target
        self._temporary = temporary
        self._before = before
        self._data = data
        self._new = temporary.lstat()
        self._old: tuple[int, int, int] | None = None
        self._swap = exchange_files if always_there else swap_files
        #: Where an exchange in steps has the old content half way.
        self._kept = kept_name(temporary)

    def exchange(self) -> None:
        """Give the new content the name."""
        try:
            if self._before is None:
                rename_noreplace(self._temporary, self.target)
                return
            self._swap(self._temporary, self.target, kept=self._kept)
        except (FileExistsError, FileNotFoundError) as exc:
            raise self._changed() from exc
        status = self._temporary.lstat()
        if not _holds(self._temporary, self._before):
            raise self._changed()
        self._old = identity(status)

    def check(self) -> None:
        """Refuse to go on if the old content was written since."""
        if self._before is not None and not self._is_old():
            raise self._changed()

    def finish(self) -> None:
        """Delete the old content."""
        if self._before is not None and self._is_old():
            self._temporary.unlink()

    def undo(self) -> None:
        """Give the old content its name again, and delete the new one.

        Raises
        ------
        OSError
            Raised if that failed; no content is lost.
        """
        try:
            if self._before is None:
                if self._is_ours(self.target):
                    self.target.unlink()
                return
            self._finish_swap()
            # What somebody saved after the exchange stays where it is.
            if self._is_ours(self.target) and os.path.lexists(self._temporary):
                self._swap(self._temporary, self.target, kept=self._kept)
        finally:
            for path in (self._temporary, self._kept):
                if self._is_ours(path):
                    path.unlink()

    def remains(self) -> str:
        """Say, after `undo`, where what it did not put back is."""
        if self._before is None:
            written = self._is_ours(self.target)
            return f"{self.target} was written." if written else ""
        places = [
            path
            for path in (self._kept, self._temporary)
            if os.path.lexists(path) and not self._is_ours(path)
        ]
        names = " and ".join(map(str, sorted(places)))
        return f"What {self.target} held is in {names}." if names else ""

    def _finish_swap(self) -> None:
        """Give what an exchange in steps left half way one of the names."""
        if not os.path.lexists(self._kept):
            return
        names = self.target, self._temporary
        taken = [name for name in names if os.path.lexists(name)]
        if any(map(self._kept.samefile, taken)):
            self._kept.unlink()  # a second name
            return
        if len(taken) == len(names) and names[0].samefile(names[1]):
            # The new content has both: it was being renamed by a link.
            self._temporary.unlink()
            taken.remove(self._temporary)
        if len(taken) < len(names):
            free = self._temporary if self.target in taken else self.target
            rename_noreplace(self._kept, free)

    def _is_old(self) -> bool:
        return identity(self._temporary.lstat()) == self._old

    def _is_ours(self, path: Path) -> bool:
        """Tell whether a name is that of the file that we made, unchanged."""
        try:
            same = os.path.samestat(path.lstat(), self._new)
            return same and _holds(path, self._data)
        except OSError:
            return False

    def _changed(self) -> ConflictError:
        return ConflictError(
            f"{self.target} changed meanwhile; nothing was written.",
            hint="Look at the file, and try again.",
            code="changed",
        )


class _Step:
    """What was done so far, in order."""

    def __init__(self, *, always_there: bool) -> None:
        self._always_there = always_there
        self._folders: list[Path] = []
        self._files: list[_File] = []

    def prepare(
        self,
        target: Path,
        before: bytes | None,
        data: bytes,
        *,
        keep_owner: bool,
    ) -> None:
        missing = []
        folder = target.parent
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for folder in reversed(missing):
            folder.mkdir()
            self._folders.append(folder)
        temporary = write_beside(target, data, keep_owner=keep_owner)
        self._files.append(
            _File(
                target,
                before,
                data,
                temporary,
                always_there=self._always_there,
            )
        )

    def exchange(self) -> None:
        for file in self._files:
            file.exchange()
        for folder in self._touched():
            fsync_directory(folder)
        # A program that had a file open may have written to it since.
        for file in self._files:
            file.check()

    def undo(self, cause: BaseException) -> None:
        remains = []
        for file in reversed(self._files):
            try:
                file.undo()
            except OSError as exc:
                cause = exc
            remains.append(file.remains())
        for folder in reversed(self._folders):
            with contextlib.suppress(OSError):
                folder.rmdir()
        if any(remains):
            raise _not_undone(cause, filter(None, remains)) from cause

    def finish(self) -> None:
        """Delete what has no use any more: the old content."""
        for file in self._files:
            with contextlib.suppress(OSError):
                file.finish()

    def _touched(self) -> list[Path]:
        folders = [file.target.parent for file in self._files]
        folders += [folder.parent for folder in self._folders]
        return list(dict.fromkeys(folders))


def _not_undone(
    cause: BaseException, remains: Iterable[str]
) -> EnvironmentFailureError:
    reason = cause if isinstance(cause, OSError) else OSError()
    error = to_user_error(reason, "undo a change that failed")
    return EnvironmentFailureError(
        " ".join([error.message, *remains]),
        hint="Nothing is lost. Compare the files that are named, and rename "
        "the right one back yourself.",
        code=error.code,
    )


def _content(path: Path) -> bytes | None:
    try:
        return read_if_there(path)
    except UnreadableFileError as exc:
        if isinstance(exc.__cause__, OSError):
            raise exc.__cause__ from None
        raise OSError(errno.EINVAL, exc.reason, str(path)) from exc


def _holds(path: Path, data: bytes) -> bool:
    """Tell whether a file has exactly this content."""
    try:
        return read_if_there(path, limit=len(data)) == data
    except UnreadableFileError as exc:
        if isinstance(exc.__cause__, OSError):
            raise exc.__cause__ from None
        return False
