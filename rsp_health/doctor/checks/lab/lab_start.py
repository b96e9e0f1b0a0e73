"""Tell whether this lab started as it should, with the user's home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...models import Evidence, attention, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from ...context import Context
    from ...models import Finding, Whose

__all__ = ["LabStart"]

_WHY = "ABNORMAL_STARTUP_ERRORCODE"
#: What the platform's start says, in words, and whose it is.
_CODES: dict[str, tuple[str, Whose]] = {
    "EDQUOT": ("your disk quota was used up", "your_environment"),
    "ENOSPC": ("your home was full", "your_environment"),
    "EROFS": ("your home was read-only", "platform"),
    "EACCES": ("your home may not be written to", "platform"),
    "EBADENV": ("the lab's settings were not complete", "platform"),
}
_FREE = (
    "Save elsewhere what you made in this lab, delete what you no longer need "
    "in your own home, then stop the lab and start it again."
)
_TELL = (
    "Save elsewhere what you made in this lab, and tell whoever runs the site "
    "what stands here; a new lab may start as this one did."
)


class LabStart(Check):
    """Reads what the platform's start wrote into the lab's variables."""

    id = "lab.start"
    title = "Start of this lab"
    otherwise = "This is not a lab of a platform."

    def applies(self, context: Context) -> bool:
        """Return whether this is a lab."""
        return context.is_lab

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        environment = context.environment
        home = Evidence(source="HOME", value=str(context.home))
        abnormal = environment.get("ABNORMAL_STARTUP")
        if (abnormal or "").upper() == "TRUE":
            code = environment.get(_WHY) or "EUNKNOWN"
            said = environment.get("ABNORMAL_STARTUP_MESSAGE") or ""
            strerror = environment.get("ABNORMAL_STARTUP_STRERROR") or ""
            why, whose = _CODES.get(
                code,
                (strerror.lower() or "its reason is not known", "platform"),
            )
            return fault(
                f"This lab could not start with your home ({why}). Do not "
                "keep work here: it is lost when the lab ends.",
                Evidence(source=_WHY, value=f"{code} {said}".strip()[:500]),
                home,
                whose=whose,
                next_step=_FREE if whose == "your_environment" else _TELL,
            )
        if context.is_temporary(context.home):
            return attention(
                "Your home is a temporary folder: what is in it is lost when "
                "the lab ends.",
                home,
                whose="your_lab",
                next_step="Save elsewhere what you want to keep.",
            )
        return ok(
            "This lab started with your own home.",
            Evidence(source="ABNORMAL_STARTUP", value="not set"),
            home,
        )
