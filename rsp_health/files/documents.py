"""Parse YAML, TOML and JSON that somebody else wrote, within bounds.

A few hundred bytes may ask a parser for gigabytes, for minutes, or for more
stack than there is; or hold a value that nobody can show. What comes out of
here is a document of honest size and depth, or a `BadDocumentError` that
says what is wrong and where.

The parsers are imported when they are called: the git filter starts with
this file.
"""

from __future__ import annotations

import math
import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import (
    BadDocumentError,
    ExcessiveDocumentError,
    MissingFileError,
    UnreadableFileError,
)
from ..printable import printable
from .reading import safe_read

if TYPE_CHECKING:
    import json
    from collections.abc import Iterable
    from pathlib import Path

    import yaml

__all__ = [
    "DEPTH",
    "compose_yaml",
    "load_json",
    "load_toml",
    "load_yaml",
    "parse_json",
    "parse_toml",
    "parse_yaml",
    "read_json",
]

#: Levels of lists and tables that a document may have.
DEPTH = 100
#: Bytes of a YAML or TOML file; their parsers are slow.
_YAML_BYTES = 128 * 1024
_TOML_BYTES = 128 * 1024
#: Bytes of a JSON file.
_JSON_BYTES = 16 * 1024**2
#: Lists, tables, keys and values of a JSON file: of each byte of ``[[],[],``
#: Python makes thirty.
_JSON_VALUES = 500_000
_MARKS = (b"[", b"{", b",", b":")
#: Digits of a whole number; more are no count, size or time of anything.
_DIGITS = 40
#: A dotted key of that many parts takes `tomllib` the square of their number.
_PARTS = 64
_DOTTED = re.compile(
    rf"""(?<![\w.-])
    (?:(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{_PARTS}}}""",
    re.VERBOSE,
)

_HINT = "Correct the file, or remove it."


def load_yaml(
    path: Path, *, limit: int = _YAML_BYTES, inside: Path | None = None
) -> Any:
    """Read a YAML file; see `safe_read` and `parse_yaml`."""
    return parse_yaml(safe_read(path, limit=limit, inside=inside), path)


def load_toml(
    path: Path, *, limit: int = _TOML_BYTES, inside: Path | None = None
) -> dict[str, Any]:
    """Read a TOML file; see `safe_read` and `parse_toml`."""
    return parse_toml(safe_read(path, limit=limit, inside=inside), path)


def load_json(
    path: Path, *, limit: int = _JSON_BYTES, inside: Path | None = None
) -> Any:
    """Read a JSON file; see `safe_read` and `parse_json`."""
    return parse_json(safe_read(path, limit=limit, inside=inside), path)


def read_json(
    path: Path, *, limit: int = _JSON_BYTES, inside: Path | None = None
) -> Any:
    """Read a JSON file of ours; `None` if it is missing, or not JSON.

    Raises
    ------
    OSError
        Raised if the system refuses to read it.
    """
    try:
        return load_json(path, limit=limit, inside=inside)
    except MissingFileError:
        return None
    except UnreadableFileError as exc:
        if isinstance(exc.__cause__, OSError):
            raise exc.__cause__ from None
        return None


def parse_yaml(data: bytes, where: Path | str) -> Any:
    """Parse YAML as a safe loader does, within bounds.

    Parameters
    ----------
    data
        The file's content.
    where
        The file, for messages.

    Returns
    -------
    object
        What it says; `None` for an empty file.

    Raises
    ------
    rsp_health.errors.BadDocumentError
        Raised if a safe loader would refuse it, or if it is too deep, too
        large with its aliases and merges, or holds itself.
    """
    return _yaml(data, where)[1]


def compose_yaml(data: bytes, where: Path | str) -> yaml.Node | None:
    """Return the node of a document that `parse_yaml` accepts.

    Its merges are carried out; its nodes know their lines.
    """
    return _yaml(data, where)[0]


def parse_toml(
    data: bytes, where: Path | str, *, limit: int = _TOML_BYTES
) -> dict[str, Any]:
    """Parse TOML within bounds.

    Parameters
    ----------
    data, where
        As for `parse_yaml`.
    limit
        Bytes beyond which it is refused.

    Raises
    ------
    rsp_health.errors.BadDocumentError
        Raised if it is not TOML, is too deep, or holds a number too large.
    """
    import tomllib

    text = _text(data, where, limit=limit)
    for number, line in enumerate(text.split("\n"), start=1):
        # Looked for where it can be: no other thread runs meanwhile.
        if line.count(".") >= _PARTS and _DOTTED.search(line):
            raise _excessive(where, "a key has too many parts", number)
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise _excessive(where, "it is nested too deeply") from None
    except tomllib.TOMLDecodeError as exc:
        raise _bad(where, f"it is not TOML: {_end(exc)}") from exc
    except ValueError:
        raise _bad(where, "a value in it is not a number or date") from None
    _check(document, where)
    return document


