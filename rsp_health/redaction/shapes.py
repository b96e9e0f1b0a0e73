"""What credentials look like: the only place that says so.

Each pattern is linear: repetitions are bounded or possessive, and what
follows one cannot begin with what it repeats. A group named ``secret`` is
what is replaced; without one, the whole match is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .judges import (
    is_address,
    is_key_of_service,
    is_password,
    is_quoted_password,
    is_random,
    is_token,
    is_user_and_password,
    is_value_in_url,
    is_web_token,
    looks_drawn,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "CUT_GAFAELFAWR",
    "GAFAELFAWR",
    "HEADER",
    "SHAPES",
    "Shape",
]

#: A Gafaelfawr token: a key and a secret of 22 characters each (base64url of
#: 128 bits). Whole it is like nothing else.
GAFAELFAWR = r"g[tsio]-[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}"
#: Cut ones are found too, because the key names a session, but not within a
#: longer word.
CUT_GAFAELFAWR = (
    r"g(?<![A-Za-z0-9-].)t-[A-Za-z0-9_-]{22}"
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
    called
        Whether an opening bracket may follow, which makes it a name in a
        program. A pattern that looked for it would begin again at each name
        within what it has read.
    """

    name: str
    marks: str
    hints: tuple[str, ...]
    source: str
    is_secret: Callable[[str], bool] | None = None
    label: str = "[secret]"
    in_sources: bool = False
    called: bool = False
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
#: The letter before it begins a word. It stands behind that letter because
#: a pattern that begins with letters is far quicker.
_FIRST = r"(?<![A-Za-z0-9].)"
_HF = r"(?:(?!hf_)[A-Za-z0-9]){30,255}+"
#: A folder is no password, though ``pwd`` names both.
_FOLDER = (
    r"(?:\\*+[\"'])?[ \t]{0,5}[:=]>?[ \t]{0,5}(?:\\*+[\"'])?"
    r"(?:[/~]|[a-z]:[\\/])"
)
_WORD_NAMES = rf"pass(?:word|wd|phrase)|passwd|pwd(?!{_FOLDER})"
#: Ends of names: what stands before may be anything.
_KEY_NAMES = (
    r"token|secret(?:[_-]?access)?(?:[_-]?key)?|(?:api|access|private)[_-]?key"
    r"|cookie|credential"
)
#: The codes of countries.
_COUNTRY = (
    "a[c-gilmoq-uwxz]|b[abd-jmnorstvwyz]|c[acdf-ik-oruvwxyz]|d[ejkmoz]"
    "|e[cegrstu]|f[ijkmor]|g[abd-ilmnp-uwy]|h[kmnrtu]|i[delmnoq-t]|j[emop]"
    "|k[eghimnprwyz]|l[abcikr-vy]|m[acdeghk-z]|n[acefgilopruz]|om"
    "|p[ae-hk-nrstwy]|qa|r[eosuw]|s[a-eg-orstuvxyz]|t[cdfghj-ortvwz]"
    "|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw]"
)
#: Ends of a domain. Behind one of the well-known, an upper-case letter may
#: follow at once (IPython's "Traceback"), and no method is called so. What
#: goes on behind another (``.real``, ``[0]``) is an attribute.
_TLD = (
    r"(?:(?:com|org|edu|net|gov|mil)(?![a-z0-9(_/]|:\S)"
    rf"|(?:{_COUNTRY}|{_COUNTRY.upper()}|int|info|science|space"
    r"|COM|ORG|EDU|NET|GOV)(?![A-Za-z0-9(\[_/]|:\S|\.(?:[a-z_]|T\b)))"
)

