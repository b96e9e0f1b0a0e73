"""One git command in the environment that its caller gives.

For work in the user's own repository, where their configuration counts; what
must obey nothing of a tree's goes through `.runner`.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from ..errors import EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["run_git"]

_TIMEOUT_S = 60.0


def run_git(
    arguments: list[str],
    *,
    folder: Path | str,
    stdin: str = "",
    environment: Mapping[str, str],
) -> subprocess.CompletedProcess[bytes]:
    """Run git once; what its exit code means is the caller's business.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if it cannot be run, or takes longer than a minute.
    """
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=dict(environment),
            input=stdin.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise EnvironmentFailureError(
            "git could not be run.",
            hint="Install git, and try again.",
            code="no_git",
        ) from exc
