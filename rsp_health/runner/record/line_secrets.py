"""Takes the secrets out of a line of a record, each field for itself.

A line is of our own making: its keys, states and numbers are no secrets, and
two fields that stand side by side are no text that goes on. A password that
happens to read like them must not change what the line says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...redaction import Redactor

__all__ = ["redact_line"]

#: Words and numbers of our own.
_OURS = frozenset(
    {
        "at",
        "backend",
        "content_sha256",
        "kind",
        "mode",
        "run_id",
        "source_sha256",
        "state",
        "supervisor",
    }
)
#: Names by which lines tell of the same notebook: two have to stay two.
_NAMES = frozenset({"notebook", "path"})


def redact_line(fields: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    """Return the fields of a line without secrets.

    Parameters
    ----------
    fields
        The fields; they stay as they are.
    redactor
        Knows the secrets.
    """
    texts = list(_texts(fields))
    if redactor.value(texts) is texts:
        return fields
    return _table(fields, redactor)


def _table(fields: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in fields.items():
        if key in _OURS:
            found[key] = value
        elif key in _NAMES and isinstance(value, str):
            found[key] = redactor.name(value)
        else:
            found[key] = _without(value, redactor)
    return found


def _without(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.text(value)
    if isinstance(value, dict):
        return _table(value, redactor)
    if isinstance(value, list):
        return [_without(item, redactor) for item in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts that are not our own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _OURS:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
