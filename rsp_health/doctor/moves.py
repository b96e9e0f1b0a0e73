"""Moves what is in the way aside, so that it can be put back exactly.

A fix is a rename, never a deletion or a copy. What is moved, and where to, is
written down before the first rename; after a crash at any moment the journal
still tells the whole way back, and nothing is replaced in either direction.

Things go where the platform itself puts them when a user resets the
environment: ``~/.user_env.<UTC>/``, with ``local`` for ``.local``.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInputError, NotFoundError
from ..files import (
    fsync_directory,
    load_json,
    rename_noreplace,
    to_user_error,
    write_json,
)
from ..wire import utc_now
from .models import Moved, Repair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MoveJournal"]

_STAMP = "%Y%m%d%H%M%S"
_ID = re.compile(r"\d{14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """A rename that was written down.

    What is renamed is known by its inode, which a rename keeps; the number
    of its device is another one after each mount.
    """

    source: Path
    target: Path
    inode: int

    def told(self) -> dict[str, Any]:
        return {
            "source": str(self.source),
            "target": str(self.target),
            "inode": self.inode,
        }

    def is_at(self, path: Path) -> bool:
        """Whether what was moved is there now."""
        try:
            return path.lstat().st_ino == self.inode
        except FileNotFoundError:
            return False


class MoveJournal:
    """The moves that were made, each under an id.

    Parameters
    ----------
    folder
        Where they are written down. Made when needed.
    home
        The home folder that things are moved aside in.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self._folder = folder
        self._home = home

    def plan(self, check: str, aside: Mapping[Path, str]) -> Repair:
        """Return what `move` would do.

        Parameters
        ----------
        check
            The check whose fix it is.
        aside
            What is moved, and its name in the folder for it.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if the home cannot be looked at.
        """
        try:
            id = self._free_id()
        except OSError as exc:
            raise to_user_error(exc, "see where it would be moved") from exc
        top = self._top(id)
        return Repair(
            id=id,
            check=check,
            state="planned",
            moves=[
                Moved(source=str(source), target=str(top / name))
                for source, name in aside.items()
            ],
        )

    def _free_id(self) -> str:
        at = utc_now()
        while True:
            id = at.strftime(_STAMP)
            journal = self._folder / f"{id}.json"
            if not self._top(id).exists() and not journal.exists():
                return id
            at += timedelta(seconds=1)

    def move(self, plan: Repair) -> Repair:
        """Do what was planned.

        Raises
        ------
        rsp_health.errors.EnvironmentFailureError
            Raised if something cannot be moved; then nothing is.
        """
        try:
            moves = [_about(step) for step in plan.moves]
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            journal = self._folder / f"{plan.id}.json"
            write_json(
                journal,
                {"check": plan.check, "moves": [m.told() for m in moves]},
            )
            self._rename(moves, journal)
        except OSError as exc:
            raise to_user_error(exc, "move it aside") from exc
        return plan.model_copy(update={"state": "done"})

    def _rename(self, moves: Sequence[_Move], journal: Path) -> None:
        try:
            for move in moves:
                move.target.parent.mkdir(
                    mode=0o700, parents=True, exist_ok=True
                )
                rename_noreplace(move.source, move.target)
                fsync_directory(move.target.parent)
                fsync_directory(move.source.parent)
        except OSError:
            # What cannot be put back now is put back by `undo`.
            with contextlib.suppress(OSError):
                problems = [self._put_back(m) for m in reversed(moves)]
                if not any(problems):
                    for move in moves:
                        self._remove_empty(move.target.parent)
                    journal.unlink(missing_ok=True)
            raise

    def latest(self) -> str:
        """Return the id of the last moves that were not undone.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised with code ``nothing_to_undo`` if there are none.
        """
        ids = []
        with contextlib.suppress(FileNotFoundError):
            ids = [
                path.stem
                for path in self._folder.glob("*.json")
                if _ID.fullmatch(path.stem)
            ]
        if not ids:
            raise NotFoundError(
                "There is no fix to undo.",
                hint="What was undone stays so.",
                code="nothing_to_undo",
            )
        return max(ids)

    def undo(self, id: str) -> Repair:
        """Put back what was moved.

        What took its place since stays, and what was moved then stays where
        it is; a second try is possible.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if nothing is known under the id.
        """
        journal = self._folder / f"{id}.json"
        if not _ID.fullmatch(id) or not journal.is_file():
            raise NotFoundError(
                "Nothing is known of such a fix.",
                hint="It may have been undone already.",
                code="no_such_undo",
            )
        check, moves = _read(journal)
        told = []
        for move in reversed(moves):
            try:
                problem = self._put_back(move)
            except OSError as exc:
                problem = to_user_error(exc, "put it back").message
            told.append(
                Moved(
                    source=str(move.target),
                    target=str(move.source),
                    problem=problem,
                )
            )
        is_whole = not any(step.problem for step in told)
        if is_whole:
            journal.unlink()
        return Repair(
            id=id,
            check=check,
            state="undone" if is_whole else "partly_undone",
            moves=told,
        )

    def _put_back(self, move: _Move) -> str:
        """Return why it cannot be; empty if it is where it was."""
        if move.is_at(move.source):
            return ""
        if not move.is_at(move.target):
            return "It is not where it was moved to."
        try:
            move.source.parent.mkdir(parents=True, exist_ok=True)
            rename_noreplace(move.target, move.source)
        except FileExistsError:
            return f"There is another {move.source} by now; it stays."
        fsync_directory(move.source.parent)
        self._remove_empty(move.target.parent)
        return ""

    def _remove_empty(self, folder: Path) -> None:
        """Remove the folders that were made for it, if nothing is in them."""
        while folder.is_relative_to(self._home) and folder != self._home:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass  # It was not made yet.
            except OSError:
                return
            folder = folder.parent

    def _top(self, id: str) -> Path:
        return self._home / f".user_env.{id}"


def _about(step: Moved) -> _Move:
    source = Path(step.source)
    inode = source.lstat().st_ino
    return _Move(source=source, target=Path(step.target), inode=inode)


def _read(journal: Path) -> tuple[str, list[_Move]]:
    document = load_json(journal)
    try:
        return str(document["check"]), [
            _Move(
                source=Path(move["source"]),
                target=Path(move["target"]),
                inode=int(move["inode"]),
            )
            for move in document["moves"]
        ]
    except (KeyError, TypeError, ValueError) as exc:
        raise BadInputError(
            f"{journal} does not say what was moved.",
            hint="It was moved into a folder ~/.user_env.*, from where it "
            "can be moved back by hand.",
            code="bad_undo",
        ) from exc
