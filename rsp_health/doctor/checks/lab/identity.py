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

__all__ = ["Identity", "group_name", "user_name"]


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
                value=f"{stat.filemode(status.st_mode)}, owned by "
                f"{user_name(status.st_uid)}, group {group_name(status.st_gid)}",
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
            f"You are {user_name(os.getuid())}, and your home is yours.", *seen
        )


def _described() -> str:
    groups = listed([group_name(number) for number in os.getgroups()], most=12)
    return f"user {user_name(os.getuid())}, groups {groups or 'none'}"


def user_name(number: int) -> str:
    """Return a user as people know it, with the number."""
    try:
        return f"{pwd.getpwuid(number).pw_name} ({number})"
    except KeyError:
        return str(number)


def group_name(number: int) -> str:
    """Return a group as people know it, with the number."""
    try:
        return f"{grp.getgrgid(number).gr_name} ({number})"
    except KeyError:
        return str(number)
