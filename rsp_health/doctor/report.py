"""Draws the verdict from findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..states import FINDING_STATES
from ..wire import utc_now
from .checks import CHECKS, load, registered
from .models import Evidence, Finding, Report, Summary, Verdict
from .playbooks.walk import symptoms, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .playbooks.walk import Playbook

__all__ = ["draw_verdict", "make_report"]

_NAMED = 4
_WAY = "net.path"
#: Findings of these are no faults of their own where the way is broken.
_BEHIND_IT = frozenset({"data", "service"})


def make_report(
    findings: Iterable[Finding],
    instance: str | None,
    book: Playbook | None = None,
) -> Report:
    """Return the report of these findings, the worst first.

    Parameters
    ----------
    findings
        In any order.
    instance
        The platform's host name, if there is one.
    book
        The playbook that is walked, if a symptom was named. The verdict is
        its own then.
    """
    worst, order = list(FINDING_STATES), list(CHECKS)
    ranked = sorted(
        _without_consequences(list(findings)),
        key=lambda f: (
            worst.index(f.state),
            order.index(registered(f.check)[0]),
        ),
    )
    result = None if book is None else walk(book, ranked)
    return Report(
        instance=instance,
        observed_at=utc_now(),
        verdict=draw_verdict(ranked) if result is None else result.verdict,
        summary=Summary(**Counter[str](f.state for f in ranked)),
        findings=ranked,
        playbook=result,
        symptoms=symptoms(),
    )


def _without_consequences(findings: list[Finding]) -> list[Finding]:
    """Return findings; what follows from a broken way is not known.

    Who asks the platform finds the same broken connection, in other words.
    """
    if not any(f.check == _WAY and f.state == "fault" for f in findings):
        return findings
    return [_not_known(f) if _is_behind(f) else f for f in findings]


def _is_behind(finding: Finding) -> bool:
    try:
        head = registered(finding.check)[0]
        asks = load(finding.check).asks_platform
    except Exception:  # noqa: BLE001 - a check that cannot even be imported
        return False
    if finding.state in {"fault", "attention"}:
        return asks and head in _BEHIND_IT
    return asks and finding.state == "cannot_tell"


def _not_known(finding: Finding) -> Finding:
    said = Evidence(source="what was seen", value=finding.sentence)
    return Finding(
        check=finding.check,
        title=finding.title,
        state="cannot_tell",
        sentence=f"Not known: the way to the platform is broken ({_WAY}).",
        evidence=[said, *finding.evidence],
        took_s=finding.took_s,
    )


def draw_verdict(findings: Sequence[Finding]) -> Verdict:
    """Return the first cause, or that none was found and what is not known.

    Parameters
    ----------
    findings
        The worst first.
    """
    problems = [f for f in findings if f.state in {"fault", "attention"}]
    blind = [f.title for f in findings if f.state == "cannot_tell"]
    seen = [f for f in findings if f.state == "ok"]
    if problems:
        first, *others = problems
        return Verdict(
            state="fault" if first.state == "fault" else "attention",
            sentence=_joined(first.sentence, _others(others), _blind(blind)),
            whose=first.whose,
            next_step=first.next_step,
            check=first.check,
        )
    if not seen and not blind:
        return Verdict(
            state="cannot_tell",
            sentence="There was nothing to look at.",
        )
    if not seen:
        first = next(f for f in findings if f.state == "cannot_tell")
        return Verdict(
            state="cannot_tell",
            sentence=_joined("Nothing could be looked at.", first.sentence),
            next_step=first.next_step,
        )
    count = "one check" if len(seen) == 1 else f"{len(seen)} checks"
    return Verdict(
        state="cannot_tell" if blind else "ok",
        sentence=_joined(
            f"Nothing wrong was found by {count}.", _blind(blind)
        ),
    )


def _others(others: Sequence[Finding]) -> str:
    if not others:
        return ""
    titles = _names([f.title for f in others])
    return f"Look also at: {titles}."


def _blind(titles: Sequence[str]) -> str:
    return f"Not known: {_names(titles)}." if titles else ""


def _names(titles: Sequence[str]) -> str:
    more = len(titles) - _NAMED
    named = ", ".join(titles[:_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def _joined(*sentences: str) -> str:
    return " ".join(s for s in sentences if s)
