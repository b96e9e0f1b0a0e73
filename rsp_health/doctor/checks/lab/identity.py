"""Tell who the user is in this lab, and whether the home is theirs."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from typing import TYPE_CHECKING

from ...evidence.words import listed
from ...models import Evidence, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from ...context import Context
    from ...models import Finding

__all__ = ["Identity", "owner_in_words"]


class Identity(Check):
    """Compares this process with the owner of the home."""

    id = "identity"
    title = "Who you are in this lab"

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        home = context.lasting_home()
        status = home.stat()
        seen = [
            Evidence(source="this process", value=_described()),
            Evidence(
                source=str(home),
                value=owner_in_words(status),
            ),
        ]
        wanted = os.R_OK | os.W_OK | os.X_OK
        if os.statvfs(home).f_flag & os.ST_RDONLY:
            wanted &= ~os.W_OK  # Nobody may write there: home.space says so.
        if not os.access(home, wanted):
            return fault(
                "Your home may not be used by you in this lab.",
                *seen,
                whose="platform",
                next_step="Restart the lab; if it stays so, tell whoever runs "
                "the site what stands here.",
            )
        if status.st_uid != os.getuid():
            return fault(
                "Your home belongs to somebody else: programs may refuse to "
                "read or write their settings.",
                *seen,
                whose="platform",
                next_step="Tell whoever runs the site what stands here.",
            )
        return ok(
            f"You are {_user(os.getuid())}, and your home is yours.", *seen
        )


def owner_in_words(status: os.stat_result) -> str:
    """Return the rights and the owner of a file or folder."""
    return (
        f"{stat.filemode(status.st_mode)}, owned by {_user(status.st_uid)}, "
        f"group {_group(status.st_gid)}"
    )


def _described() -> str:
    groups = listed([_group(number) for number in os.getgroups()], most=12)
    return f"user {_user(os.getuid())}, groups {groups or 'none'}"


def _user(number: int) -> str:
    try:
        return f"{pwd.getpwuid(number).pw_name} ({number})"
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return f"{grp.getgrgid(number).gr_name} ({number})"
    except KeyError:
        return str(number)
