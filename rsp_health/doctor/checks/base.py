"""What a check is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

    from ..context import Context
    from ..models import Finding

__all__ = ["Check", "Family"]


class Check(ABC):
    """Looks at one thing.

    It runs in a process of its own, which is killed after two seconds. It
    changes nothing and writes nothing outside of rsp-health's own folder,
    and spends no quota. What it lets pass as an exception is told as *cannot
    tell*.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    #: Why there is nothing to look at, where it does not apply.
    otherwise: ClassVar[str] = ""
    #: Whether it asks the platform over HTTP.
    asks_platform: ClassVar[bool] = False

    def applies(self, context: Context) -> bool:
        """Return whether there is something to look at."""
        del context
        return True

    def aside(self, context: Context) -> dict[Path, str]:
        """Return what the fix moves aside, and its name there.

        It is asked for only after `look` found something and offered a fix.
        """
        del context
        return {}

    @abstractmethod
    def look(self, context: Context) -> Finding:
        """Return what is found."""


class Family(Check):
    """Looks at all things of one kind, such as all services.

    Its findings are of ``service.tap`` and the like, one for each thing that
    is not well; if all are, there is one finding of ``service``.
    """

    @abstractmethod
    def look_at(self, context: Context, part: str) -> list[Finding]:
        """Return what is found.

        Parameters
        ----------
        context
            The lab.
        part
            The one that is asked for, such as ``tap``; empty: all. A finding
            about it is returned also if it is well.
        """

    def look(self, context: Context) -> Finding:
        """Return the first thing that is found."""
        return self.look_at(context, "")[0]

    def of(self, part: str, finding: Finding) -> Finding:
        """Return a finding as one about a part."""
        return finding.model_copy(update={"check": f"{self.id}.{part}"})
