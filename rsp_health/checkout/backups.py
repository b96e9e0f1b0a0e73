"""Trees that were moved aside: names, list, and what is in them."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..errors import NotFoundError
from ..files import read_json, write_json
from ..wire import utc_now
from .inspect import look
from .models import Backup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .git import Git
    from .inspect import TreeReport
    from .repositories import ConfiguredRepository

__all__ = ["Backups"]

_STAMP = "%Y%m%dT%H%M%SZ"
_ID = re.compile(r"(\d{8}T\d{6}Z)(?:-[0-9a-f]{4})?")


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
                    and _ID.fullmatch(backup_id)
                    and entry.is_dir(follow_symlinks=False)
                ):
                    yield backup_id

    def find(self, backup_id: str) -> Path:
        """Return the folder of a backup.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is none.
        """
        path = self._path(backup_id)
        known = _ID.fullmatch(backup_id) is not None
        if not known or path.is_symlink() or not path.is_dir():
            raise NotFoundError(
                f"{self._repository.config.title} has no backup"
                f" {backup_id[:40]!r}.",
                hint="List them with: rsp-health checkout backups"
                f" {self._repository.id}",
                code="no_such_backup",
            )
        return path

    def list(self) -> list[Backup]:
        """Describe every backup, newest first."""
        return [self._describe(backup_id) for backup_id in self.ids()]

    def _describe(self, backup_id: str) -> Backup:
        note = read_json(self._note(backup_id))
        if isinstance(note, dict):
            with contextlib.suppress(ValidationError):
                return Backup.model_validate(note)
        report = look(
            self._path(backup_id),
            repository=self._repository.id,
            git=self._git,
            scratch=self._scratch,
        )
        return self.note(backup_id, report)

    def note(self, backup_id: str, report: TreeReport) -> Backup:
        """Remember what is in a backup, and return it."""
        match = _ID.fullmatch(backup_id)
        stamp = match[1] if match else ""
        backup = Backup(
            id=backup_id,
            directory=self._relative(backup_id),
            created_at=datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC),
            size_bytes=report.size_bytes,
            commit=report.head,
            changes=report.changes,
            changes_omitted=report.omitted,
        )
        # Only saves the work of looking again.
        with contextlib.suppress(OSError):
            self._notes.mkdir(parents=True, exist_ok=True)
            document: Any = backup.model_dump(mode="json")
            write_json(self._note(backup_id), document)
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