SHAPES = (
    Shape(
        "Gafaelfawr token",
        "-",
        ("gt-", "gs-", "gi-", "go-"),
        rf"{GAFAELFAWR}|{CUT_GAFAELFAWR}",
        is_token,
        "[token]",
        in_sources=True,
    ),
    Shape(
        "web token",
        ".",
        ("eyj",),
        r"eyJ(?:(?!eyJ)[A-Za-z0-9_-]){8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*+",
        is_web_token,
        "[token]",
        in_sources=True,
    ),
    Shape(
        "GitHub token",
        "_",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        # Not into the next one, should it follow at once.
        r"gh[pousr]_(?:(?!gh[pousr]_)[A-Za-z0-9]){30,255}+|github_pat_[A-Za-z0-9_]{22,255}+",
        is_key_of_service,
        "[token]",
        in_sources=True,
    ),
    Shape(
        "key of a cloud",
        "ai9",
        ("akia", "asia", "abia", "acca", "aiza", "ya29."),
        r"A(?<![A-Z0-9].)(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Z0-9])"
        rf"|A{_FIRST}Iza[A-Za-z0-9_-]{{35}}|y{_FIRST}a29\.[A-Za-z0-9_-]{{20,}}+",
        in_sources=True,
    ),
    Shape(
        "hook of Slack",
        "/",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/services/(?P<secret>[A-Za-z0-9/]{20,}+)",
        is_random,
        "[token]",
        in_sources=True,
    ),
    Shape(
        "token of a service",
        "-",
        ("xox", "pypi-", "glpat-"),
        rf"x{_FIRST}ox[abeoprs]-[A-Za-z0-9-]{{10,}}+"
        rf"|p{_FIRST}ypi-AgE[A-Za-z0-9_-]{{40,}}+"
        r"|glpat-[A-Za-z0-9_-]{20,255}+",
        is_random,
        "[token]",
        in_sources=True,
    ),
    Shape(
        "key of a service",
        "-_",
        ("hf_", "sk-", "npm_"),
        # What ends like a prefix is a word: "mask-", "shelf_".
        rf"h{_FIRST}f_{_HF}(?:hf_{_HF}){{0,9}}+"
        rf"|s{_FIRST}k-[A-Za-z0-9_-]{{32,}}+|n{_FIRST}pm_[A-Za-z0-9]{{36}}",
        is_key_of_service,
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
        r"[Aa](?<![A-Za-z].)(?i:ws)[A-Za-z_. -]{0,24}(?i:secret|key)[A-Za-z_. -]{0,12}"
        r"[\"']?\s{0,5}[:=]\s{0,5}[\"']?"
        r"(?P<secret>[A-Za-z0-9/+]{40})",
    ),
    Shape(
        "Authorization header",
        ":=,\n ",
        ("authorization",),
        HEADER.pattern,
        lambda value: not value.startswith("/") and is_random(value),
        "[token]",
        flags=re.IGNORECASE,
    ),
    Shape(
        "bearer credential",
        " ",
        ("bearer",),
        r"b(?<![a-z0-9].)earer\s{1,5}(?P<secret>[a-z0-9+/_.~=-]{16,}+)",
        is_random,
        "[token]",
        flags=re.IGNORECASE,
    ),
    Shape(
        "basic credential",
        " ",
        ("basic ",),
        r"b(?<![a-z0-9].)asic\s{1,5}(?P<secret>[a-z0-9+/]{8,}+={0,2})",
        is_user_and_password,
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
        is_value_in_url,
        flags=re.IGNORECASE,
    ),
    Shape(
        "password",
        "=:",
        ("passw", "passphrase", "pwd"),
        rf"(?:{_WORD_NAMES})(?:\\*+[\"'])?[ \t]{{0,5}}[:=]>?[ \t]{{0,5}}"
        r"\\*+(?P<quote>[\"'])(?P<secret>[^\"'\n\\]{3,200})\\*+(?P=quote)",
        is_quoted_password,
        flags=re.IGNORECASE,
    ),
    Shape(
        "password without quotes",
        "=:",
        ("passw", "passphrase", "pwd"),
        rf"(?:{_WORD_NAMES})[ \t]{{0,5}}[:=][ \t]{{0,5}}"
        r"(?P<secret>[^\s\"'&,;<>(){}\[\]\\]{4,200}+)",
        is_password,
        called=True,
        flags=re.IGNORECASE,
    ),
    Shape(
        "secret with its name",
        "=:",
        ("token", "secret", "key", "cookie", "credential"),
        rf"(?=[tsapc])(?:{_KEY_NAMES})(?:\\*+[\"'])?[ \t]{{0,5}}[:=]>?[ \t]{{0,5}}"
        r"(?:[bfru]{0,2}\\*+[\"'])?"
        r"(?P<secret>[a-z0-9+/_.~=-]{12,2000}+)",
        looks_drawn,
        called=True,
        flags=re.IGNORECASE,
    ),
    Shape(
        "e-mail address",
        "@",
        ("@",),
        r"(?<![A-Za-z0-9_%+-])(?<!//)(?!git@)[A-Za-z0-9][A-Za-z0-9._%+-]{1,63}+"
        rf"@(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}{_TLD}",
        is_address,
        "[e-mail]",
    ),
)
