"""What credentials look like: the only place that says so.

Each pattern is linear: repetitions are bounded or possessive, and what
follows one cannot begin with what it repeats. A group named ``secret`` is
what is replaced; without one, the whole match is.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "CUT_GAFAELFAWR",
    "GAFAELFAWR",
    "HEADER",
    "SHAPES",
    "Shape",
    "looks_drawn",
    "stands_in",
]

#: A Gafaelfawr token: a key and a secret of 22 characters each (base64url of
#: 128 bits). Whole it is like nothing else.
GAFAELFAWR = r"g[tsio]-[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}"
#: Cut ones are found too, because the key names a session, but not within a
#: longer word.
CUT_GAFAELFAWR = (
    r"(?<![A-Za-z0-9-])gt-[A-Za-z0-9_-]{22}"
    r"(?:\.[A-Za-z0-9_-]{1,21})?(?![A-Za-z0-9_-])"
)

_QUOTE = r"(?:\\*+[\"'`])"
#: A header with its value written out: in a mapping, a call, an assignment,
#: a command line, a table; the value as one literal or as two.
HEADER = re.compile(
    r"authorization(?:[ _-]?[a-z]{1,12})?"
    rf"(?:{_QUOTE}|[\s\])]){{0,50}}+(?:[:=,]>?|(?<=\s\s))"
    rf"(?:{_QUOTE}|[\s(\[{{,]){{0,200}}+"
    rf"(?:[a-z_.]{{1,30}}\(\s*+)?(?:[bfru]{{1,2}}(?={_QUOTE}))?{_QUOTE}{{0,3}}+"
    r"\s{0,200}+(?:bearer|basic|token)"
    rf"(?:\s++|\s*+{_QUOTE}{{1,3}}+\s*+\+?[\s(]*+[bfru]{{0,2}}{_QUOTE}{{1,3}}+\s*+)"
    r"(?P<secret>[a-z0-9_~+/=.-]{8,}+)",
    re.IGNORECASE,
)

#: What stands where a credential would: one word, a number of a list, or a
#: row of crosses.
_WORD = re.compile(
    r"[A-Z]?[a-z]{1,19}|[A-Z]{1,19}|\d{1,4}|[xX*0]+"
    r"|[a-z]+(?:[A-Z][a-z]{2,})+|(?:[A-Z][a-z]{2,})+"
    r"|[A-Za-z]*(?i:token|secret|password|example)[A-Za-z]*\d{0,6}"
)
_SEPARATOR = re.compile(r"[-_~+/=.:%]+")
_NUMBER = re.compile(
    r"[-+]?[0-9.,]{1,50}(?:[eE][-+]?[0-9]{1,4})?[a-zA-Z]{0,3}"
)
#: Fewer characters that are no words make no credential.
_LEAST = 8
#: So many characters of it are judged.
_MOST = 500


def _not_words(value: str) -> int:
    parts = _SEPARATOR.split(value[:_MOST])
    return sum(len(part) for part in parts if not _WORD.fullmatch(part))


def stands_in(value: str) -> bool:
    """Tell whether words stand where the credential would.

    ``YOUR_TOKEN_HERE``, ``xxxxxxxx`` and prose (``authentication``) are made
    of words; what a machine drew at random is not.
    """
    return _not_words(value) < _LEAST


def looks_drawn(value: str) -> bool:
    """Tell whether a value looks as if a machine drew it at random."""
    return (
        len(value) >= 2 * _LEAST
        and not stands_in(value)
        and any(char.isdigit() for char in value)
        and any(char.isalpha() for char in value)
    )


def _random(value: str) -> bool:
    return not stands_in(value)


def _password(value: str) -> bool:
    """Whether it is written out, and not a name in a program."""
    return (
        len(value) >= 4
        and any(char.isalpha() for char in value)
        and not _NUMBER.fullmatch(value)
        and _not_words(value) >= 4
    )


def _quoted(value: str) -> bool:
    """Whether a literal is a password, and no place where one is filled in."""
    return not re.fullmatch(
        r"[{<%$\[*.x].*|\W*|(?:str|string|none|null|true|false|required)",
        value,
        re.IGNORECASE | re.DOTALL,
    )


def _user_and_password(value: str) -> bool:
    """Whether it is what follows ``Basic``: base64 of ``user:password``."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in text and text.isprintable()


