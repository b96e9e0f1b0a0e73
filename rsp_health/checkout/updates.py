"""What a repository's server says: its refs, and whether there is news."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..errors import NotFoundError, RSPHealthError
from ..files import read_json, write_json
from ..git.view import TrustedView
from ..wire import ErrorBody, utc_now
from .change.clone import REMOTE_LIMIT, is_commit, may_be_commit
from .inspect.provenance import read_record
from .models import Ref, RefList, UpdateStatus
from .repositories import is_ref

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..git.runner import Git
    from .inspect.provenance import CheckoutRecord
    from .repository_checkout import RepositoryCheckout

__all__ = [
    "UPDATE_INTERVAL",
    "Updates",
    "chosen",
    "chosen_name",
    "remote_commit",
    "remote_refs",
]

UPDATE_INTERVAL = timedelta(hours=3)
"""A server is asked at most this often, unless the user asks."""

_RETRY = timedelta(minutes=10)
"""A server that did not answer is asked again after this."""

_MAX_REFS = 1000
_COUNT_LIMIT = 30.0  # seconds


def _ask(git: Git, url: str, *patterns: str) -> dict[str, str]:
    output = git.run(
        ["ls-remote", "--", url, *patterns],
        doing="ask the repository for its branches",
        time_limit=REMOTE_LIMIT,
    )
    found = {}
    for line in output.decode("utf-8", "replace").splitlines():
        sha, _, name = line.partition("\t")
        found[name] = sha
    return found


def remote_refs(git: Git, url: str) -> dict[str, str]:
    """Ask a server for the commits of all its branches and tags.

    Raises
    ------
    rsp_health.errors.RSPHealthError
        Raised by kind, for example with code ``offline``.
    """
    return _ask(git, url, "refs/heads/*", "refs/tags/*")


def remote_commit(git: Git, url: str, ref: str) -> str | None:
    """Ask a server for a ref's commit; `None` if it has no such ref.

    Raises
    ------
    rsp_health.errors.RSPHealthError
        Raised by kind, for example with code ``offline``.
    """
    if is_commit(ref):
        return ref
    return chosen(
        _ask(git, url, f"refs/heads/{ref}", f"refs/tags/{ref}*"), ref
    )


def chosen(
    refs: dict[str, str], ref: str, also: Iterable[str | None] = ()
) -> str | None:
    """Return the commit of a branch, a tag, or the begin of its own name.

    Parameters
    ----------
    refs
        What the server has.
    ref
        What is asked for.
    also
        More commits that may be meant by the begin of their name.
    """
    if is_commit(ref):
        return ref
    name = chosen_name(refs, ref)
    if name is not None:
        return refs[name]
    if not may_be_commit(ref):
        return None
    meant = {
        sha for sha in (*refs.values(), *also) if sha and sha.startswith(ref)
    }
    return meant.pop() if len(meant) == 1 else None


def chosen_name(refs: dict[str, str], ref: str) -> str | None:
    """Return the full name of a branch or tag that the server has."""
    names = (
        f"refs/heads/{ref}",
        f"refs/tags/{ref}^{{}}",  # the commit of an annotated tag
        f"refs/tags/{ref}",
    )
    return next((name for name in names if name in refs), None)


class Updates:
    """Asks one repository's server, seldom.

    Parameters
    ----------
    checkout
        The repository.
    cache
        Folder for the last answers.
    """

    def __init__(self, checkout: RepositoryCheckout, *, cache: Path) -> None:
        self._checkout = checkout
        self._file = cache / f"{checkout.repository.id}.json"

    def refs(self) -> RefList:
        """List the branches and tags that can be checked out.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised by kind if the server does not answer.
        """
        config = self._checkout.repository.config
        found = remote_refs(self._checkout.git, config.url)
        branches = []
        tags: dict[str, str] = {}
        for name, sha in found.items():
            if name.startswith("refs/heads/"):
                branches.append(
                    Ref(name=name.removeprefix("refs/heads/"), commit=sha)
                )
            elif name.startswith("refs/tags/"):
                # The peeled one comes second and names the commit.
                short = name.removeprefix("refs/tags/").removesuffix("^{}")
                tags[short] = sha
        count = len(branches) + len(tags)
        # What could not be handed to git again is not offered.
        branches = [ref for ref in branches if is_ref(ref.name)]
        branches.sort(key=lambda ref: (ref.name != config.ref, ref.name))
        named = [
            Ref(name=name, commit=sha)
            for name, sha in sorted(tags.items(), reverse=True)
            if is_ref(name)
        ]
        return RefList(
            repository=config.id,
            default=config.ref,
            suggested=self._checkout.repository.suggested_ref,
            branches=branches[:_MAX_REFS],
            tags=named[:_MAX_REFS],
            omitted=count - len(branches[:_MAX_REFS]) - len(named[:_MAX_REFS]),
        )

    def status(self, *, refresh: bool) -> UpdateStatus:
        """Tell whether upstream has something newer than the checkout.

        Parameters
        ----------
        refresh
            Ask the server now, even if it was asked within
            `UPDATE_INTERVAL`.

        Raises
        ------
        rsp_health.errors.NotFoundError
            Raised if there is no checkout of ours.
        """
        record = read_record(self._checkout.path)
        if record is None or record.repository != self._checkout.repository.id:
            raise NotFoundError(
                f"{self._checkout.title} is not checked out.",
                hint="Check it out first.",
                code="not_checked_out",
            )
        known = None if refresh else self._remembered(record)
        if known is not None:
            return known
        status = self._fresh(record)
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._file, status.model_dump(mode="json"))
        return status

    def _remembered(self, record: CheckoutRecord) -> UpdateStatus | None:
        document = read_json(self._file)
        if not isinstance(document, dict):
            return None
        try:
            status = UpdateStatus.model_validate(document)
        except ValidationError:
            return None
        same = (status.url, status.ref, status.commit) == (
            self._checkout.repository.config.url,
            record.provenance.ref,
            record.provenance.commit,
        )
        age = utc_now() - status.checked_at
        limit = UPDATE_INTERVAL if status.error is None else _RETRY
        fresh = timedelta(0) <= age < limit
        return status if same and fresh else None

    def _fresh(self, record: CheckoutRecord) -> UpdateStatus:
        origin = record.provenance
        # The operator's URL: the record lies where others may write.
        url = self._checkout.repository.config.url
        error = upstream = behind = None
        try:
            upstream = remote_commit(self._checkout.git, url, origin.ref)
        except RSPHealthError as exc:
            error = ErrorBody(
                error=exc.code, message=exc.message, hint=exc.hint
            )
        if upstream is None and error is None:
            error = ErrorBody(
                error="no_such_ref",
                message=f"{origin.ref!r} is no longer in the repository.",
                hint="Choose another branch or tag.",
            )
        available = upstream is not None and upstream != origin.commit
        if available and upstream is not None:
            behind = self.count_behind(
                record, origin.ref, upstream, limit=_COUNT_LIMIT
            )
        short = origin.commit[:7]
        if upstream is None:
            message = f"Cannot tell whether {short} is up to date"
        elif not available:
            message = f"Already up to date ({short})"
        else:
            count = "" if behind is None else f", {behind} commits ahead"
            message = f"Updates available ({short} to {upstream[:7]}{count})"
        return UpdateStatus(
            repository=record.repository,
            url=url,
            ref=origin.ref,
            commit=origin.commit,
            upstream_commit=upstream,
            available=available,
            behind=behind,
            checked_at=utc_now(),
            message=message,
            error=error,
        )

    def count_behind(
        self,
        record: CheckoutRecord,
        ref: str,
        upstream: str,
        *,
        limit: float,
    ) -> int | None:
        """Count upstream's new commits; `None` if that is too hard.

        Only commits are fetched where the server can leave the files out,
        and into a scratch directory, not into the user's checkout.

        Parameters
        ----------
        record
            The checkout.
        ref, upstream
            What is asked for, and its commit upstream.
        limit
            Seconds that the fetch may take.
        """
        origin = record.provenance
        if upstream == origin.commit:
            return 0
        with (
            contextlib.suppress(RSPHealthError, OSError, ValueError),
            TrustedView(
                self._checkout.git,
                self._checkout.path,
                base=origin.commit,
                scratch=self._checkout.scratch,
            ) as view,
        ):
            url = self._checkout.repository.config.url
            return view.count_new(url, ref, upstream, limit=limit)
        return None
