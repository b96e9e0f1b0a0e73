"""What of a tree's history upstream has not.

Commits are compared by references of ours in the fresh directory of a
`.view.TrustedView`: there may be more of them than fit on a command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .refs import SHA
from .view import OUR_REFS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .view import TrustedView

__all__ = ["History", "messages_of"]

_TIPS, _KNOWN = "tips", "known"


class History:
    """Compares what the user may have with what upstream has.

    Parameters
    ----------
    view
        The tree.
    tips
        Where the user's history may be: objects by any name that can end
        the name of a reference.
    known
        Objects that upstream has, and with them all that they reach. Those
        that are not in the tree's store count for nothing.
    """

    def __init__(
        self, view: TrustedView, tips: dict[str, str], known: Iterable[str]
    ) -> None:
        self._view = view
        view.set_names(_TIPS, tips)
        view.set_names(_KNOWN, {sha: sha for sha in known})

    def commits(self, *, limit: int) -> list[tuple[str, str, str]]:
        """List the commits of the tips that nothing known reaches.

        Returns
        -------
        list
            Commit, subject and the name of the tip it was found through.
        """
        output = self._view.read(
            "log",
            "-z",
            f"--max-count={limit}",
            "--source",
            "--format=%H%x01%S%x01%s",
            *self._compared(),
            "--",
            doing="list the commits",
        )
        found = []
        for record in output.decode("utf-8", "replace").split("\0"):
            sha, _, rest = record.partition("\x01")
            source, _, subject = rest.partition("\x01")
            if SHA.fullmatch(sha):
                name = source.removeprefix(f"{OUR_REFS}{_TIPS}/")
                found.append((sha, subject[:200], name))
        return found

    def unknown(self) -> set[str]:
        """Return every commit of the tips that nothing known reaches."""
        output = self._view.read(
            "rev-list", *self._compared(), "--", doing="list the commits"
        )
        return set(output.decode("ascii").split())

    def _compared(self) -> list[str]:
        return [
            "--ignore-missing",
            f"--glob={OUR_REFS}{_TIPS}/*",
            "--not",
            f"--glob={OUR_REFS}{_KNOWN}/*",
        ]

    def count_unheld(self) -> int:
        """Count the objects that neither a tip nor anything known reaches.

        Such as a version of a file that was staged once, or what a stash
        held that was dropped. What the index holds is told by `status`.
        """
        listed = self._view.read(
            "cat-file",
            "--batch-all-objects",
            "--unordered",
            "--batch-check=%(objectname)",
            doing="list the objects",
            limit=300.0,
        )
        held = self._view.read(
            "rev-list",
            "--objects",
            "--no-object-names",
            "--missing=allow-any",
            "--ignore-missing",
            *(["--indexed-objects"] if self._view.uses_index else []),
            f"--glob={OUR_REFS}*",
            "--",
            doing="list the objects",
            limit=300.0,
        )
        return len(set(listed.split(b"\n")) - set(held.split(b"\n")) - {b""})


def messages_of(view: TrustedView, commits: Iterable[str]) -> set[str]:
    """Return the messages of some commits, without space around them."""
    view.set_names("named", {sha: sha for sha in commits})
    output = view.read(
        "log",
        "-z",
        "--no-walk",
        "--ignore-missing",
        "--format=%B",
        f"--glob={OUR_REFS}named/*",
        "--",
        doing="list the commits",
    )
    view.set_names("named", {})
    text = output.decode("utf-8", "surrogateescape")
    return {message.strip() for message in text.split("\0")}
