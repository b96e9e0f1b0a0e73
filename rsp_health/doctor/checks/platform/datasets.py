"""Tell which datasets are here, and whether their Butler answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ....platform.http.answers import FetchError
from ....platform.http.client import PlatformHttp
from ...evidence import monitor
from ...evidence.words import counted, listed
from ...models import Evidence, cannot_tell, fault, not_applicable, ok
from ..base import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....platform.models import DatasetEntry
    from ...context import Context
    from ...models import Finding

__all__ = ["Datasets"]

_LIMIT_S = 0.8


class Datasets(Family):
    """Reads discovery, and asks for each Butler configuration it names."""

    id = "data"
    title = "Data"
    otherwise = "No platform is known here."
    asks_platform = True

    def applies(self, context: Context) -> bool:
        """Return whether there is a platform."""
        return context.environment.base_url is not None

    def look_at(self, context: Context, part: str) -> list[Finding]:
        """Return what is found."""
        known = monitor.discovery(context)
        if known.state == "none":
            return [
                cannot_tell(f"What data is here is not known. {known.message}")
            ]
        here = known.datasets
        source = f"service discovery ({known.state})"
        seen = Evidence(
            source=source,
            value=listed(sorted(here), most=20) or "no dataset",
            age_s=known.age_s or 0.0,
        )
        if part and part not in here:
            return [self.of(part, _not_here(part, seen))]
        if not here:
            return [not_applicable("This site names no datasets.")]
        wanted = {part: here[part]} if part else here
        answers = asyncio.run(_ask(context, wanted))
        found = [
            self.of(name, _no_butler(name, url, said, seen))
            for name, (url, said) in answers.items()
            if said
        ]
        return found or [_well(wanted, answers, seen)]


def _not_here(name: str, seen: Evidence) -> Finding:
    return fault(
        f"There is no dataset {name} on this site.",
        seen,
        whose="your_code",
        next_step=f"Use one of those that are here: {seen.value}.",
    )


def _no_butler(name: str, url: str, said: str, seen: Evidence) -> Finding:
    return fault(
        f"The Butler configuration of {name} cannot be read: {said}.",
        Evidence(source=url, value=said),
        seen,
        whose="platform",
        next_step="Look at the Butler service (rsp-health doctor "
        "service.butler); if it is up, tell whoever runs the site this "
        "address.",
    )


def _well(
    wanted: Mapping[str, DatasetEntry],
    answers: Mapping[str, tuple[str, str]],
    seen: Evidence,
) -> Finding:
    lines = [
        Evidence(
            source=name,
            value="services: " + (listed(sorted(entry.services)) or "none"),
        )
        for name, entry in wanted.items()
    ]
    butlers = [
        Evidence(source=url, value="read, as it should be")
        for url, _ in answers.values()
    ]
    names = listed(sorted(wanted), most=10)
    read = (
        f"; {counted(len(butlers), 'Butler configuration')} can be read"
        if butlers
        else ""
    )
    return ok(f"Here is: {names}{read}.", seen, *lines, *butlers)


async def _ask(
    context: Context, wanted: Mapping[str, DatasetEntry]
) -> dict[str, tuple[str, str]]:
    """Return each Butler configuration's address, and what is wrong."""
    http = PlatformHttp(environment=context.environment, timeout_s=_LIMIT_S)

    async def ask(url: str) -> str:
        try:
            response = await http.get(url)
        except FetchError as exc:
            return exc.message
        if response.status != 200:
            return f"HTTP {response.status}"
        is_one = b":" in response.body and b"<html" not in response.body[:500]
        return "" if is_one else "the answer is not a Butler configuration"

    named = {
        name: entry.butler_config
        for name, entry in wanted.items()
        if entry.butler_config is not None
    }
    try:
        said = await asyncio.gather(*map(ask, named.values()))
    finally:
        await http.aclose()
    return {
        name: (url, words)
        for (name, url), words in zip(named.items(), said, strict=True)
    }