@dataclass(frozen=True)
class Shape:
    """One kind of credential.

    Parameters
    ----------
    name
        What it is.
    marks, hints
        Characters, and lower-case texts; where none of them is, it is not.
    source
        Its pattern.
    is_secret
        Judges the part that would be replaced.
    label
        What is written instead.
    in_sources
        Whether it is looked for in the sources of cells as well, where
        ``password=…`` may be code.
    """

    name: str
    marks: str
    hints: tuple[str, ...]
    source: str
    is_secret: Callable[[str], bool] | None = None
    label: str = "[secret]"
    in_sources: bool = False
    flags: int = 0

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, compiled when a hint was seen for the first time."""
        return re.compile(self.source, self.flags)


_NAMES = (
    r"(?:[a-z]{0,12}[_-])?token|api[_-]?key|sig|signature|passw(?:or)?d"
    r"|secret|client[_-]secret|auth|ticket|credential|x-amz-credential"
    r"|x-amz-signature|x-amz-security-token|x-goog-signature"
    r"|x-goog-credential|awsaccesskeyid"
)
_WORD_NAMES = r"pass(?:word|wd|phrase)|passwd|pwd"
_KEY_NAMES = (
    r"(?:access|refresh|id|auth|api|bearer|session|csrf|xsrf)[_-]?token"
    r"|token|secret(?:[_-]?access)?(?:[_-]?key)?|(?:api|access|private)[_-]?key"
    r"|cookie|credential"
)
#: Ends of a domain. Behind one of the well-known, an upper-case letter may
#: follow at once (IPython's "Traceback"), and no method is called so.
_TLD = (
    r"(?:(?:com|org|edu|net|gov|mil|int|info|science|space)(?![a-z0-9(_/]|:\S)"
    r"|(?:[A-Za-z]{2}|COM|ORG|EDU|NET|GOV)(?![A-Za-z0-9(_/]|:\S))"
)

SHAPES = (
    Shape(
        "Gafaelfawr token",
        "-",
        ("gt-", "gs-", "gi-", "go-"),
        rf"{GAFAELFAWR}|{CUT_GAFAELFAWR}",
        lambda value: not stands_in(value[3:]),
        "[token]",
        in_sources=True,
    ),
    Shape(
        "web token",
        ".",
        ("eyj",),
        r"eyJ(?:(?!eyJ)[A-Za-z0-9_-]){8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*+",
        label="[token]",
        in_sources=True,
    ),
    Shape(
        "GitHub or GitLab token",
        "_-",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"),
        # Not into the next one, should it follow at once.
        r"gh[pousr]_(?:(?!gh[pousr]_)[A-Za-z0-9]){30,255}+|github_pat_[A-Za-z0-9_]{22,255}+"
        r"|glpat-[A-Za-z0-9_-]{20,255}+",
        _random,
        "[token]",
        in_sources=True,
    ),
    Shape(
        "key of a cloud",
        "ai9",
        ("akia", "asia", "abia", "acca", "aiza", "ya29."),
        r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])"
        r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}+",
        in_sources=True,
    ),
    Shape(
        "token of a service",
        "-_/",
        ("xox", "hooks.slack.com", "pypi-", "hf_", "sk-", "npm_"),
        r"xox[abeoprs]-[A-Za-z0-9-]{10,}+"
        r"|(?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{20,}+"
        r"|pypi-[A-Za-z0-9_-]{40,}+|hf_(?:(?!hf_)[A-Za-z0-9]){30,255}+"
        r"|sk-[A-Za-z0-9_-]{32,}+|npm_[A-Za-z0-9]{36}",
        _random,
        "[token]",
        in_sources=True,
    ),
    Shape(
        "private key",
        "-",
        ("private key-----",),
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----"
        r"(?:[^-]|-(?!----)){0,20000}+"
        r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY-----)?",
        label="[private key]",
        in_sources=True,
    ),
    Shape(
        "secret key of AWS",
        "=:",
        ("aws",),
        r"(?i:aws)[A-Za-z_. -]{0,24}(?i:secret|key)[A-Za-z_. -]{0,12}"
        r"[\"']?\s{0,5}[:=]\s{0,5}[\"']?"
        r"(?P<secret>[A-Za-z0-9/+]{40})",
    ),
    Shape(
        "Authorization header",
        ":=,\n ",
        ("authorization",),
        HEADER.pattern,
        lambda value: not value.startswith("/") and _random(value),
        "[token]",
        flags=re.IGNORECASE,
    ),
    Shape(
        "bearer credential",
        " ",
        ("bearer",),
        r"bearer\s{1,5}(?P<secret>[a-z0-9+/_.~=-]{16,}+)",
        _random,
        "[token]",
        flags=re.IGNORECASE,
    ),
    Shape(
        "basic credential",
        " ",
        ("basic ",),
        r"basic\s{1,5}(?P<secret>[a-z0-9+/]{8,}+={0,2})",
        _user_and_password,
        "[token]",
        flags=re.IGNORECASE,
    ),
    Shape(
        "password in a URL",
        "@",
        ("://",),
        r"://[^/\s:@\"'<>]{0,256}:(?P<secret>[^/\s@\"'<>]{1,256})@",
    ),
    Shape(
        "secret in a URL",
        "=",
        ("token", "key", "sig", "passw", "secret", "auth", "ticket", "cred"),
        rf"[?&;](?:{_NAMES})=(?P<secret>[^\s&#\"'<>\\`]{{3,2000}}+)",
        lambda value: len(value) >= 6 and _not_words(value) >= 4,
        flags=re.IGNORECASE,
    ),
    Shape(
        "password",
        "=:",
        ("passw", "passphrase", "pwd"),
        rf"(?:{_WORD_NAMES})(?:\\*+[\"'])?[ \t]{{0,5}}[:=]>?[ \t]{{0,5}}"
        r"\\*+(?P<quote>[\"'])(?P<secret>[^\"'\n\\]{3,200})\\*+(?P=quote)",
        _quoted,
        flags=re.IGNORECASE,
    ),
    Shape(
        "password without quotes",
        "=:",
        ("passw", "passphrase", "pwd"),
        rf"(?:{_WORD_NAMES})[ \t]{{0,5}}[:=][ \t]{{0,5}}"
        r"(?P<secret>[^\s\"'&,;<>(){}\[\]\\]{4,200}+)(?![(\[{])",
        _password,
        flags=re.IGNORECASE,
    ),
    Shape(
        "secret with its name",
        "=:",
        ("token", "secret", "key", "cookie", "credential"),
        rf"(?:{_KEY_NAMES})(?:\\*+[\"'])?[ \t]{{0,5}}[:=]>?[ \t]{{0,5}}"
        r"(?:[bfru]{0,2}\\*+[\"'])?"
        r"(?P<secret>[a-z0-9+/_.~=-]{12,2000}+)(?![(\[{])",
        looks_drawn,
        flags=re.IGNORECASE,
    ),
    Shape(
        "e-mail address",
        "@",
        ("@",),
        r"(?<![A-Za-z0-9_%+-])(?<!//)(?!git@)[A-Za-z0-9][A-Za-z0-9._%+-]{1,63}+"
        rf"@(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}{_TLD}",
        label="[e-mail]",
    ),
)
