"""Walk the way from this lab to the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....platform.http.answers import FetchError
from ....platform.http.proxies import proxy_for
from ....platform.origins import PlatformOrigin
from ....wire import utc_now
from ...evidence.hops import BrokenHop, Walk
from ...evidence.words import duration
from ...models import Evidence, attention, fault, ok
from ..base import Check

if TYPE_CHECKING:
    import ssl

    from ...context import Context
    from ...models import Finding, Whose

__all__ = ["NetPath"]

_LIMIT_S = 1.6
#: Certificates and tokens are judged by the clock.
_SKEW_S = 60.0
_STEPS: dict[Whose, str] = {
    "network": "Try again in a minute; if it stays so, tell whoever runs "
    "this lab's network what stands here.",
    "platform": "Wait some minutes and look again; if it stays so, tell "
    "whoever runs the site what stands here.",
}


class NetPath(Check):
    """Looks up the name, connects, checks the certificate, and asks."""

    id = "net.path"
    title = "Way to the platform"
    otherwise = "No platform is known here."

    def applies(self, context: Context) -> bool:
        """Return whether there is a platform to go to."""
        return context.environment.base_url is not None

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        environment = context.environment
        url = environment.base_url or ""

        def trust() -> ssl.SSLContext:
            from ....platform.http.transport import tls_context

            return tls_context(environment)

        if PlatformOrigin.of(environment).host is None:
            return fault(
                "The platform's address is not valid.",
                Evidence(source="EXTERNAL_INSTANCE_URL", value=url),
                whose="your_lab",
                next_step="Look where EXTERNAL_INSTANCE_URL is set; if not "
                "by you, tell whoever runs the site.",
            )
        try:
            proxy = proxy_for(environment, url)
        except FetchError as exc:
            return fault(
                "The address of the lab's proxy is not valid.",
                Evidence(source="https_proxy", value=exc.message),
                whose="your_lab",
                next_step="Look where https_proxy is set; if not by you, tell "
                "whoever runs the site.",
            )
        walk = Walk(url=url, proxy=proxy, trust=trust, limit_s=_LIMIT_S)
        try:
            walk.go()
        except BrokenHop as broken:
            return fault(
                broken.sentence,
                *walk.evidence,
                Evidence(source="the hop that breaks", value=broken.seen),
                whose=broken.whose,
                next_step=_STEPS[broken.whose],
            )
        return _with_clock(walk)


def _with_clock(walk: Walk) -> Finding:
    if walk.date is None:
        return ok("The platform answers.", *walk.evidence)
    skew = (utc_now() - walk.date).total_seconds()
    told = "ahead of" if skew > 0 else "behind"
    if abs(skew) > _SKEW_S:
        return attention(
            f"The clock of this lab is {duration(abs(skew))} {told} the "
            "platform's.",
            *walk.evidence,
            Evidence(source="Date of its answer", value=walk.date.isoformat()),
            whose="your_lab",
            next_step="Tell whoever runs the site: certificates, tokens and "
            "times of files are judged by that clock.",
        )
    return ok(
        "The platform answers, and its clock is this lab's.", *walk.evidence
    )
