"""Whether something was installed since a kernel was started.

A Python reads ``.pth`` files and runs ``sitecustomize`` once, at its start. A
kernel that was started ahead of its notebook would not have what the notebook
before installed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from ..kernel_host import sites

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FOLDERS", "InstallWatch", "Places"]

#: What an IPython kernel is asked: see `sites.folders`.
FOLDERS = (
    "[*__import__('sys').path, *__import__('site').getsitepackages(), "
    "__import__('site').getusersitepackages()]"
)


class Places:
    """Where the kernels of one kernelspec find what is installed.

    Unknown until one of them has told.
    """

    def __init__(self) -> None:
        self._folders: list[str] = []
        #: As it was when the folders became known.
        self.first: list[list[object]] = []

    def learn(
        self, folders: list[str], state: list[list[object]] | None = None
    ) -> None:
        """Take what the first of these kernels tells."""
        if not self._folders:
            self._folders = folders
            self.first = sites.state(folders) if state is None else state

    def learn_from(self, reply: dict[str, Any]) -> None:
        """Take a kernel's answer to `FOLDERS`, if it is one."""
        try:
            text = reply["user_expressions"]["folders"]["data"]["text/plain"]
            told = [str(path) for path in ast.literal_eval(text)]
        except (LookupError, TypeError, ValueError, SyntaxError):
            return
        self.learn([path for path in dict.fromkeys(told) if path[:1] == "/"])

    def state(self) -> list[list[object]]:
        """Return what is there now; nothing if the folders are unknown."""
        return sites.state(self._folders)


class InstallWatch:
    """Tells whether anything was installed since it was made.

    Parameters
    ----------
    places
        Where to look.
    hear
        Called before, for what may have been told about the places.
    """

    def __init__(
        self, places: Places, hear: Callable[[], None] | None = None
    ) -> None:
        self.places = places
        self._hear = hear
        self._before = places.state()

    def has_changed(self) -> bool:
        """Whether anything was installed, as far as can be known."""
        if self._hear is not None:
            self._hear()
        before = self._before or self.places.first
        return bool(before) and self.places.state() != before
