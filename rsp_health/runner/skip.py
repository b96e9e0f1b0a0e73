"""What a notebook calls to say that it does not apply here.

    from rsp_health import require, skip

Where rsp_health is not installed in the kernel, raising any exception named
``SkipNotebook``, or ``unittest.SkipTest``, says the same. This module is
imported in the user's kernel: it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["SkipNotebook", "require", "skip"]


class SkipNotebook(Exception):  # noqa: N818 - not an error, and a public name
    """The notebook does not apply here; the run goes on with the next one."""

    def _render_traceback_(self) -> list[str]:
        """Show the reason only: IPython's own protocol."""
        return [f"Skipped: {self}"]


def skip(reason: str) -> NoReturn:
    """End this notebook as skipped, not as failed.

    Parameters
    ----------
    reason
        Shown beside the notebook, such as ``no dataset dp1 here``.

    Raises
    ------
    SkipNotebook
        Raised always.
    """
    raise SkipNotebook(reason)


def require(condition: object, reason: str) -> None:
    """Skip this notebook unless something holds.

    Parameters
    ----------
    condition
        What has to be true, such as ``"dp1" in datasets``.
    reason
        What is missing if it is not.

    Raises
    ------
    SkipNotebook
        Raised if ``condition`` is false.
    """
    if not condition:
        skip(reason)
