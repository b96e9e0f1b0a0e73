"""Replaces secrets in texts, in JSON values and in notebooks."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Any

from .literals import Literals
from .shapes import SHAPES
from .terminal import one_line
from .views import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Redactor"]

_LITERAL = "[secret]"
#: The end of a text that a limit cut off: the beginning of a token.
_CUT_OFF = re.compile(
    r"(?:g[tsio]-|gh[pousr]_|github_pat_|glpat-|eyJ|AKIA|ASIA|AIza)"
    r"[A-Za-z0-9_.-]{0,2000}\Z"
)
#: Colours in what is replaced stay, so that what follows looks as before.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
#: Base64 or hexadecimal digits that may hold a secret, in lines as programs
#: break them; a longer run of them is a picture.
_RUN = re.compile(
    r"(?<![A-Za-z0-9+/_-])"
    r"(?:(?:[A-Za-z0-9+/]{57,128}+\r?\n){1,100}+[A-Za-z0-9+/]{0,8192}+"
    r"|[A-Za-z0-9+/_-]{24,8192}+)={0,2}(?![A-Za-z0-9+/_-])"
)
#: Bytes of a text: random ones have hardly ever as many side by side.
_READABLE = re.compile(rb"[\t\n\r\x1b -~]{8,}+")
_NO_TEXT = b"\xff"
_FOR_URLS = bytes.maketrans(b"-_", b"+/")
_HEXADECIMAL = re.compile(rb"[0-9a-fA-F]{24,}+")
#: Digits of base64 become ``a``, the rest spaces: where so many stand side by
#: side, there is such a run. This is far quicker than the pattern.
_DIGITS = bytes(
    ord("a") if chr(code).isalnum() or chr(code) in "+/-_" else ord(" ")
    for code in range(128)
).ljust(256)
_LEAST_RUN = b"a" * 24
#: What opens the arguments of a function that is called, or an index.
_OPENS = {"(", "[", "{"}
#: Characters before the end that is kept in which a secret may begin.
_BEFORE = 4096


class Redactor:
    """Takes secrets out of everything that is stored or shown.

    Parameters
    ----------
    secrets
        The literal secrets of this lab.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._literals = Literals(secrets)
        self._names: dict[str, str] = {}
        self._given: dict[str, int] = {}

    def text(self, text: str) -> str:
        """Replace the secrets in a text."""
        return self._replaced(text, self._spans(text))

    def source(self, text: str) -> str:
        """Replace the secrets in a program, where names are no values."""
        return self._replaced(text, self._spans(text, source=True))

    def one_line(self, text: str) -> str:
        """Return a reason as it may be shown anywhere, a terminal too."""
        return one_line(self.text(text))

    def end_of(self, text: str) -> int:
        """Return how much of a text is whole whose end was cut off.

        What is beyond may be the beginning of a secret.
        """
        window = text[-_BEFORE:]
        at = self._literals.at_end(window)
        found = _CUT_OFF.search(window)
        if found is not None:
            at = min(at, found.start())
        if at == len(window) or any(
            start <= at < end for start, end, _ in self._spans(window)
        ):
            return len(text)  # What is whole is found as such.
        return at + len(text) - len(window)

    def tail(self, text: str, keep: int, *, cut: bool = False) -> str:
        """Return the end of a text, so that no part of a secret is left.

        Parameters
        ----------
        text
            All of it, or its last part: longer than what is kept by as much
            as a secret may have.
        keep
            How many of its characters are kept at most.
        cut
            Whether its beginning was cut off.
        """
        if len(text) <= keep:
            at = self._literals.at_start(text) if cut else 0
            return (_LITERAL if at else "") + self.text(text[at:])
        text = text[-keep - _BEFORE :]
        return self._replaced(text, self._spans(text), len(text) - keep)

    def head(self, text: str, keep: int) -> str:
        """Return the beginning of a text, without part of a secret.

        One that is whole stays, for those who redact all of it.
        """
        if len(text) <= keep:
            return text
        for start, end, _ in _merged(self._spans(text[: keep + _BEFORE])):
            if start < keep < end:
                return text[:start] + _LITERAL
        return text[:keep]

    def name(self, name: str) -> str:
        """Replace the secrets in a name, so that two names stay two."""
        found = self._names.get(name)
        if found is None:
            found = self.text(name)
            if found != name:
                number = self._given[found] = self._given.get(found, 0) + 1
                if number > 1:
                    found = found.replace("]", f" {number}]", 1)
            self._names[name] = found
        return found

    def value(self, value: Any) -> Any:
        """Replace the secrets in a JSON value, keys included.

        It keeps its form. A secret that is spread over the entries of a list
        or object takes all of them with it.
        """
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, dict | list):
            return value
        if not self._suspects("\n".join(_strings(value))):
            return value
        found = self._walk(value, self.text)
        return self._without_spread(found) if self._literals else found

    def texts(self, value: Any) -> Any:
        """Replace the secrets in each text of a JSON value of our own.

        Unlike `value` it looks at each text for itself and keeps the keys:
        a record is still one, whatever a secret has in common with it.
        """
        if not self._suspects("\n".join(_strings(value))):
            return value
        return self._walk(value, str)

    def notebook(self, content: dict[str, Any]) -> dict[str, Any]:
        """Replace the secrets in a notebook; the one given stays as it is.

        In sources only what is nothing else; in pictures only the secrets of
        this lab.
        """
        if not self._suspects(
            "\n".join(_strings(content, _is_picture))
        ) and not any(map(self._literals.are_in, _pictures(content))):
            return content
        found = {
            self.text(key): self.value(item)
            for key, item in content.items()
            if key not in {"cells", "metadata"}
        }
        found["metadata"] = self._fields(content.get("metadata"))
        found["cells"] = [self._cell(cell) for cell in content["cells"]]
        return found

    def _cell(self, cell: Any) -> Any:
        if not isinstance(cell, dict):
            return self.value(cell)
        found: dict[str, Any] = {}
        for key, item in cell.items():
            if key == "source":
                joined = "".join(item) if isinstance(item, list) else item
                found[key] = self.source(str(joined))
            elif key == "outputs" and isinstance(item, list):
                found[key] = [self._fields(output) for output in item]
            else:
                found[self.text(key)] = self._fields(item)
        return found

    def _fields(self, value: Any) -> Any:
        """Redact each field for itself: one that is spread takes no other."""
        if not isinstance(value, dict):
            return self.value(value)
        return {
            self.text(key): self._picture(item)
            if _is_picture(key)
            else self._fields(item)
            for key, item in value.items()
        }

    def _picture(self, value: Any) -> Any:
        if isinstance(value, str) and self._literals.are_in(value):
            return _LITERAL
        return value if isinstance(value, str) else self.value(value)

    def _walk(self, value: Any, by_key: Callable[[str], str]) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._walk(item, by_key) for item in value]
        if isinstance(value, dict):
            return {
                by_key(str(key)): self._walk(item, by_key)
                for key, item in value.items()
            }
        return value

    def _without_spread(self, value: Any) -> Any:
        if not self._has_literal(value):
            return value
        if isinstance(value, list):
            found = [self._without_spread(item) for item in value]
            return [_LITERAL] if self._has_literal(found) else found
        if isinstance(value, dict):
            kept = {k: self._without_spread(v) for k, v in value.items()}
            if not self._has_literal(kept):
                return kept
            return dict.fromkeys(value, _LITERAL)
        return _LITERAL

    def _has_literal(self, value: Any) -> bool:
        text = "\n".join(_strings(value))
        return any(self._literals.are_in(view.text) for view in views(text))

    def _suspects(self, text: str) -> bool:
        return next(iter(self._spans(text)), None) is not None

    def _spans(
        self, text: str, *, source: bool = False
    ) -> Iterator[tuple[int, int, str]]:
        """Yield where secrets are, from, to, and what is written instead."""
        for view in views(text):
            if self._literals.are_in(view.text):
                for start, end in self._literals.spans(view.text):
                    yield *view.place(start, end), _LITERAL
            for start, end, label in _shaped(view.text, source=source):
                yield *view.place(start, end), label
            for start, end in _hidden(view.text):
                yield *view.place(start, end), _LITERAL

    @staticmethod
    def _replaced(
        text: str, spans: Iterable[tuple[int, int, str]], begin: int = 0
    ) -> str:
        pieces: list[str] = []
        at = begin
        for start, end, label in _merged(spans):
            if end <= begin:
                continue
            pieces += (
                text[at:start],
                label,
                *_COLOUR.findall(text[start:end]),
            )
            at = end
        if not pieces:
            return text[begin:]
        return "".join(pieces) + text[at:]


