"""Looks for parts of secrets, by other means than the product."""

from __future__ import annotations

import base64
import html
import re
import urllib.parse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.secrets.kinds import Kind

__all__ = ["leaks", "texts_below"]

#: Letters and digits of a secret that are no longer a coincidence.
_PART = 8
_ANSI = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z]|\][^\x07]*\x07)")
_U = re.compile(r"\\+u([0-9a-fA-F]{4})|\\+x([0-9a-fA-F]{2})")


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def _python(text: str) -> str:
    found = re.sub(r"\\+[nrt]", " ", text)
    return _U.sub(lambda m: chr(int(m[1] or m[2], 16)), found)


def _seen(text: str) -> str:
    return re.sub(r"</?[a-z]{1,6}>", "", _ANSI.sub("", text))


_UNDO = (_python, _seen, html.unescape, urllib.parse.unquote)


def _readings(text: str) -> Iterator[str]:
    """Yield the text, and what it may be read as, in whatever order."""
    seen = {text}
    layer = [text]
    for _ in range(3):
        yield from layer
        layer = sorted({undo(text) for text in layer for undo in _UNDO} - seen)
        seen.update(layer)
    yield from layer


def _parts(kind: Kind) -> set[str]:
    data = kind.secret.encode()
    # Two digits a character: eight of them can be those of a time.
    forms = [(kind.secret, _PART), (data.hex(), 2 * _PART)]
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + data).decode()
        forms.append((coded[4 if before else 0 : -4], _PART))
    return {
        letters[start : start + size]
        for letters, size in ((_letters(text), size) for text, size in forms)
        for start in range(0, len(letters) - size + 1, size)
    }


def leaks(kinds: tuple[Kind, ...], texts: dict[str, str]) -> list[str]:
    """Return where parts of secrets are.

    Parameters
    ----------
    kinds
        The secrets.
    texts
        Name of an artefact -> what is in it.
    """
    found = []
    for name, text in texts.items():
        for reading in map(_letters, _readings(text)):
            for kind in kinds:
                for part in _parts(kind):
                    at = reading.find(part)
                    if at >= 0:
                        around = reading[max(0, at - 60) : at + 40]
                        found.append(f"{kind.name} in {name}: …{around}…")
                        break
    return sorted(set(found))


def texts_below(folder: Path) -> dict[str, str]:
    """Return all files below a folder, and their names."""
    texts = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file():
            texts[name] = path.read_text("utf-8", "replace")
        texts["names"] = texts.get("names", "") + name + "\n"
    return texts
