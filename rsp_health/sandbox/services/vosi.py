"""VOSI availability documents, as TAP, SIA and the cutout service give them.

Standard: IVOA Support Interfaces 1.1, section 4. A service that cannot work
answers 200 with ``available`` false; health is never in the status code.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from ..ingress import PlatformHandler

__all__ = ["AvailabilityHandler"]

_NAMESPACE = "http://www.ivoa.net/xml/VOSIAvailability/v1.0"


class AvailabilityHandler(PlatformHandler):
    """``GET …/availability``.

    Parameters
    ----------
    checks_backend
        Whether the service looks behind itself. Safir's UWS handler, behind
        cutouts, always says that it is available.
    prefix
        XML prefix; services differ, and clients must not care.
    """

    def initialize(
        self,
        *,
        checks_backend: bool = True,
        prefix: str = "vosi",
        **route: Any,
    ) -> None:
        """Remember what the service checks."""
        super().initialize(**route)
        self._checks_backend = checks_backend
        self._prefix = prefix

    def get(self, dataset: str = "") -> None:
        """Say whether the service can work."""
        del dataset
        note = None
        if self._checks_backend:
            note = self.state.scenario.says_no.get(self.app)
        self.send_xml(self._document(note))

    def _document(self, note: str | None) -> str:
        p = f"{self._prefix}:" if self._prefix else ""
        xmlns = f"xmlns:{self._prefix}" if self._prefix else "xmlns"
        started = datetime.fromtimestamp(self.state.started_at, tz=UTC)
        lines = [
            f'<{p}availability {xmlns}="{_NAMESPACE}">',
            f"  <{p}available>{str(note is None).lower()}</{p}available>",
        ]
        if note is None:
            since = started.strftime("%Y-%m-%dT%H:%M:%S.000")
            lines.append(f"  <{p}upSince>{since}</{p}upSince>")
        else:
            lines.append(f"  <{p}note>{escape(note)}</{p}note>")
        lines.append(f"</{p}availability>\n")
        return "\n".join(lines)
