"""VOSI availability: what a data service says of itself.

Standard: IVOA Support Interfaces 1.1, section 4. Prefixes differ between
services; the namespace decides. A service that cannot work answers 200 with
``available`` false, so the status alone proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import Subject, Verdict, malformed, shorten
from .markup import read_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from ...platform.http.answers import HttpResponse

__all__ = ["VosiProbe"]

_NS = "{http://www.ivoa.net/xml/VOSIAvailability/v1.0}"


class VosiProbe:
    """Reads a VOSI availability document."""

    accept = "application/xml, text/xml"
    truncate = False

    def judge(self, response: HttpResponse, subject: Subject) -> Verdict:
        """Healthy if the service says that it is available."""
        del subject
        root = read_xml(response, "a VOSI document")
        if isinstance(root, Verdict):
            return root
        if root.tag != f"{_NS}availability":
            return malformed(response, "XML that is not a VOSI availability")
        return _read(response, root)


def _read(response: HttpResponse, root: Element) -> Verdict:
    values = [(e.text or "").strip() for e in root.findall(f"{_NS}available")]
    if len(values) != 1 or values[0] not in {"true", "false", "1", "0"}:
        return malformed(response, "VOSI that does not say if available")
    notes = [shorten(e.text or "") for e in root.findall(f"{_NS}note")]
    notes = [n for n in notes if n]
    said = f": {'; '.join(notes[:2])}" if notes else ""
    if values[0] in {"true", "1"}:
        return Verdict(
            state="up",
            evidence=f"VOSI says available{said}",
            latency_s=response.elapsed_s,
        )
    back = root.findtext(f"{_NS}backAt")
    when = f" (back at {shorten(back, 30)})" if back else ""
    return Verdict(
        state="degraded",
        evidence=f"VOSI says not available{said}{when}",
        latency_s=response.elapsed_s,
    )