def parse_json(data: bytes, where: Path | str) -> Any:
    """Parse JSON within bounds; the parameters are those of `parse_yaml`.

    ``NaN`` and ``Infinity`` are refused, as the standard does.

    Raises
    ------
    rsp_health.errors.BadDocumentError
        Raised if it is not JSON, is too deep, or holds a number too large.
    """
    from json import JSONDecodeError

    text = _text(data, where, limit=None)
    # Those in strings are counted too: they are few, or the file is large.
    if (
        len(data) > _JSON_VALUES
        and sum(map(data.count, _MARKS)) > _JSON_VALUES
    ):
        raise _excessive(where, "it holds too many values")
    try:
        document = _decoder().decode(text)
    except RecursionError:
        raise _excessive(where, "it is nested too deeply") from None
    except _NumberError as exc:
        raise _excessive(where, str(exc)) from None
    except JSONDecodeError as exc:
        reason = exc.msg[:1].lower() + exc.msg[1:]
        raise _bad(where, f"it is not JSON: {reason}", exc.lineno) from exc
    if data.count(b"[") + data.count(b"{") > DEPTH:
        _check_depth(document, where)
    return document


@cache
def _decoder() -> json.JSONDecoder:
    """Return the one decoder: to make one takes longer than most texts."""
    from json import JSONDecoder

    return JSONDecoder(
        parse_int=_whole, parse_float=_real, parse_constant=_no_number
    )


def _yaml(data: bytes, where: Path | str) -> tuple[yaml.Node | None, Any]:
    from .bounded_yaml import BadYAMLError, read

    text = _text(data, where, limit=_YAML_BYTES)
    try:
        return read(text, depth=DEPTH, digits=_DIGITS)
    except BadYAMLError as exc:
        if exc.excessive:
            raise _excessive(where, str(exc), exc.line) from None
        raise _bad(where, str(exc), exc.line) from None


def _text(data: bytes, where: Path | str, *, limit: int | None) -> str:
    if limit is not None and len(data) > limit:
        raise _excessive(where, f"it is larger than {limit / 1e3:.0f} kB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise _bad(where, "it is not UTF-8", line) from None


class _NumberError(Exception):
    """A number that is none, or is too large."""


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise _NumberError(f"a number has more than {_DIGITS} digits")
    return int(digits)


def _real(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _NumberError("a number is too large")
    return number


def _no_number(name: str) -> float:
    raise _NumberError(f"{name} is not a number")


def _check(document: Any, where: Path | str) -> None:
    """Refuse what a parser takes and nobody can show."""
    most = 10**_DIGITS
    for values in _check_depth(document, where):
        for value in values:
            if isinstance(value, int) and abs(value) >= most:
                raise _excessive(
                    where, f"a number has more than {_DIGITS} digits"
                )


def _check_depth(document: Any, where: Path | str) -> list[Iterable[Any]]:
    """Refuse a document that is too deep; return all that holds values."""
    holders: list[Iterable[Any]] = []
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(DEPTH + 1):
        inner: list[Iterable[Any]] = [
            value.values() if isinstance(value, dict) else value
            for value in level
        ]
        if not inner:
            return holders
        holders += inner
        level = [
            value
            for values in inner
            for value in values
            if isinstance(value, dict | list)
        ]
    raise _excessive(where, "it is nested too deeply")


def _end(exc: Exception) -> str:
    """Return a parser's message as the end of a sentence."""
    said = printable(str(exc))
    return said[:1].lower() + said[1:200]


def _excessive(
    where: Path | str, reason: str, line: int | None = None
) -> ExcessiveDocumentError:
    return ExcessiveDocumentError(
        printable(os.fspath(where)), reason, hint=_HINT, line=line
    )


def _bad(
    where: Path | str, reason: str, line: int | None = None
) -> BadDocumentError:
    return BadDocumentError(
        printable(os.fspath(where)), reason, hint=_HINT, line=line
    )
