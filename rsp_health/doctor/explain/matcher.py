"""Decides whether a rule fits a failure, and fills in its sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...printable import printable
from ...redaction.terminal import one_line
from .patterns import compile_pattern, names_in
from .rules import FACTS
from .services import hosts_of, needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .failure import Failure
    from .rules import Conditions, Rule

__all__ = ["Match", "fits", "matching"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that fits, and what its patterns found."""

    rule: Rule
    found: Mapping[str, str]

    def filled(self, text: str, **facts: str) -> str:
        """Return a sentence of the rule with what is known in its places."""
        known = {
            **FACTS,
            **self.found,
            **{k: v for k, v in facts.items() if v},
        }
        for name in names_in(text):
            text = text.replace(f"{{{name}}}", known.get(name, "…"))
        text = printable(one_line(text))
        # What a rule says begins with a capital; a host's name does not.
        begins = text.startswith(tuple(filter(None, FACTS.values())))
        return text[:1].upper() + text[1:] if begins else text


def matching(
    rules: Iterable[Rule], failure: Failure, platform: str | None
) -> list[Match]:
    """Return the rules that fit.

    Parameters
    ----------
    rules
        In their order.
    failure
        What failed.
    platform
        The platform's host name.
    """
    matches = []
    for rule in rules:
        found = fits(rule.when, failure, platform)
        if found is None:
            continue
        if (
            rule.unless is not None
            and fits(rule.unless, failure, platform) is not None
        ):
            continue
        matches.append(Match(rule=rule, found=found))
    return matches


def fits(
    when: Conditions, failure: Failure, platform: str | None
) -> dict[str, str] | None:
    """Return what the patterns found if all conditions hold, else `None`."""
    if failure.state == "service" and "service" not in when.state:
        return None  # A row is no error of a cell, whatever its evidence.
    if not _facts_fit(when, failure, platform):
        return None
    found: dict[str, str] = {}
    names = [text for t in failure.thrown for text in (t.name, t.short)]
    lists: tuple[tuple[Sequence[str], Sequence[str], bool], ...] = (
        (when.exception, names, True),
        (when.message, [failure.text], False),
        (when.file, failure.files, False),
        (when.last_file, failure.files[-1:], False),
        (when.kernel, [failure.kernel or ""], True),
        (when.source, [failure.source], False),
        (when.reason, [failure.reason], False),
    )
    for patterns, texts, whole in lists:
        if patterns and not _any(patterns, texts, found, whole=whole):
            return None
    return found


def _any(
    patterns: Sequence[str],
    texts: Sequence[str],
    found: dict[str, str],
    *,
    whole: bool,
) -> bool:
    for pattern in patterns:
        compiled = compile_pattern(pattern)
        search = compiled.fullmatch if whole else compiled.search
        for text in texts:
            match = search(text)
            if match is not None:
                found.update(match.groupdict())
                return True
    return False


def _facts_fit(
    when: Conditions, failure: Failure, platform: str | None
) -> bool:
    on_platform = _on_platform(failure, platform)
    elsewhere = on_platform is False and not needed(failure)
    wanted = (
        (when.ends_in_notebook, failure.ends_in_notebook),
        (when.out_of_memory, failure.out_of_memory),
        (when.small, failure.is_small),
        (when.remote, failure.is_remote),
        (when.other_kernel, failure.has_other_kernel),
        (when.on_platform, on_platform),
        (when.elsewhere, elsewhere),
    )
    if any(want is not None and want != is_so for want, is_so in wanted):
        return False
    if when.errno and not failure.errnos & set(when.errno):
        return False
    if when.signal and failure.signal not in when.signal:
        return False
    if when.state and failure.state not in when.state:
        return False
    return not when.status or any(
        str(status) in when.status or f"{str(status)[0]}xx" in when.status
        for status in failure.statuses
    )


def _on_platform(failure: Failure, platform: str | None) -> bool | None:
    """Whether the error speaks of the platform; `None` if of no host."""
    hosts = hosts_of(failure)
    if not hosts or platform is None:
        return None
    host = platform.lower().partition(":")[0]
    return any(name == host or name.endswith(f".{host}") for name in hosts)
