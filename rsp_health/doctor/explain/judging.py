"""Decides how sure a supposed cause is, by what was seen at that time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from ..evidence.words import listed, size
from ..models import Evidence
from .models import Cause
from .services import hosts_of, needed, service_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from ...runner.models import SeenServices
    from ..models import Finding
    from .failure import Failure
    from .matcher import Match

__all__ = ["Sights", "judge"]

#: What was seen so many seconds before or after a failure is of its time.
WINDOW_S = 900.0

_NOT_KEPT = "How the platform's services were then is not known."
_NO_SERVICE = "The error does not tell which service it needed."
_DOWN = {"down", "degraded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """What was seen, and when.

    Parameters
    ----------
    findings
        What checks found, by their ids.
    services
        The platform, as it was at some times.
    now
        The present time, at which the checks were run.
    """

    now: datetime
    findings: Mapping[str, Finding] = field(default_factory=dict)
    services: Sequence[SeenServices] = ()

    def is_of_its_time(self, failure: Failure) -> bool:
        """Whether what checks find now speaks of the failure."""
        return failure.at is not None and (
            abs((self.now - failure.at).total_seconds()) <= WINDOW_S
        )

    def services_then(self, failure: Failure) -> SeenServices | None:
        """Return the platform as it was when something failed."""
        if failure.at is None:
            return None
        at = failure.at
        nearest = min(
            self.services,
            key=lambda seen: abs((seen.observed_at - at).total_seconds()),
            default=None,
        )
        if nearest is None:
            return None
        apart = abs((nearest.observed_at - at).total_seconds())
        return nearest if apart <= WINDOW_S else None


@dataclass(slots=True)
class _Seen:
    """One sight: whether it is so; `None` if nobody can tell."""

    is_so: bool | None
    evidence: list[Evidence] = field(default_factory=list)
    why_not: str = ""
    problem: Finding | None = None


def judge(match: Match, failure: Failure, sights: Sights) -> Cause:
    """Return a supposed cause with how sure it is.

    It is stated only if something of the same time confirms it.

    Parameters
    ----------
    match
        The rule that fits.
    failure
        What failed.
    sights
        What was seen.
    """
    rule = match.rule
    confirming = [_see(s, match, failure, sights) for s in rule.confirm]
    refuting = [_see(s, match, failure, sights) for s in rule.refute]
    certainty: Literal["stated", "possible", "refuted"] = "possible"
    supporting = [seen for seen in confirming if seen.is_so]
    if supporting:
        certainty = "stated"
    elif speaking := [seen for seen in refuting if seen.is_so]:
        certainty = "refuted"
        supporting = speaking
    undecided = []
    if certainty == "possible":
        why = [s.why_not for s in (*confirming, *refuting) if s.is_so is None]
        undecided = [text for text in dict.fromkeys(why) if text]
    service, said = _troubled(match, failure, sights)
    hosts = hosts_of(failure)
    problem = next((s.problem for s in supporting if s.problem), None)
    facts = {
        "ename": failure.thrown[-1].name if failure.thrown else "",
        "status": str(failure.statuses[0]) if failure.statuses else "",
        "host": " or ".join(hosts[:1] if failure.hosts else hosts[:3]),
        "place": _place_of(failure),
        "file": _file_of(match.found.get("module", ""), failure),
        "kernel": failure.kernel or "",
        "made_for": failure.made_for or "",
        "signal": failure.signal or "",
        "service": service,
        "seen": said,
        "found": problem.sentence if problem else "",
        "advice": problem.next_step if problem else "",
    }
    told = [e for seen in supporting for e in seen.evidence]
    told += _beside(rule.beside, failure, sights)
    evidence = {(e.source, e.value): e for e in told}
    return Cause(
        rule=rule.id,
        certainty=certainty,
        sentence=match.filled(rule.hypothesis, **facts),
        # Who finds the problem itself sees whose it is.
        whose=(problem and problem.whose) or rule.whose,
        next_step=match.filled(rule.next_step, **facts),
        evidence=list(evidence.values()),
        undecided=undecided,
    )


def _place_of(failure: Failure) -> str:
    """Return the file that could not be used, in words."""
    if failure.files_denied:
        return failure.files_denied[0]
    named = listed(failure.files_named, most=2)
    return f"a file (the cell names {named})" if named else ""


def _file_of(module: str, failure: Failure) -> str:
    """Return the file of a module, as the error or its frames tell it."""
    for file in reversed(failure.files):
        if module and PurePath(file).stem == module:
            return file
    return ""


def _beside(
    names: Sequence[str], failure: Failure, sights: Sights
) -> Iterator[Evidence]:
    """Yield what belongs to a cause whether or not it confirms it."""
    for name in names:
        finding = sights.findings.get(name)
        if name == "memory":
            yield from _memory(failure)
        elif finding is not None and finding.state != "not_applicable":
            now = "" if sights.is_of_its_time(failure) else "now: "
            yield Evidence(source=name, value=f"{now}{finding.sentence}")


def _memory(failure: Failure) -> Iterator[Evidence]:
    if failure.out_of_memory is not None:
        says = "a process was" if failure.out_of_memory else "none was counted"
        yield Evidence(
            source="killed for lack of memory",
            value=f"{says} while the notebook ran",
        )
    if failure.peak_bytes:
        of = failure.memory_bytes
        yield Evidence(
            source="memory of the kernel",
            value=f"at most {size(failure.peak_bytes)}"
            + (f" of this lab's {size(of)}" if of else ""),
        )


def _troubled(
    match: Match, failure: Failure, sights: Sights
) -> tuple[str, str]:
    """Return the service in trouble and what was seen of it, in words."""
    then = sights.services_then(failure)
    if then is None:
        return "", ""
    names = match.rule.services or needed(failure)
    rows, _ = service_of(names, then)
    return (rows[0].title, rows[0].evidence) if rows else ("", then.sentence)


def _see(sight: str, match: Match, failure: Failure, sights: Sights) -> _Seen:
    kind, *words = sight.split(":")
    if kind == "failure":
        return _Seen(is_so=True, evidence=[_own(failure)])
    if kind == "check":
        return _check(words[0], words[1], failure, sights)
    then = sights.services_then(failure)
    if then is None:
        return _Seen(None, why_not=_NOT_KEPT)
    if kind == "verdict":
        return _Seen(
            then.verdict == words[0],
            [_platform(then, then.sentence, sights.now)],
        )
    return _service(words[0], match, failure, then, sights.now)


def _own(failure: Failure) -> Evidence:
    source = "the error itself" if failure.thrown else "the run's record"
    return Evidence(source=source, value=failure.sentence)


def _check(id: str, wanted: str, failure: Failure, sights: Sights) -> _Seen:
    finding = sights.findings.get(id)
    if finding is None:
        return _Seen(None, why_not=f"Run `rsp-health doctor {id}`.")
    if finding.state == "not_applicable":
        return _Seen(None)
    if finding.state == "cannot_tell":
        return _Seen(None, why_not=f"{finding.title}: {finding.sentence}")
    # A problem need not be broken: a login that ends tomorrow is none that
    # was refused.
    is_so = (
        finding.state == "fault"
        if wanted == "fault"
        else (finding.state == "ok") == (wanted == "ok")
    )
    evidence = [Evidence(source=id, value=finding.sentence)]
    if sights.is_of_its_time(failure):
        problem = None if finding.state == "ok" else finding
        return _Seen(is_so, evidence, problem=problem)
    if not is_so:
        return _Seen(None)
    return _Seen(
        None,
        why_not=f"{finding.title}, now: {finding.sentence} How it was when "
        "this failed is not known.",
    )


def _service(
    state: str,
    match: Match,
    failure: Failure,
    then: SeenServices,
    now: datetime,
) -> _Seen:
    names = match.rule.services or needed(failure)
    if not names and state == "up" and then.verdict == "well":
        # Whichever it needed: all that are looked at were up.
        return _Seen(
            is_so=True, evidence=[_platform(then, then.sentence, now)]
        )
    if not names:
        return _Seen(None, why_not=_NO_SERVICE)
    troubled, all_up = service_of(names, then)
    if state == "up":
        return _Seen(all_up, [_platform(then, f"{', '.join(names)}: up", now)])
    wanted = _DOWN if state == "down" else {state}
    found = [
        row
        for row in troubled
        if row.state in wanted
        or (state == "down" and row.affected_by and row.state != "restricted")
    ]
    if not found and not all_up:
        what = ", ".join(names)
        return _Seen(
            None, why_not=f"Nothing certain was known of {what} then."
        )
    return _Seen(
        bool(found),
        [
            _platform(then, f"{row.title}: {row.state}, {row.evidence}", now)
            for row in found[:4]
        ],
    )


def _platform(then: SeenServices, value: str, now: datetime) -> Evidence:
    age = max(0.0, (now - then.observed_at).total_seconds())
    return Evidence(
        source=f"services at {then.observed_at:%H:%M} UTC",
        value=value,
        age_s=round(age, 1),
    )
