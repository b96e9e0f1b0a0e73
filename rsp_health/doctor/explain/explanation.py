"""Explains failures: which rules fit, what to look at, and what that says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...redaction import Redactor
from ...wire import utc_now
from .grouping import explained, ranked, summary
from .judging import Sights, judge
from .matcher import matching
from .models import ExplanationReport
from .rules import own_rules, packaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from ...runner.models import SeenServices
    from ..models import Finding
    from .failure import Failure
    from .matcher import Match
    from .rules import Rule

__all__ = ["Explainer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    all: tuple[Rule, ...]
    problems: tuple[str, ...]


class Explainer:
    """Explains the failures of one run, or of one cell.

    Parameters
    ----------
    platform
        The platform's host name.
    secrets
        What must not be told.
    folders
        Those that may have rules of their own: the repository, the site's.
    """

    def __init__(
        self,
        *,
        platform: str | None,
        secrets: Iterable[str] = (),
        folders: Iterable[Path | None] = (),
    ) -> None:
        self._platform = platform
        self._redactor = Redactor(secrets)
        own, problems = own_rules(*(f for f in folders if f is not None))
        # What a repository knows of its notebooks is more special.
        self._rules = _Rules(all=(*own, *packaged()), problems=tuple(problems))

    def explain(
        self,
        failures: Sequence[Failure],
        *,
        look: Callable[[list[str]], Iterable[Finding]],
        services: Sequence[SeenServices] = (),
        run_id: str | None = None,
    ) -> ExplanationReport:
        """Return why they failed.

        Parameters
        ----------
        failures
            What failed.
        look
            Runs checks; it is asked once for all that rules want.
        services
            The platform as it was.
        run_id
            The run that they are of.
        """
        fitting = [
            (failure, matching(self._rules.all, failure, self._platform))
            for failure in failures
        ]
        wanted = _checks(match for _, found in fitting for match in found)
        findings = {f.check: f for f in look(wanted)} if wanted else {}
        sights = Sights(now=utc_now(), findings=findings, services=services)
        by_id = {rule.id: rule for rule in self._rules.all}
        explanations = explained(
            [
                (
                    failure,
                    ranked([judge(m, failure, sights) for m in found], by_id),
                )
                for failure, found in fitting
            ]
        )
        report = ExplanationReport(
            run_id=run_id,
            observed_at=sights.now,
            sentence=summary(explanations),
            explanations=explanations,
            services=list(services),
            problems=list(self._rules.problems),
        )
        return ExplanationReport.model_validate(
            self._redacted(report.model_dump(mode="json"))
        )

    def _redacted(self, document: dict[str, object]) -> object:
        return self._redactor.texts(document)


def _checks(matches: Iterable[Match]) -> list[str]:
    return sorted({id for match in matches for id in match.rule.checks})
