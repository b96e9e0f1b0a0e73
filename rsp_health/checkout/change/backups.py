"""What was moved aside: names, list, contents, and how long it is kept."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ...errors import NotFoundError
from ...files import KEPT_PREFIX, read_json, to_user_error, write_json
from ...wire import utc_now
from ..inspect.changes import shown
from ..inspect.survey import survey
from ..inspect.tree_report import look
from ..models import Backup, FileChange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...git.runner import Git
    from ..inspect.tree_report import TreeReport
    from ..repositories import ConfiguredRepository

__all__ = ["KEPT_AGE", "KEPT_NUMBER", "MARKER", "Backups"]

KEPT_AGE = timedelta(days=30)
"""A backup younger than this is never expired."""

KEPT_NUMBER = 3
"""As many of the newest backups are never expired."""

_STAMP = "%Y%m%dT%H%M%SZ"
MARKER = ".rsp-health-backup.json"
"""At the top of a backup of single files: what they are."""

_SCHEMA = "rsp-health.backup/1"
_ID = re.compile(r"([0-9]{8}T[0-9]{6}Z)(?:-[0-9a-f]{4})?")


class Backups:
    """The backups of one checkout, beside it.

    Parameters
    ----------
    repository
        The checkout.
    git, scratch
        To see what is in a backup.
    """

    def __init__(
        self, repository: ConfiguredRepository, *, git: Git, scratch: Path
    ) -> None:
        self._repository = repository
        self._git = git
        self._scratch = scratch
        self._prefix = f"{repository.path.name}.backup-"
        self._notes = repository.work_area / "backups"

    def new_path(self) -> Path:
        """Return a free name for the present tree."""
        stamp = utc_now().strftime(_STAMP)
        path = self._path(stamp)
        while os.path.lexists(path):
            path = self._path(f"{stamp}-{secrets.token_hex(2)}")
        return path

    def _path(self, backup_id: str) -> Path:
        return self._repository.path.with_name(self._prefix + backup_id)

    def id_of(self, path: Path) -> str:
        """Return the id of a backup's folder."""
        return path.name.removeprefix(self._prefix)

    def ids(self) -> list[str]:
        """List the ids, newest first, without looking inside."""
        return sorted(self._found(), reverse=True)

    def _found(self) -> Iterator[str]:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for entry in os.scandir(self._repository.path.parent):
                backup_id = entry.name.removeprefix(self._prefix)
                if (
                    entry.name.startswith(self._prefix)
                    and _is_id(backup_id)
                    and entry.is_dir(follow_symlinks=False)
                ):
                    yield backup_id

    def find(self, backup_id: str) -> Path:
        """Return the folder of a backup.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is none.
        rsp_health.errors.EnvironmentFailureError
            Raised if the file system does not answer.
        """
        known = _is_id(backup_id)
        path = self._path(backup_id if known else "-")
        try:
            found = known and path.is_dir() and not path.is_symlink()
        except OSError as exc:
            raise to_user_error(
                exc, f"look at the backup {backup_id}"
            ) from exc
        if not found:
            raise NotFoundError(
                f"{self._repository.config.title} has no backup"
                f" {backup_id[:40]!r}.",
                hint="List them with: rsp-health checkout backups"
                f" {self._repository.id}",
                code="no_such_backup",
            )
        return path

    def describe_all(self) -> list[Backup]:
        """Describe every backup, newest first."""
        oldest_kept = utc_now() - KEPT_AGE
        found = []
        for index, backup_id in enumerate(self.ids()):
            backup = self._describe(backup_id)
            expired = index >= KEPT_NUMBER and backup.created_at < oldest_kept
            found.append(backup.model_copy(update={"expired": expired}))
        return found

    def _describe(self, backup_id: str) -> Backup:
        note = read_json(self._note(backup_id))
        if isinstance(note, dict):
            with contextlib.suppress(ValidationError):
                return Backup.model_validate(note)
        path = self._path(backup_id)
        names = self.files_in(path)
        if names is not None:
            return self.note_files(backup_id, names)
        report = look(
            path,
            repository=self._repository.id,
            git=self._git,
            scratch=self._scratch,
        )
        return self.note(backup_id, report)

    def files_in(self, path: Path) -> list[str] | None:
        """Return the files of a backup of files; `None` if it is a tree.

        A tree may hold a file of the marker's name: any repository can. It
        also has a ``.git``, which no file that can be reset lies in.
        """
        marker = path / MARKER
        if os.path.lexists(path / ".git") or marker.is_symlink():
            return None
        document = read_json(marker)
        try:
            if document["schema"] == _SCHEMA:
                return [str(name) for name in document["files"]]
        except (TypeError, KeyError):
            pass
        return None

    def mark_files(self, path: Path, names: list[str]) -> None:
        """Make a folder a backup of files.

        Raises
        ------
        OSError
            Raised if the mark cannot be stored.
        """
        write_json(path / MARKER, {"schema": _SCHEMA, "files": names})

    def half_done(self) -> list[tuple[Path, str]]:
        """List the backups of files in which a swap was interrupted.

        Returns
        -------
        list
            The backup's folder, and the file's path below the checkout.
        """
        found = []
        for path in map(self._path, self.ids()):
            for name in self.files_in(path) or ():
                folder = (path / name).parent
                if any(folder.glob(f"{KEPT_PREFIX}*")):
                    found.append((path, name))
        return found

    def holds_more(self, path: Path) -> bool:
        """Whether anything but the marker is left of a backup of files."""
        found = survey(path)
        return bool(found.files > 1 or found.unreadable)

    def note(self, backup_id: str, report: TreeReport) -> Backup:
        """Remember what is in a backed-up tree, and return it."""
        return self._remember(
            Backup(
                id=backup_id,
                directory=self._relative(backup_id),
                created_at=_made(backup_id),
                size_bytes=report.size_bytes,
                commit=report.head,
                changes=report.changes,
                changes_omitted=report.omitted,
            )
        )

    def note_files(self, backup_id: str, names: list[str]) -> Backup:
        """Remember what is in a backup of files, and return it."""
        path = self._path(backup_id)
        return self._remember(
            Backup(
                id=backup_id,
                kind="files",
                directory=self._relative(backup_id),
                created_at=_made(backup_id),
                size_bytes=survey(path).size_bytes,
                changes=[
                    FileChange(path=shown(name), kind="modified")
                    for name in names
                ],
            )
        )

    def _remember(self, backup: Backup) -> Backup:
        # Only saves the work of looking again.
        with contextlib.suppress(OSError):
            self._notes.mkdir(parents=True, exist_ok=True)
            document: Any = backup.model_dump(mode="json")
            write_json(self._note(backup.id), document)
        return backup

    def forget(self, backup_id: str) -> None:
        """Drop the note of a backup that is no longer one."""
        with contextlib.suppress(OSError):
            self._note(backup_id).unlink(missing_ok=True)

    def _note(self, backup_id: str) -> Path:
        return self._notes / f"{self._prefix}{backup_id}.json"

    def _relative(self, backup_id: str) -> str:
        folder = self._repository.relative.rpartition("/")[0]
        name = self._prefix + backup_id
        return f"{folder}/{name}" if folder else name


def _is_id(text: str) -> bool:
    """Whether this is the stamp of a moment, so a backup of ours."""
    if not _ID.fullmatch(text):
        return False
    try:
        _made(text)
    except ValueError:
        return False
    return True


def _made(backup_id: str) -> datetime:
    stamp = backup_id.partition("-")[0]
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
