"""Whether what stands where a credential would is one.

A pattern says where; here the value itself is judged, so that words, names of
files, hashes and products of matrices stay.
"""

from __future__ import annotations

import base64
import binascii
import re

__all__ = [
    "is_address",
    "is_key_of_service",
    "is_password",
    "is_quoted_password",
    "is_random",
    "is_token",
    "is_user_and_password",
    "is_value_in_url",
    "is_web_token",
    "looks_drawn",
    "stands_in",
]

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
#: Letters and digits of a key that nothing divides.
_LONG_PART = re.compile(r"[A-Za-z0-9]{20,}+")
#: Keys of services that are hexadecimal, always of one length.
_HEXADECIMAL_KEY = re.compile(r"sk-[0-9a-f]{32}|sk-or-v1-[0-9a-f]{64}")
#: No attribute is called so.
_NEVER_IN_PROGRAMS = {"com", "org", "edu", "net", "gov", "mil"}
#: Countries whose code is an attribute or the end of a file much more often
#: than the end of a domain that has no other part (``edu.tr`` has).
_ALSO_ATTRIBUTES = {
    *("ax", "id", "md", "mu", "pm", "ps", "py"),
    *("sd", "sh", "so", "to", "tr", "us"),
}
#: Who has an address in ``.int`` and works with the sky.
_INTERNATIONAL = {"ecmwf", "esa", "eumetsat"}
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


def is_random(value: str) -> bool:
    """Tell whether it is not made of words."""
    return not stands_in(value)


def is_token(value: str) -> bool:
    """Tell whether both halves of a Gafaelfawr token are drawn.

    The name of a file that ends in ``logs-…`` has the same form.
    """
    key, _, secret = value[3:].partition(".")
    return not stands_in(key) and (
        len(secret) < len(key) or not stands_in(secret)
    )


def is_key_of_service(value: str) -> bool:
    """Tell whether what follows a short prefix is a key, and no hash.

    Dask names a task by a function and a hash (``mask-0f3b…``).
    """
    if _HEXADECIMAL_KEY.fullmatch(value):
        return True
    return is_random(value) and any(
        any(map(str.isupper, part)) and any(map(str.islower, part))
        for part in _LONG_PART.findall(value)
    )


def is_web_token(value: str) -> bool:
    """Tell whether its first part is the header of a web token."""
    header = value.partition(".")[0]
    text = _decoded(header.replace("-", "+").replace("_", "/"))
    return text is not None and text.startswith('{"')


def is_password(value: str) -> bool:
    """Whether it is written out, and not a name in a program."""
    return (
        len(value) >= 4
        and any(char.isalpha() for char in value)
        and not _NUMBER.fullmatch(value)
        and _not_words(value) >= 4
    )


def is_quoted_password(value: str) -> bool:
    """Whether a literal is a password, and no place where one is filled in."""
    return not re.fullmatch(
        r"[{<%$\[*.].*|x+|\W*|(?:str|string|none|null|true|false|required)",
        value,
        re.IGNORECASE | re.DOTALL,
    )


def is_user_and_password(value: str) -> bool:
    """Whether it is what follows ``Basic``: base64 of ``user:password``."""
    text = _decoded(value)
    return text is not None and ":" in text


def is_value_in_url(value: str) -> bool:
    """Tell whether it is no word, as many values in URLs are."""
    return len(value) >= 6 and _not_words(value) >= 4


def is_address(value: str) -> bool:
    """Tell whether it is an address of e-mail, and no product of matrices.

    ``res@model.it`` may be either; ``A.T@B.us`` and ``res@fit.mu`` are not
    what anybody's address looks like.
    """
    local, _, domain = value.rpartition("@")
    *names, last = domain.lower().split(".")
    if last == "int":
        return names[-1] in _INTERNATIONAL
    if last in _NEVER_IN_PROGRAMS:
        return True
    if len(local) < 3 or local[-2] == ".":
        return False
    return len(names) > 1 or (
        len(names[0]) > 1 and last not in _ALSO_ATTRIBUTES
    )


def _decoded(value: str) -> str | None:
    """Return the text that base64 stands for, if it is one."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return text if text.isprintable() else None
