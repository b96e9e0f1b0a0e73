"""XML answers, read without obeying what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from .base import Verdict, malformed, wrong_type

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from ...platform.http.answers import HttpResponse

__all__ = ["is_xml", "read_xml"]

_TYPES = frozenset({"application/xml", "text/xml"})


def is_xml(response: HttpResponse) -> bool:
    """Whether an answer says that it is XML, and no web page."""
    kind = response.content_type
    if kind == "application/xhtml+xml":
        return False
    return kind in _TYPES or kind.endswith("+xml")


def read_xml(response: HttpResponse, wanted: str) -> Element | Verdict:
    """Parse an answer; entities and document types are refused.

    Parameters
    ----------
    response
        The answer.
    wanted
        What it should be, with its article ("a VOSI document").

    Returns
    -------
    Element or Verdict
        The document's root, or what is said of an answer that is none.
    """
    if not is_xml(response):
        return wrong_type(response, wanted)
    try:
        root: Element = fromstring(response.body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        empty = not response.body.strip()
        return malformed(
            response,
            "an empty document" if empty else "XML that cannot be read",
        )
    return root
