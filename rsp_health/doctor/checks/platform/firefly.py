"""Tell whether notebooks can show images in the Portal's Firefly."""

from __future__ import annotations

from importlib.metadata import distributions
from typing import TYPE_CHECKING

from ....platform.origins import PlatformOrigin
from ...evidence import monitor
from ...models import Evidence, attention, fault, ok
from ..base import Check

if TYPE_CHECKING:
    from ....status.models import ServiceStatus
    from ...context import Context
    from ...models import Finding

__all__ = ["Firefly"]

_VARIABLE = "FIREFLY_URL"
_EXTENSION = "jupyter-firefly-extensions"
_PORTAL = "portal"


class Firefly(Check):
    """Looks at the client's address, the extension and the Portal's row."""

    id = "portal.firefly"
    title = "Firefly"
    otherwise = "This lab has no Firefly."

    def applies(self, context: Context) -> bool:
        """Return whether programs are told where Firefly is."""
        environment = context.environment
        return (
            environment.base_url is not None
            and environment.get(_VARIABLE) is not None
        )

    def look(self, context: Context) -> Finding:
        """Return what is found."""
        environment = context.environment
        url = environment.get(_VARIABLE) or ""
        seen = [Evidence(source=_VARIABLE, value=url)]
        if not PlatformOrigin.of(environment).owns(url):
            return attention(
                f"{_VARIABLE} names another host than this platform: images "
                "are sent there.",
                *seen,
                Evidence(source="platform", value=environment.base_url or ""),
                whose="your_environment",
                next_step=f"Take {_VARIABLE} out of what sets it (~/.bashrc, "
                "~/notebooks/.user_setups), if it is not meant.",
            )
        seen.append(
            Evidence(source="this lab's extension", value=_extension(context))
        )
        row = _portal(context)
        if row is None:
            return ok("Programs are told where Firefly is.", *seen)
        seen.append(
            Evidence(
                source=row.source or row.title,
                value=row.evidence,
                age_s=row.age_s or 0.0,
            )
        )
        if row.state in {"down", "degraded", "maintenance"}:
            make = fault if row.state == "down" else attention
            return make(
                f"Firefly is the Portal's, which is {row.state}.",
                *seen,
                whose="announced"
                if row.state == "maintenance"
                else "application",
                next_step=row.advice or "Wait, and look again.",
            )
        return ok(
            "Programs are told where Firefly is. If nothing is shown, open "
            "its tab once, so that your browser is logged in there.",
            *seen,
        )


def _portal(context: Context) -> ServiceStatus | None:
    """Return the Portal's row, if a monitor watches it; it is not asked."""
    if context.seen is None or context.seen.status is None:
        return None
    rows = monitor.services(context).document.services
    return next((r for r in rows if r.application == _PORTAL), None)


def _extension(context: Context) -> str:
    path = context.package_folders()
    for found in distributions(name=_EXTENSION, path=path):
        return f"{_EXTENSION} {found.version}"
    return "none: images open in a browser tab of their own"
