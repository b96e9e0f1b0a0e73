"""Walks a playbook over what its checks found, to a verdict."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ...errors import BadInputError
from ..models import PlaybookResult, PlaybookStep, Symptom, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Finding

__all__ = ["Playbook", "named", "symptoms", "walk"]

_WORSE = ("fault", "attention")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    check: str
    clears: str
    only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """A symptom, and the checks of its causes, the likeliest first.

    Parameters
    ----------
    id, title
        Its name, and what users call it.
    steps
        What is looked at.
    then
        How to see that it is solved.
    otherwise
        What to do if nothing was found.
    """

    id: str
    title: str
    steps: tuple[_Step, ...]
    then: str
    otherwise: str

    @property
    def checks(self) -> list[str]:
        """The checks that it needs."""
        return [step.check for step in self.steps]


@cache
def _all() -> dict[str, Playbook]:
    file = resources.files(__package__).joinpath("playbooks.toml")
    found: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        id: Playbook(
            id=id,
            title=table["title"],
            then=table["then"],
            otherwise=table["otherwise"],
            steps=tuple(_Step(**step) for step in table["steps"]),
        )
        for id, table in found.items()
    }


def symptoms() -> list[Symptom]:
    """Return all symptoms that there is a playbook for."""
    return [Symptom(id=book.id, title=book.title) for book in _all().values()]


def named(id: str) -> Playbook:
    """Return a playbook.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``no_such_symptom`` if there is none.
    """
    try:
        return _all()[id]
    except KeyError:
        raise BadInputError(
            f"There is no symptom named {id[:80]!r}.",
            hint=f"There are: {', '.join(_all())}.",
            code="no_such_symptom",
        ) from None


def walk(book: Playbook, findings: Sequence[Finding]) -> PlaybookResult:
    """Return what a playbook concludes.

    Parameters
    ----------
    book
        The playbook.
    findings
        What its checks found.
    """
    steps: list[PlaybookStep] = []
    causes: list[Finding] = []
    left: list[Finding] = []
    is_over = False
    for step in book.steps:
        found = _of(step.check, findings)
        if not found:
            continue
        problems = [f for f in found if f.state in _WORSE]
        faults = [f for f in found if f.state == "fault"]
        if is_over and problems:
            outcome, says = "follows", "Looked at again once that is solved."
        elif problems:
            outcome, says = "cause", problems[0].sentence
            causes += problems
            is_over = step.only and bool(faults)
        elif all(f.state == "not_applicable" for f in found):
            outcome, says = "not_here", found[0].sentence
        elif any(f.state == "ok" for f in found):
            outcome = "ruled_out"
            says = f"{step.clears[:1].upper()}{step.clears[1:]}."
        else:
            outcome, says = "not_known", found[0].sentence
            left += found
        steps.append(
            PlaybookStep.model_validate(
                {
                    "check": found[0].check,
                    "title": found[0].title,
                    "outcome": outcome,
                    "says": says,
                }
            )
        )
    causes.sort(key=lambda f: _WORSE.index(f.state))
    return PlaybookResult(
        id=book.id,
        title=book.title,
        steps=steps,
        causes=[f.check for f in causes],
        verdict=_verdict(book, causes, left),
        then=book.then if causes else "",
    )


def _of(check: str, findings: Sequence[Finding]) -> list[Finding]:
    """Return what a check found; that of ``service`` is ``service.tap``."""
    same = [f for f in findings if f.check == check]
    return same or [f for f in findings if f.check.startswith(f"{check}.")]


def _verdict(
    book: Playbook, causes: Sequence[Finding], left: Sequence[Finding]
) -> Verdict:
    if causes:
        first = causes[0]
        # What is not broken may be the cause; only a fault is stated.
        sure = first.state == "fault"
        sentence = (
            first.sentence if sure else f"A possible cause: {first.sentence}"
        )
        return Verdict(
            state="fault" if sure else "attention",
            sentence=sentence,
            whose=first.whose,
            next_step=first.next_step,
            check=first.check,
        )
    if left:
        names = ", ".join(dict.fromkeys(f.title for f in left))
        step = next((f.next_step for f in left if f.next_step), "")
        return Verdict(
            state="cannot_tell",
            sentence="No cause was found, but not all could be looked at. "
            f"Left: {names}.",
            next_step=step
            or f"To decide it: rsp-health doctor {left[0].check}",
            check=left[0].check,
        )
    return Verdict(
        state="ok",
        sentence="None of the usual causes is there.",
        next_step=book.otherwise,
    )
