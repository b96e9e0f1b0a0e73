"""Strip on save: notebooks of chosen folders are written without outputs.

Jupyter calls `StripOnSave.strip` with what is about to be written, before it
signs it, so the document in the browser keeps its outputs. The write itself is
ours for these notebooks: Jupyter's own goes into the file in place, and a
crash in the middle leaves half of it.

Imported at the start of every lab: what it needs waits for the first save.
"""

from __future__ import annotations

import errno
import io
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.services.contents.fileio import FileManagerMixin

from ...errors import (
    BadInputError,
    MissingFileError,
    RSPHealthError,
    UnreadableFileError,
)
from ...files import load_json
from ...files.remembered import Remembered
from ..failures import report

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator

    from jupyter_server.services.contents.manager import ContentsManager

    from ...cleaning.models import StripOnSave as Settings
    from ...cleaning.policy import Policy

__all__ = ["StripOnSave"]

#: Bytes of the list of folders; a save waits for it.
_STORE_BYTES = 65_536


class StripOnSave:
    """Strips notebooks of chosen folders when they are saved.

    Parameters
    ----------
    contents
        The server's contents manager, of whatever class its operator chose.
    store
        The file that names the folders. It is looked at with each save: two
        labs may share a home.
    publish
        Called with the event when a notebook was saved with its outputs.
    log
        The server's log.
    """

    def __init__(
        self,
        *,
        contents: ContentsManager,
        store: Path,
        publish: Callable[[dict[str, Any]], None],
        log: logging.Logger,
    ) -> None:
        self._contents = contents
        self._store = store
        self._publish = publish
        self._log = log
        self._choice_lost = False
        # A save keeps the whole server waiting: files are read once.
        self._chosen: Remembered[list[str]] = Remembered()
        self._policies: Remembered[Policy] = Remembered()

    @property
    def supported(self) -> bool:
        """Whether this lab's notebooks are files."""
        return isinstance(self._contents, FileManagerMixin)

    def attach(self) -> None:
        """Take part in the saves of the contents manager.

        Hooks that others have registered are called, too, and before.
        """
        if not isinstance(self._contents, FileManagerMixin):
            return
        self._contents.register_pre_save_hook(self.strip)
        self._make_durable(self._contents)

    def settings(self) -> Settings:
        """Return the chosen folders, and which of them do not exist."""
        from ...cleaning.models import StripOnSave as Settings

        folders = self._folders()
        return Settings(
            folders=folders,
            missing=[f for f in folders if not self._place(f).is_dir()],
            supported=self.supported,
        )

    def choose(self, folders: list[str]) -> Settings:
        """Choose the folders, durably.

        Parameters
        ----------
        folders
            Relative to the root; ``/`` stands for the root itself.

        Raises
        ------
        rsp_health.errors.BadInputError
            Raised if a folder leaves the root; nothing is changed then.
        rsp_health.errors.EnvironmentFailureError
            Raised if the choice cannot be stored.
        """
        from ...files import resolve_inside, to_user_error, write_json

        chosen = []
        for folder in folders:
            name = os.path.normpath(folder.strip("/") or ".")
            resolve_inside(self._root, name)
            chosen.append("/" if name == "." else name)
        if not chosen and not self._store.exists():
            return self.settings()
        document = {"folders": sorted(set(chosen))}
        if len(json.dumps(document, indent=1)) >= _STORE_BYTES:
            raise BadInputError(
                "The names of these folders are too long.",
                hint="Choose fewer folders, or one that holds them.",
            )
        try:
            self._store.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._store, document)
        except OSError as exc:
            doing = "store which folders are stripped on save"
            raise to_user_error(exc, doing) from exc
        return self.settings()

    def strip(self, *, model: dict[str, Any], path: str, **_: Any) -> None:
        """Take the outputs out of what is about to be written.

        Nothing that goes wrong here may keep a user from saving: then the
        notebook is saved as it is, and the user is told.
        """
        if model.get("type") != "notebook" or "content" not in model:
            return
        try:
            place = self._place(path)
            if self._covers(place):
                model["content"] = self._stripped(model["content"], place)
            self._choice_lost = False
        except RSPHealthError as exc:
            # Perhaps this folder was never chosen: telling once is enough.
            if exc.code != "bad_choice" or not self._choice_lost:
                self._tell(path, exc.code, f"{exc.message} {exc.hint}".strip())
            self._choice_lost = exc.code == "bad_choice"
        except Exception as exc:  # noqa: BLE001 - see above
            report(self._log, "stripping a notebook that was saved", exc)
            what = "rsp-health failed in a way that it should not."
            self._tell(path, "internal", what)

    @property
    def _root(self) -> Path:
        return Path(self._contents.root_dir)

    def _place(self, path: str) -> Path:
        return self._root / path.strip("/")

    def _stripped(self, content: Any, place: Path) -> dict[str, Any]:
        from ...cleaning.policy import PolicyFinder
        from ...cleaning.splice.content import strip_content
        from ...cleaning.splice.notebook_text import BrokenNotebookError

        policy = PolicyFinder(self._policy).of_file(place)
        try:
            return strip_content(content, policy)
        except BrokenNotebookError as exc:
            raise BadInputError(
                f"It is {exc}.", hint="Correct the notebook.", code="broken"
            ) from exc

    def _policy(self, root: Path) -> Policy:
        from ...cleaning.policy import SETTINGS_FILES, load_policy

        paths = tuple(root / name for name in SETTINGS_FILES)
        return self._policies.get(paths, lambda: load_policy(root))

    def _folders(self) -> list[str]:
        return self._chosen.get((self._store,), self._read_folders)

    def _read_folders(self) -> list[str]:
        from ...cleaning.policy import MOST_FOLDERS

        try:
            document = load_json(self._store, limit=_STORE_BYTES)
            folders = [str(folder) for folder in document["folders"]]
        except MissingFileError:
            return []
        except (UnreadableFileError, TypeError, KeyError) as exc:
            raise self._unreadable() from exc
        if len(folders) > MOST_FOLDERS:
            raise self._unreadable()
        return folders

    def _unreadable(self) -> BadInputError:
        return BadInputError(
            f"{self._store} cannot be read.",
            hint="Choose the folders again in the settings of RSP Health.",
            code="bad_choice",
        )

    def _covers(self, place: Path) -> bool:
        """Tell whether a file is in a chosen folder, by name or by links."""
        folders = [self._place(folder) for folder in self._folders()]
        if any(place.is_relative_to(folder) for folder in folders):
            return True
        # Compared by inodes: to follow the links of a long path takes long.
        above = set(map(_inode, place.resolve().parents)) if folders else set()
        return any(_inode(folder) in above for folder in folders)

    def _tell(self, path: str, code: str, message: str) -> None:
        self._log.warning(
            "rsp-health: a notebook was saved with its outputs: %s", code
        )
        self._publish({"path": path, "code": code, "message": message})

    def _make_durable(self, contents: FileManagerMixin) -> None:
        """Write the notebooks of chosen folders beside them, then rename."""
        original = contents.atomic_writing

        @contextmanager
        def writing(os_path: str, *args: Any, **kwargs: Any) -> Iterator[Any]:
            text = args[0] if args else kwargs.get("text", True)
            if not (text and self._is_ours(Path(os_path))):
                with original(os_path, *args, **kwargs) as stream:
                    yield stream
                return
            with contents.perm_to_403(os_path):
                stream = io.StringIO()
                yield stream
                encoding = kwargs.get("encoding", "utf-8")
                _write(Path(os_path), stream.getvalue().encode(encoding))

        # On the one object, not its class: an operator may have another
        # class, and other servers of this process are none of our business.
        contents.atomic_writing = writing  # type: ignore[method-assign]

    def _is_ours(self, path: Path) -> bool:
        try:
            return (
                path.suffix.lower() == ".ipynb"
                and self._covers(path)
                # Where no file can be made beside it, Jupyter writes in place;
                # so it does where a new file would be another one.
                and os.access(path.resolve().parent, os.W_OK)
                and _may_be_replaced(path)
            )
        except (RSPHealthError, OSError, RuntimeError):
            return False


def _inode(folder: Path) -> tuple[int, int] | str:
    """Return what two names of one folder have in common."""
    try:
        status = folder.stat()
    except (OSError, ValueError):
        return str(folder)  # not there: it is only like itself
    return status.st_dev, status.st_ino


def _may_be_replaced(path: Path) -> bool:
    """Whether a file is the user's own, and has no second name."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return True
    return status.st_nlink == 1 and (
        os.geteuid() == 0
        or (
            status.st_uid == os.geteuid()
            and status.st_gid in {os.getegid(), *os.getgroups()}
        )
    )


def _write(path: Path, data: bytes) -> None:
    from ...files import write_atomic

    # As Jupyter: replacing a read-only file would overrule who made it so.
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "read-only", str(path))
    write_atomic(path, data)
