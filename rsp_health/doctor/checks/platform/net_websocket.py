"""Tell whether the browser reaches this server by a websocket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...evidence.words import duration
from ...models import Evidence, attention, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from ...context import Context
    from ...models import Finding

__all__ = ["NetWebsocket"]

_SLOW_S = 3.0
_STEP = (
    "Try another network or another browser. If it works there, the proxy "
    "or firewall of your usual network stops websockets: ask its IT to let "
    "wss:// to the platform through."
)


class NetWebsocket(Check):
    """Judges what the browser found: only it can look."""

    id = "net.websocket"
    title = "Way from your browser"
    otherwise = (
        "Only a browser can look: open Troubleshoot in the panel RSP Health."
    )

    def applies(self, context: Context) -> bool:
        """Return whether a browser has looked."""
        return context.seen is not None and context.seen.browser is not None

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        browser = None if context.seen is None else context.seen.browser
        if browser is None:
            raise ValueError
        took = duration(browser.took_s)
        seen = Evidence(
            source="a websocket from your browser to this server",
            value=f"{browser.websocket} after {took}",
        )
        if browser.websocket != "opened":
            says = (
                "is refused on the way"
                if browser.websocket == "refused"
                else "gets no answer"
            )
            return fault(
                f"A websocket from your browser to this lab {says}: pages "
                "load, but kernels stay at “connecting”.",
                seen,
                whose="network",
                next_step=_STEP,
            )
        if browser.took_s > _SLOW_S:
            return attention(
                f"It takes {took} to open a websocket from your browser to "
                "this lab: all that you do in it is slow.",
                seen,
                whose="network",
                next_step="Try another network; if it is slow there, too, "
                "look at lab.cpu.",
            )
        return ok("Your browser reaches this lab by a websocket.", seen)
