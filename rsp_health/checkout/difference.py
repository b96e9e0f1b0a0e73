"""How a file differs from what was checked out, for people to read.

git compares, through a view that runs nothing of the tree's. A notebook is
compared by cell, without its outputs and what an editor notes in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import BadInputError, RSPHealthError, UnreadableFileError
from ..files import parse_json, safe_read
from ..git.view import TrustedView
from ..notebooks.content import what_runs
from .models import FileDifference
from .notebook_difference import notebook_difference
from .reset import locate

if TYPE_CHECKING:
    from .models import FileChange
    from .repository_checkout import RepositoryCheckout

__all__ = ["file_difference", "mark_saved"]

#: Notebooks that are compared for one list: each asks git once.
_COMPARED = 100
#: Bytes of a file that is compared, and of what is told of it.
_FILE_BYTES = 16 * 1024**2
_TOLD = 100_000

_DOING = "compare the file"


def mark_saved(
    checkout: RepositoryCheckout, changes: list[FileChange]
) -> None:
    """Note which notebooks were only run or saved, not changed.

    Parameters
    ----------
    checkout
        Where they are.
    changes
        What differs; changed. What cannot be compared stays as it is.
    """
    found = [
        change
        for change in changes
        if change.kind == "modified" and change.path.endswith(".ipynb")
    ]
    if not found:
        return
    try:
        with _view(checkout) as view:
            for change in found[:_COMPARED]:
                old, new = _both(view, change.path)
                change.only_saved = old is not None and (
                    what_runs(old) == what_runs(new)
                )
    except RSPHealthError:
        return


def file_difference(checkout: RepositoryCheckout, path: str) -> FileDifference:
    """Compare a file with what was checked out.

    Parameters
    ----------
    checkout
        Where it is.
    path
        The file, below the checkout.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``bad_path`` if it is no file of the checkout, with
        ``not_compared`` if it cannot be read or is too large.
    rsp_health.errors.RSPHealthError
        Raised if git cannot compare.
    """
    try:
        safe_read(
            locate(checkout, path), limit=_FILE_BYTES, inside=checkout.path
        )
    except UnreadableFileError as exc:
        raise BadInputError(
            f"{path[:200]!r} cannot be compared: {exc.reason}.",
            hint="Open it in the lab, or compare it with git diff.",
            code="not_compared",
        ) from exc
    with _view(checkout) as view:
        old, new = (
            _both(view, path) if path.endswith(".ipynb") else (None, None)
        )
        if old is None or new is None:
            text = view.read(
                "diff",
                "--no-ext-diff",
                "--no-textconv",
                "--no-color",
                "--no-renames",
                "HEAD",
                "--",
                f":(top,literal){path}",
                doing=_DOING,
            ).decode("utf-8", "replace")
            kind = "text"
        else:
            text, kind = notebook_difference(old, new), "notebook"
    cut = len(text) > _TOLD
    return FileDifference.model_validate(
        {
            "repository": checkout.repository.id,
            "path": path,
            "kind": kind,
            "text": text[:_TOLD].rpartition("\n")[0] if cut else text,
            "truncated": cut,
        }
    )


def _view(checkout: RepositoryCheckout) -> TrustedView:
    return TrustedView(
        checkout.git, checkout.path, base=None, scratch=checkout.scratch
    )


def _both(view: TrustedView, path: str) -> tuple[Any, Any]:
    """Return a notebook as committed and as it is; `None` for what is none."""
    try:
        new = safe_read(view.tree / path, limit=_FILE_BYTES, inside=view.tree)
        old = view.read("cat-file", "blob", f"HEAD:{path}", doing=_DOING)
        parsed = [parse_json(data, "the notebook") for data in (old, new)]
    except RSPHealthError:
        return None, None
    if any(what_runs(one) is None for one in parsed):
        return None, None
    return parsed[0], parsed[1]
