"""What the bot knows, on disk.

Two files, each with one writer: the bot's own state, and the wish of its user
that it pauses. So neither overwrites the other, whichever is killed when.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...errors import (
    BadDocumentError,
    MissingFileError,
    UnreadableFileError,
)
from ...files import to_user_error
from ...files.documents import load_json
from ...files.durable import write_atomic, write_json
from ...files.locks import FileLock
from ...wire import utc_now
from .models import BotState

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BotStore"]


class BotStore:
    """The bot's files.

    Parameters
    ----------
    data_dir
        Our own folder.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "bot"
        self._lock = self._folder / "lock"
        self._state = self._folder / "state.json"
        self._pause = self._folder / "paused.json"

    def lock(self) -> FileLock:
        """Return what only one bot of a home has."""
        return FileLock(
            self._lock, action="rsp-health run --every", what="The test bot"
        )

    @property
    def is_alive(self) -> bool:
        """Whether a bot is at work, on whichever machine."""
        return FileLock.holder(self._lock) is not None

    def read(self) -> BotState | None:
        """Return what is known; `None` if there is nothing, or nonsense.

        Raises
        ------
        rsp_health.errors.UnreadableFileError
            Raised if it cannot be read now: another bot is not to begin at
            nothing for that.
        """
        try:
            return BotState.model_validate(load_json(self._state))
        except (MissingFileError, BadDocumentError, ValueError):
            return None

    def write(self, state: BotState) -> None:
        """Store what is known, durably.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if it cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self._state, state.model_dump_json(indent=1).encode())
        except OSError as exc:
            raise to_user_error(
                exc, f"keep what the test bot knows in {self._folder}"
            ) from exc

    def paused_since(self) -> datetime | None:
        """Return since when it is to pause; `None` if it is not.

        A file that cannot be read is a pause, too: its user asked for one.
        """
        try:
            since = datetime.fromisoformat(load_json(self._pause)["since"])
        except MissingFileError:
            return None
        except (UnreadableFileError, ValueError, KeyError, TypeError):
            return self._paused_at()
        return since if since.tzinfo else since.replace(tzinfo=UTC)

    def _paused_at(self) -> datetime:
        """Return when the file was written, which is the same at each look."""
        try:
            written = self._pause.stat().st_mtime
        except OSError:
            return utc_now()
        return datetime.fromtimestamp(written, UTC)

    def pause(self) -> bool:
        """Let the bot pause; false if it was to already.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if that cannot be written.
        """
        if self.paused_since() is not None:
            return False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_json(self._pause, {"since": utc_now().isoformat()})
        except OSError as exc:
            raise to_user_error(exc, f"pause, in {self._folder}") from exc
        return True

    def resume(self) -> bool:
        """Let the bot go on; false if it was not to pause."""
        was = self.paused_since() is not None
        with contextlib.suppress(FileNotFoundError):
            self._pause.unlink()
        return was
