"""What a checkout would replace, joined with what upstream says."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import RSPHealthError
from ..files import free_space, to_user_error
from ..wire import ErrorBody
from .change.clone import may_be_commit
from .difference import mark_saved
from .inspect.provenance import read_record
from .models import Inspection
from .progress import error_body
from .repositories import check_ref
from .updates import Updates, chosen, remote_refs

if TYPE_CHECKING:
    from pathlib import Path

    from .repository_checkout import RepositoryCheckout

__all__ = ["take_inspection"]

_COUNT_LIMIT = 5.0
"""Seconds that a user waits for the number of new commits, at most."""


def take_inspection(
    checkout: RepositoryCheckout,
    *,
    ref: str | None,
    cache: Path,
    news: bool = True,
) -> Inspection:
    """Look at a checkout, and ask its upstream at the same time.

    Parameters
    ----------
    checkout
        The repository's checkout.
    ref
        What would be checked out; `None` for the configured ref.
    cache
        Where answers of upstream are kept.
    news
        Whether upstream is asked also where nothing stands that its answer
        could be needed to judge.

    Raises
    ------
    rsp_health.errors.RSPHealthError
        Raised if the place cannot be used. An unreachable upstream is no
        error: `Inspection.upstream_error` tells.
    """
    item = checkout.repository
    ref = item.config.ref if ref is None else check_ref(ref)
    checkout.recover()
    with ThreadPoolExecutor(1, "ls-remote") as pool:
        asked: Future[_Upstream] = Future()
        if news or os.path.lexists(checkout.path):
            asked = pool.submit(_ask_upstream, checkout, ref, cache)
        else:
            asked.set_result(_Upstream())
        try:
            checkout.check_slot()
            report = checkout.judge(lambda: asked.result().refs)
        except OSError as exc:
            raise to_user_error(exc, f"look at {item.relative}") from exc
        mark_saved(checkout, report.changes)
        upstream = asked.result()
    backup = checkout.backups.new_path() if report.at_risk else None
    origin = report.record.provenance if report.record else None
    return Inspection(
        repository=item.id,
        title=item.config.title,
        ref=ref,
        directory=item.relative,
        state=report.state,
        at_risk=report.at_risk,
        changes=report.changes,
        changes_omitted=report.omitted,
        commits=report.commits,
        stashes=report.stashes,
        objects=report.objects,
        history=report.history,
        branches=report.branches,
        size_bytes=report.size_bytes,
        free_bytes=free_space(item.path).free_bytes,
        ignored_files=report.ignored_files,
        ignored_bytes=report.ignored_bytes,
        backup=None if backup is None else backup.name,
        commit=report.head,
        base_commit=None if origin is None else origin.commit,
        upstream_commit=upstream.commit,
        upstream_error=upstream.error,
        worktrees=report.worktrees,
        processes=report.processes,
        behind=upstream.behind,
        output_filter=checkout.has_filter() if origin is not None else None,
        fingerprint=report.fingerprint,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upstream:
    commit: str | None = None
    error: ErrorBody | None = None
    behind: int | None = None
    refs: dict[str, str] = field(default_factory=dict)


def _ask_upstream(
    checkout: RepositoryCheckout, ref: str, cache: Path
) -> _Upstream:
    url = checkout.repository.config.url
    try:
        refs = remote_refs(checkout.git, url)
    except RSPHealthError as exc:
        return _Upstream(error=error_body(exc))
    record = read_record(checkout.path)
    if record is not None and record.repository != checkout.repository.id:
        record = None
    also = [] if record is None else [record.provenance.commit]
    commit = chosen(refs, ref, also)
    if commit is None and may_be_commit(ref):
        return _Upstream(refs=refs)  # which only a clone can tell
    if commit is None:
        return _Upstream(
            refs=refs,
            error=ErrorBody(
                error="no_such_ref",
                message=f"{checkout.title} has no branch or tag {ref!r}.",
                hint="Choose another ref.",
            ),
        )
    behind = None
    if record is not None:
        behind = Updates(checkout, cache=cache).count_behind(
            record, ref, commit, limit=_COUNT_LIMIT
        )
    return _Upstream(commit=commit, behind=behind, refs=refs)
