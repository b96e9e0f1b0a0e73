"""Takes out of a text for the public who and where somebody is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context import Context

__all__ = ["Anonymous"]

_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}(?![\w:])",
    re.IGNORECASE,
)
_LOOPBACK = "127.0.0.1"
#: Names that mean nobody.
_NOBODY = {"root", "user", "jovyan", "home", "lab"}


class Anonymous:
    """Replaces the user's name and home, this machine's name, addresses.

    Parameters
    ----------
    context
        The lab.
    """

    def __init__(self, context: Context) -> None:
        environment = context.environment
        words: dict[str, str] = {
            str(context.home): "~",
            str(context.lasting_home()): "~",
        }
        names = {environment.get("JUPYTERHUB_USER"), environment.get("USER")}
        names |= {environment.get("LOGNAME"), context.home.name}
        for name in names:
            if name and len(name) > 1 and name not in _NOBODY:
                words[name] = "[user]"
        host = environment.hostname
        if len(host) > 2 and host != "localhost":
            words[host] = "[host]"
        words.pop("/", None)
        self._words = words
        longest = sorted(words, key=len, reverse=True)
        joined = "|".join(map(re.escape, longest))
        self._pattern = re.compile(
            rf"(?<![A-Za-z0-9])(?:{joined})(?![A-Za-z0-9])"
        )

    def text(self, text: str) -> str:
        """Return a text without them."""
        found = self._pattern.sub(lambda m: self._words[m[0]], text)
        return _ADDRESS.sub(
            lambda m: m[0] if m[0] == _LOOPBACK else "[address]", found
        )
