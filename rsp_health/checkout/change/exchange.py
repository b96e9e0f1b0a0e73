"""Put a tree in the place of another one, so that a crash loses neither.

The order is the point: the journal is on disk before anything moves; the
user's tree is only ever renamed, never written to and never inside a folder
that we delete; what is new is complete before it gets its name. `recover`
reads the journal and finishes or undoes.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ...files import (
    FileLock,
    fsync_directory,
    read_json,
    rename_noreplace,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CheckoutSlot"]

_SCHEMA = "rsp-health.journal/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Journal:
    """What an exchange is about to do; names are below the parent.

    Parameters
    ----------
    kind
        The operation.
    source
        What shall become the target; `None` if nothing shall.
    backup
        The name that the present target gets; `None` if there is none.
    """

    kind: str
    source: str | None
    backup: str | None
    schema: Literal["rsp-health.journal/1"] = "rsp-health.journal/1"


class CheckoutSlot:
    """A folder that can be exchanged, and the work area beside it.

    Parameters
    ----------
    target
        The checkout's absolute path.
    work_area
        A folder on the same file system for locks, journals and clones.
    """

    def __init__(self, target: Path, work_area: Path) -> None:
        self.target = target
        self.parent = target.parent
        self.work_area = work_area
        self._journal = work_area / "journal" / f"{target.name}.json"
        self.lock_path = work_area / "locks" / target.name
        self._temporary = re.compile(
            rf"tmp-{re.escape(target.name)}-[0-9a-f]{{12}}"
        )

    def lock(self, action: str) -> FileLock:
        """Return the lock that every change to this place needs."""
        return FileLock(
            self.lock_path,
            action=action,
            what=f"The folder {self.target.name}",
        )

    @property
    def needs_recovery(self) -> bool:
        """Whether an exchange was interrupted."""
        return self._journal.exists()

    def make_temporary(self) -> Path:
        """Make a folder of our own on the target's file system."""
        path = self._new_temporary()
        path.mkdir(parents=True)
        return path

    def _new_temporary(self) -> Path:
        name = f"tmp-{self.target.name}-{secrets.token_hex(6)}"
        return self.work_area / name

    def exchange(
        self,
        kind: str,
        *,
        source: Path | None,
        backup: Path | None,
        check: Callable[[], None],
    ) -> None:
        """Rename the target to ``backup`` and ``source`` to the target.

        Parameters
        ----------
        kind
            The operation, for the journal.
        source
            A complete tree below the parent, or `None` to leave the place
            empty.
        backup
            A name beside the target that is free, or `None` if there is no
            target.
        check
            Called last; raises if the lock was lost.

        Raises
        ------
        OSError
            Raised if the file system refused; then everything stands as
            before, or `recover` will see to it.
        """
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        journal = _Journal(
            kind=kind,
            source=None if source is None else self._relative(source),
            backup=None if backup is None else self._relative(backup),
        )
        check()
        write_json(self._journal, asdict(journal))
        try:
            if backup is not None:
                rename_noreplace(self.target, backup)
            if source is not None:
                try:
                    rename_noreplace(source, self.target)
                except OSError:
                    if backup is not None:
                        rename_noreplace(backup, self.target)
                    raise
        except OSError:
            if backup is None or os.path.lexists(self.target):
                self._clear()
            raise
        # From here on the exchange has happened, whatever fails.
        with contextlib.suppress(OSError):
            fsync_directory(self.parent)
            if source is not None:
                fsync_directory(source.parent)
            self._clear()

    def recover(self) -> None:
        """Finish or undo an interrupted exchange; the lock must be held.

        Idempotent. Whatever had no name of its own yet is rubbish and goes;
        a folder that once was the user's is never deleted here.

        Raises
        ------
        OSError
            Raised if the file system refused; the next call tries again.
        """
        if self.needs_recovery:
            journal = self._read()
            if journal is not None and not os.path.lexists(self.target):
                self._complete(journal)
            fsync_directory(self.parent)
            self._journal.unlink(missing_ok=True)
        self.sweep()

    def _read(self) -> _Journal | None:
        document: Any = read_json(self._journal)
        if not isinstance(document, dict):
            return None
        if document.get("schema") != _SCHEMA:
            return None
        try:
            return _Journal(**document)
        except TypeError:
            return None

    def _complete(self, journal: _Journal) -> None:
        source = self._absolute(journal.source)
        backup = self._absolute(journal.backup)
        if source is not None and source.is_dir():
            rename_noreplace(source, self.target)
        elif journal.kind != "remove" and backup and backup.is_dir():
            rename_noreplace(backup, self.target)

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.parent))

    def _absolute(self, name: str | None) -> Path | None:
        """Return a journalled path if it is one that we could have written."""
        if name is None or ".." in Path(name).parts:
            return None
        path = self.parent / name
        return path if path.parent.is_relative_to(self.parent) else None

    def _clear(self) -> None:
        self._journal.unlink(missing_ok=True)
        fsync_directory(self._journal.parent)

    def discard(self, tree: Path) -> None:
        """Delete a tree that holds nothing of the user's.

        It loses its name first, so that a crash leaves rubbish that `sweep`
        knows, and not half a backup.
        """
        rubbish = self._new_temporary()
        try:
            rename_noreplace(tree, rubbish)
        except PermissionError:
            # A folder that moves to another parent must be writable itself.
            tree.chmod(stat.S_IMODE(tree.stat().st_mode) | stat.S_IRWXU)
            rename_noreplace(tree, rubbish)
        remove_tree(rubbish)

    def sweep(self) -> None:
        """Delete what interrupted operations left of their clones."""
        with contextlib.suppress(FileNotFoundError):
            for path in list(self.work_area.iterdir()):
                if self._temporary.fullmatch(path.name):
                    remove_tree(path)


def remove_tree(path: Path) -> None:
    """Delete a folder as far as possible; read-only folders in it, too.

    What cannot go now, such as a file that a kernel keeps open on NFS
    (``.nfs...``), goes with the next `CheckoutSlot.sweep`.
    """
    _delete(path)
    if not os.path.lexists(path):
        return
    for parent, folders, _ in os.walk(path):
        for name in (".", *folders):
            folder = Path(parent, name)
            # A link may lead to a folder that is somebody else's business.
            if not folder.is_symlink():
                with contextlib.suppress(OSError):
                    folder.chmod(stat.S_IRWXU)
    _delete(path)


def _delete(path: Path) -> None:
    try:
        shutil.rmtree(path, ignore_errors=True)
    except RecursionError:
        # Before Python 3.13, for folders a thousand levels deep.
        subprocess.run(
            ["rm", "-rf", "--", os.fspath(path)],
            stderr=subprocess.DEVNULL,
            check=False,
        )
