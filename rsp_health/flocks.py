"""How mobu words the summary of its test bots, for its bots and for ours.

Wording and rounding are those of its daily message to Slack
(``mobu/status.py``), so that one who knows that reads ours at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["sentence", "summary"]


def sentence(
    name: str,
    monkeys: int,
    started: datetime | None,
    failures: int,
    successes: int,
) -> str:
    """Say how a flock does.

    Parameters
    ----------
    name
        The flock's.
    monkeys
        Bots in it.
    started
        When; `None` if they are not.
    failures, successes
        Checks so far.
    """
    total = failures + successes
    rate = 100.0 if total == 0 else 100.0 * successes / total
    if 99.995 < rate < 100.0:
        rate = 99.99  # A failure never rounds to "no failure".
    when = (
        f"started {started.date().isoformat()}" if started else "(not started)"
    )
    return (
        f"{name}: {monkeys} monkey{'' if monkeys == 1 else 's'} {when} with "
        f"{failures} failure{'' if failures == 1 else 's'} "
        f"({rate:.2f}% success)"
    )


def summary(
    platform: str, sentences: Sequence[str], *, ended: bool = False
) -> str:
    """Return the daily message.

    Parameters
    ----------
    platform
        What the flocks run against.
    sentences
        One a flock; see `sentence`.
    ended
        Whether they are not at work any more.
    """
    number = 0 if ended else len(sentences)
    flocks = f"{number} flock{'' if number == 1 else 's'}"
    end = ":" if number else ". The last one:" if sentences else "."
    lines = [f"Currently running {flocks} against {platform}{end}"]
    for text in sentences:
        name, colon, rest = text.partition(": ")
        lines.append(f"• *{name}*{colon}{rest}")
    return "\n".join(lines)
