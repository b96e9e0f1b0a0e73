"""What a check is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

    from ..context import Context
    from ..models import Finding

__all__ = ["Check"]


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
