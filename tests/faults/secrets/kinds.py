"""Twelve kinds of secret: five of the lab's own, and seven of strangers."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

__all__ = ["KINDS", "Kind", "new_kinds"]

_RANDOM = random.Random(11)  # noqa: S311 - the same in every run
_ALPHABET = string.ascii_letters + string.digits


def _drawn(length: int, alphabet: str = _ALPHABET) -> str:
    return "".join(_RANDOM.choice(alphabet) for _ in range(length))


@dataclass(frozen=True)
class Kind:
    """A kind of secret.

    Parameters
    ----------
    name
        What it is.
    secret
        What nobody may see.
    printed
        What a notebook prints: the secret with what always stands by it.
    variable, file
        Where the lab has it, if it is its own.
    """

    name: str
    secret: str
    printed: str
    variable: str | None = None
    file: str | None = None


def _token(letter: str = "t") -> str:
    return f"g{letter}-{_drawn(22)}.{_drawn(22)}"


def _own(name: str, secret: str, **place: str) -> Kind:
    return Kind(name, secret, secret, **place)


def new_kinds() -> tuple[Kind, ...]:
    """Return one secret of each kind, drawn anew."""
    key, body = _drawn(40), "\n".join(_drawn(64) for _ in range(4))
    password, signature = f"{_drawn(6)}!{_drawn(9)}", _drawn(43)
    begin, end = (f"-----{word} PRIVATE KEY-----" for word in ("BEGIN", "END"))
    return (
        _own("the lab's token", _token(), file="token"),
        _own("a token in a variable", _token(), variable="ACCESS_TOKEN"),
        _own(
            "a hub's token",
            _drawn(32, "0123456789abcdef"),
            variable="JUPYTERHUB_API_TOKEN",
        ),
        _own(
            "a password in a variable",
            f"{_drawn(7)}&/<%{_drawn(9)}",
            variable="DB_PASSWORD",
        ),
        _own("a mounted secret", _drawn(44), file="butler-secret"),
        Kind("another's token", *[_token()] * 2),
        Kind("a token of GitHub", *["ghp_" + _drawn(36)] * 2),
        Kind("a key of AWS", key, f"aws_secret_access_key = {key}"),
        Kind(
            "a password", password, f"connect(user='x', password='{password}')"
        ),
        Kind(
            "a signed URL",
            signature,
            f"https://data.example.org/a.fits?X-Amz-Signature={signature}"
            "&X-Amz-Expires=60",
        ),
        Kind("a private key", body, f"{begin}\n{body}\n{end}\n"),
        Kind(
            "an e-mail address",
            "jane.q.doe1970",
            "jane.q.doe1970@observatory.example.org",
        ),
    )


KINDS = new_kinds()
