"""Ranks causes, and tells a cause of many failures once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .models import ExplainedFailure, Explanation
from .recurrence import history
from .rules import RANKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .failure import Failure
    from .models import Cause
    from .rules import Rule

__all__ = ["explained", "ranked", "summary"]

_CERTAIN = ("stated", "possible", "refuted")
_VARYING = re.compile(r"0x[0-9a-fA-F]+|\d+")
_UNKNOWN = (
    "No rule knows this error. Read its last lines; if they do not help, ask "
    "with them, and with what the notebook was to do."
)
_REFUTED = (
    "What was supposed is refuted. Look at the whole traceback, and ask with "
    "its last lines."
)


def ranked(causes: Sequence[Cause], rules: dict[str, Rule]) -> list[Cause]:
    """Return causes in the order in which to think of them.

    What is general is left out if something special may be the cause; so is
    what nothing but a look can suggest, if nobody looked.

    Parameters
    ----------
    causes
        In the order of their rules.
    rules
        The rules by their ids.
    """
    told = [
        c
        for c in causes
        if not (rules[c.rule].only_if_seen and c.certainty == "possible")
    ]
    special = any(
        not rules[c.rule].general and c.certainty != "refuted" for c in told
    )
    kept = [c for c in told if not (special and rules[c.rule].general)]
    return sorted(
        kept,
        key=lambda c: (
            _CERTAIN.index(c.certainty),
            rules[c.rule].general,
            RANKS.index(rules[c.rule].rank),
        ),
    )


def explained(
    found: Sequence[tuple[Failure, list[Cause]]],
) -> list[Explanation]:
    """Return failures that share their first cause as one, causes first.

    Parameters
    ----------
    found
        Each failure, and its causes as they are ranked.
    """
    groups: dict[tuple[str, ...], Explanation] = {}
    for failure, causes in found:
        first = causes[0] if causes else None
        if first is None or first.certainty == "refuted":
            key: tuple[str, ...] = ("", _VARYING.sub("#", failure.sentence))
            advice = _UNKNOWN if first is None else _REFUTED
        else:
            key = (first.rule, first.certainty, first.sentence)
            advice = ""
        group = groups.get(key)
        if group is None:
            group = Explanation(failures=[], causes=causes, advice=advice)
            groups[key] = group
        group.failures.append(_told(failure))
    for group in groups.values():
        group.history = history(group.failures)
    return sorted(
        groups.values(), key=lambda g: (_certainty(g), -len(g.failures))
    )


def _certainty(explanation: Explanation) -> int:
    """Return how well a cause is known; the best known is told first."""
    causes = explanation.causes
    return _CERTAIN.index(causes[0].certainty) if causes else len(_CERTAIN)


def _told(failure: Failure) -> ExplainedFailure:
    return ExplainedFailure(
        notebook=failure.notebook,
        cell_index=failure.cell_index,
        cell_id=failure.cell_id,
        state=failure.state,
        error=failure.sentence,
        recurrence=failure.recurrence,
    )


def summary(explanations: Sequence[Explanation]) -> str:
    """Return the first cause in a sentence, and how much it explains."""
    total = sum(len(e.failures) for e in explanations)
    if not total:
        return "Nothing failed."
    first = explanations[0]
    told = _cause(first)
    if total == 1:
        return told
    share = len(first.failures)
    if share == total:
        return f"All {total} failures are one: {told}"
    if share == 1:
        return f"{total} failures, each of its own. The first: {told}"
    return f"{share} of {total} failures are one: {told}"


def _cause(explanation: Explanation) -> str:
    first = explanation.causes[0] if explanation.causes else None
    if first is None or first.certainty == "refuted":
        return f"The cause is not known ({explanation.failures[0].error})."
    if first.certainty == "stated":
        return first.sentence
    return f"Possibly: {first.sentence}"