def _shaped(
    text: str, *, source: bool = False
) -> Iterator[tuple[int, int, str]]:
    """Yield what looks like a credential."""
    lower = text.lower()
    for shape in SHAPES:
        if source and not shape.in_sources:
            continue
        if not any(mark in lower for mark in shape.marks) or not any(
            hint in lower for hint in shape.hints
        ):
            continue
        group = "secret" if "secret" in shape.pattern.groupindex else 0
        for match in shape.pattern.finditer(text):
            if shape.called and text[match.end() : match.end() + 1] in _OPENS:
                continue
            if shape.is_secret is None or shape.is_secret(match[group]):
                yield *match.span(group), shape.label


def _hidden(text: str) -> Iterator[tuple[int, int]]:
    """Yield where base64 or hexadecimal digits hold a credential."""
    digits = text.encode("utf-8", "replace").translate(_DIGITS)
    if _LEAST_RUN not in digits:
        return
    for match in _RUN.finditer(text):
        decoded = _decoded(match[0].encode())
        if _READABLE.search(_NO_TEXT.join(decoded)) is not None and any(
            next(_shaped(data.decode("latin-1")), None) is not None
            for data in decoded
        ):
            yield match.span()


def _decoded(run: bytes) -> list[bytes]:
    """Return what a run of digits may stand for."""
    digits = b"".join(run.rstrip(b"=").split())
    hexadecimal = _HEXADECIMAL.findall(digits)
    found = [
        binascii.unhexlify(
            part[skipped : len(part) - (len(part) - skipped) % 2]
        )
        for part in hexadecimal
        for skipped in range(2)
    ]
    if hexadecimal == [digits]:
        return found
    plain = digits.translate(_FOR_URLS)
    for skipped in range(4):
        end = len(plain) - ((len(plain) - skipped) % 4 == 1)
        # More of the sign than is needed for the last ones is left out.
        found.append(binascii.a2b_base64(plain[skipped:end] + b"=="))
    return found


def _merged(
    spans: Iterable[tuple[int, int, str]],
) -> Iterator[tuple[int, int, str]]:
    """Yield spans in order, those that overlap as one."""
    last: tuple[int, int, str] | None = None
    for start, end, label in sorted(spans, key=lambda span: span[:2]):
        if last is not None and start < last[1]:
            last = last[0], max(end, last[1]), last[2]
            continue
        if last is not None:
            yield last
        last = start, end, label
    if last is not None:
        yield last


def _is_picture(key: str) -> bool:
    """Whether what stands under a key is a picture, and no text."""
    return key.startswith("image/") and "svg" not in key


def _strings(
    value: Any, is_left_out: Callable[[str], bool] | None = None
) -> Iterator[str]:
    """Yield all texts of a JSON value, keys included, in order.

    What one text alone holds below a key may be left out.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            if is_left_out and isinstance(item, str) and is_left_out(str(key)):
                continue
            yield from _strings(item, is_left_out)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, is_left_out)


def _pictures(value: Any) -> Iterator[str]:
    """Yield the texts of a JSON value that stand for pictures."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and _is_picture(str(key)):
                yield item
            else:
                yield from _pictures(item)
    elif isinstance(value, list):
        for item in value:
            yield from _pictures(item)
