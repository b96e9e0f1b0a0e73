"""What of a checkout's history is the user's: what upstream has not."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import RSPHealthError
from ...files import read_if_there
from ...git.history import History, messages_of
from ..models import LocalCommit
from ..repositories import same_url
from .changes import shown
from .provenance import admin_files

if TYPE_CHECKING:
    from pathlib import Path

    from ...git.runner import Git
    from ...git.view import TrustedView
    from .provenance import CheckoutRecord

__all__ = [
    "OwnHistory",
    "all_history",
    "keeps_message",
    "own_history",
    "short_name",
]

MAX_COMMITS = 100

_HEADS, _TAGS, _REMOTES = "refs/heads/", "refs/tags/", "refs/remotes/"
_STASH = "refs/stash"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHistory:
    """Commits, branches and stashes, and how many other objects.

    Parameters
    ----------
    objects
        What neither they nor anything of upstream's reaches: versions of
        files that were staged once, what a dropped stash held.
    """

    commits: list[LocalCommit] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    stashes: int = 0
    objects: int = 0


def own_history(
    view: TrustedView,
    record: CheckoutRecord,
    git: Git,
    *,
    upstream: dict[str, str],
    is_store_new: bool,
) -> OwnHistory:
    """Return what of a checkout of ours upstream has not.

    Parameters
    ----------
    view
        The tree.
    record
        Of the checkout.
    git
        Runs git.
    upstream
        The references of the server, if it was asked.
    is_store_new
        Whether there are objects that were not there at first.
    """
    refs = view.refs
    known = _Known(view, record, git, upstream)
    mine = {
        name: sha
        for name, sha in refs.names.items()
        if not known.tracks(name) and name != _STASH
    }
    tips = {name: sha for name, sha in mine.items() if sha not in known.ids}
    loose = {refs.head, *refs.logged}
    for name, shas in refs.remote_logged.items():
        if not known.tracks(name):
            loose |= shas
    loose -= {None, *known.ids, *tips.values()}
    tips |= {str(sha): str(sha) for sha in loose}
    history = History(view, tips, known.ids)
    unknown = history.unknown() if tips else set()
    branches = [
        short_name(name)
        for name, sha in sorted(mine.items())
        if name not in record.refs and not known.has(name, sha, unknown)
    ]
    stashes = len(refs.stashes) or int(_STASH in refs.names)
    commits = _listed(history) if unknown else []
    objects = 0
    if is_store_new:
        held = {*refs.stashes, refs.names.get(_STASH, "")} - {""}
        tips |= {sha: sha for sha in held}
        objects = History(view, tips, known.ids).count_unheld()
    return OwnHistory(
        commits=commits, branches=branches, stashes=stashes, objects=objects
    )


class _Known:
    """What is upstream's, and how we know."""

    def __init__(
        self,
        view: TrustedView,
        record: CheckoutRecord,
        git: Git,
        upstream: dict[str, str],
    ) -> None:
        refs = view.refs
        url = record.provenance.url
        self._upstream = dict(upstream)
        remotes = _remotes(view.tree, url, record, git) if refs.names else ()
        self._tracking = tuple(f"{_REMOTES}{name}/" for name in remotes)
        self.ids = {record.provenance.commit, *upstream.values()}
        self.ids |= {s for n, s in refs.names.items() if self.tracks(n)}
        for name, shas in refs.remote_logged.items():
            if self.tracks(name):
                self.ids |= shas
        for one in refs.fetched:
            if same_url(one.url, url):
                self.ids.add(one.commit)
                if one.name is not None:
                    self._upstream.setdefault(one.name, one.commit)

    def tracks(self, name: str) -> bool:
        """Whether a reference only repeats what the server has."""
        return name.startswith(self._tracking)

    def has(self, name: str, sha: str, unknown: set[str]) -> bool:
        """Whether a branch or tag is upstream's own."""
        if name.startswith(_TAGS):
            return self._upstream.get(name) == sha
        return name in self._upstream and sha not in unknown


def _remotes(
    tree: Path, url: str, record: CheckoutRecord, git: Git
) -> list[str]:
    """Return the remotes that mean the URL that we cloned from."""
    if admin_files(tree / ".git").get("config") == record.admin.get("config"):
        return ["origin"]
    try:
        # `--file` reads exactly this file: no includes, nothing is run.
        output = git.run(
            [
                "config",
                "--file",
                os.fspath(tree / ".git/config"),
                "-z",
                "--list",
            ],
            doing="read the checkout's settings",
        )
    except RSPHealthError:
        return []
    urls: dict[str, list[str]] = {}
    for setting in output.decode("utf-8", "replace").split("\0"):
        key, _, value = setting.partition("\n")
        if key.startswith(("include", "url.")):
            return []  # then a name may mean anything
        if key.startswith("remote.") and key.endswith(".url"):
            urls.setdefault(key[7:-4], []).append(value)
    return [name for name, found in urls.items() if found == [url]]


def keeps_message(view: TrustedView) -> bool:
    """Whether git holds a message that no commit carries, or none at all.

    ``COMMIT_EDITMSG`` is what was written for the last commit, or for one
    that was never made.
    """
    try:
        data = read_if_there(view.tree / ".git/COMMIT_EDITMSG")
    except RSPHealthError:
        return True
    if data is None:
        return False
    refs = view.refs
    last = {refs.head, *refs.logged, *refs.names.values()} - {None}
    text = data.decode("utf-8", "surrogateescape").strip()
    return text not in messages_of(view, map(str, last))


def all_history(view: TrustedView) -> tuple[OwnHistory, int]:
    """Return what no server is known to have, and how much there is in all.

    For a repository that is none of ours: what its remote-tracking
    references hold is on some server.
    """
    refs = view.refs
    known = {
        sha for name, sha in refs.names.items() if name.startswith(_REMOTES)
    }
    mine = {
        name: sha
        for name, sha in refs.names.items()
        if not name.startswith(_REMOTES) and name != _STASH
    }
    loose = {refs.head, *refs.logged} - {None, *mine.values()}
    tips = mine | {str(sha): str(sha) for sha in loose}
    history = History(view, tips, known)
    unknown = history.unknown()
    commits = _listed(history) if unknown else []
    # A server had these once; whether it still does is not known.
    had = {one.commit for one in refs.fetched}.union(
        *refs.remote_logged.values()
    )
    stashed = {*refs.stashes, refs.names.get(_STASH, "")} - {""}
    held = History(view, tips | {sha: sha for sha in stashed}, known | had)
    objects = held.count_unheld()
    return (
        OwnHistory(
            commits=commits,
            branches=[
                short_name(name)
                for name, sha in sorted(mine.items())
                if name.startswith(_HEADS) and sha in unknown
            ],
            stashes=len(refs.stashes) or int(_STASH in refs.names),
            objects=objects,
        ),
        len(History(view, {"head": refs.head or ""}, ()).unknown()),
    )


def short_name(name: str) -> str:
    """Return the name of a branch or tag as users know it."""
    return shown(name.removeprefix("refs/").removeprefix("heads/"))


def _listed(history: History) -> list[LocalCommit]:
    return [
        LocalCommit(
            commit=sha,
            subject=subject,
            branch=short_name(tip) if tip.startswith("refs/") else None,
        )
        for sha, subject, tip in history.commits(limit=MAX_COMMITS)
    ]
