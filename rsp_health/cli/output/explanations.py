"""Why something failed, as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...printable import printable
from ...states import SIGNS
from .findings import WHOSE

if TYPE_CHECKING:
    from rich.text import Text

    from ...doctor.explain.models import (
        Cause,
        ExplainedFailure,
        Explanation,
        ExplanationReport,
    )
    from ..context import CliContext

__all__ = ["show_explanations"]

#: Failures of one cause that are named.
_NAMED = 3
_WORDS = {"stated": "Cause", "possible": "Possible", "refuted": "Refuted"}


def show_explanations(context: CliContext, report: ExplanationReport) -> None:
    """Print each cause with its failures, and the sum of it last.

    Parameters
    ----------
    context
        The call.
    report
        What is known.
    """
    from rich.text import Text

    for problem in report.problems:
        context.console.print(Text(f"! {printable(problem)}", style="yellow"))
    for explanation in report.explanations:
        context.out.print(_lines(explanation))
        context.out.print()
    context.out.print(Text(printable(report.sentence), style="bold"))


def _lines(explanation: Explanation) -> Text:
    from rich.text import Text

    first, *others = explanation.failures
    text = Text(f"{SIGNS['bad']} ", style="red")
    text.append(_place(first), style="bold")
    text.append(printable(first.error), style="none")
    if others:
        names = ", ".join(printable(f.notebook or "") for f in others[:_NAMED])
        more = len(others) - _NAMED
        rest = f" and {more} more" if more > 0 else ""
        text.append(f"\n  the same in: {names}{rest}", style="dim")
    if explanation.history:
        text.append(f"\n  {printable(explanation.history)}", style="dim")
    for cause in explanation.causes:
        _add(text, cause)
    if explanation.advice:
        text.append(f"\n  → {explanation.advice}", style="none")
    return text


def _place(failure: ExplainedFailure) -> str:
    if failure.notebook is None:
        return ""
    cell = f", cell {failure.cell_index}" if failure.cell_index else ""
    return f"{printable(failure.notebook)}{cell}: "


def _add(text: Text, cause: Cause) -> None:
    style = "strike dim" if cause.certainty == "refuted" else "none"
    text.append(f"\n  {_WORDS[cause.certainty]}: ", style="bold")
    text.append(printable(cause.sentence), style=style)
    text.append(f" [{WHOSE[cause.whose]}]", style="dim")
    for seen in cause.evidence:
        text.append(
            f"\n    {printable(seen.source)}: {printable(seen.value)}",
            style="dim",
        )
    for why in cause.undecided:
        text.append(f"\n    ? {printable(why)}", style="dim")
    if cause.certainty != "refuted":
        text.append(f"\n  → {printable(cause.next_step)}", style="none")
