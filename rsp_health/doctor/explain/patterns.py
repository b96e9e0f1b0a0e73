"""Patterns of rules: words, with ``*`` and ``{name}`` for what may vary.

No regular expressions: whoever writes a rule for a repository should need no
second language, and a repository that somebody cloned must not be able to
keep the doctor busy for hours.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["compile_pattern", "names_in"]

_PLACE = re.compile(r"(\*|\{[a-z_]+\})")
#: Characters that ``*`` and ``{name}`` stand for at most, and how many there
#: may be in one pattern: their product bounds the time of a search.
_ANY = 120
_NAME = 80
_MOST = 3
_LONGEST = 200


def names_in(pattern: str) -> set[str]:
    """Return the names that a pattern, or a sentence, has in braces."""
    return {
        part[1:-1] for part in _PLACE.findall(pattern) if part.startswith("{")
    }


@cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return what finds a pattern, whatever its case and its blanks.

    Parameters
    ----------
    pattern
        Words; ``*`` stands for anything on the line, ``{name}`` for a word
        that the rule's sentences may use.

    Raises
    ------
    ValueError
        Raised if it is empty, too long, or has too many such places.
    """
    if not pattern.strip(" *") or len(pattern) > _LONGEST:
        raise ValueError(
            f"a pattern has 1 to {_LONGEST} characters beside '*'"
        )
    parts = _PLACE.split(pattern)
    if len(parts) // 2 > _MOST:
        raise ValueError(
            f"a pattern has at most {_MOST} of '*' and '{{name}}'"
        )
    found = [_words(parts[0])]
    for place, words in zip(parts[1::2], parts[2::2], strict=True):
        # Atomic, and as short as can be: what was found once is not looked
        # for anew, or three places would take hours of a hostile text.
        found.append(f"(?>{_any(place, is_last=not words)}{_words(words)})")
    return re.compile("".join(found), re.IGNORECASE)


def _words(text: str) -> str:
    return r"\s{1,20}".join(re.escape(word) for word in text.split(" "))


def _any(place: str, *, is_last: bool) -> str:
    lazy = "" if is_last else "?"
    if place == "*":
        return rf"[^\n]{{0,{_ANY}}}{lazy}"
    # A path or a dotted name, without what ends a sentence.
    word = r"[^\s'\"`,;:()<>]"
    end = r"(?<!\.)" if is_last else ""
    return rf"(?P<{place[1:-1]}>{word}{{1,{_NAME}}}{lazy}{end})"
