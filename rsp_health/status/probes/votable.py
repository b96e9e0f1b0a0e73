"""What a data service answers to a query: a VOTable, or its error as one.

Standard: IVOA DALI 1.1, section 4.4. The resource of type ``results`` says in
INFO ``QUERY_STATUS`` how the query went; a second INFO behind the table tells
of rows that were left out (OVERFLOW) or of an error while they were written.
Namespaces differ between versions and are not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .base import Verdict, malformed, shorten
from .markup import read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from ...platform.http.answers import HttpResponse

__all__ = ["TABLE", "VoTable", "read_votable"]

_NAME = r'(?:[A-Za-z_]\w*|"[^"\x00-\x1f\x7f]+")'

TABLE = rf"{_NAME}(?:\.{_NAME}){{0,2}}"
"""A table as TAP_SCHEMA names it: ready for a query, quoted where needed."""

_STATUS = "QUERY_STATUS"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoTable:
    """The rows of an answer, as far as anybody here needs them.

    Parameters
    ----------
    has_rows
        Whether there is at least one.
    texts
        The rows, if they are written as text; else none.
    latency_s
        Seconds until the answer.
    """

    has_rows: bool
    texts: tuple[tuple[str, ...], ...]
    latency_s: float


def read_votable(response: HttpResponse) -> VoTable | Verdict:
    """Read an answer, or say what is wrong with it.

    Parameters
    ----------
    response
        An answer of any status: errors come as VOTables, too.
    """
    root = read_xml(response, "a VOTable")
    if isinstance(root, Verdict):
        return root
    if _local(root) != "VOTABLE":
        return malformed(response, "XML that is no VOTable")
    infos = [
        e
        for e in root.iter()
        if _local(e) == "INFO" and e.get("name", "").upper() == _STATUS
    ]
    words = [e.get("value", "").strip().upper() for e in infos]
    for info, word in zip(infos, words, strict=True):
        if word == "ERROR":
            said = shorten("".join(info.itertext()), 300)
            return Verdict(
                state="degraded",
                evidence=f"it says: {said}" if said else "it does not say why",
                latency_s=response.elapsed_s,
            )
    if response.status != 200 or words[:1] not in (["OK"], ["OVERFLOW"]):
        return malformed(response, "a VOTable that does not say how it went")
    return VoTable(
        has_rows=any(_has_rows(e) for e in root.iter()),
        texts=tuple(_texts(root)),
        latency_s=response.elapsed_s,
    )


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _has_rows(element: Element) -> bool:
    name = _local(element)
    return name == "TR" or (
        name == "STREAM" and re.search(r"\S", element.text or "") is not None
    )


def _texts(root: Element) -> Iterator[tuple[str, ...]]:
    for row in root.iter():
        if _local(row) == "TR":
            yield tuple((cell.text or "").strip() for cell in row)
