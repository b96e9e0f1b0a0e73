"""Applications of which a client sees little: pages, metadata, health."""

from __future__ import annotations

from html import escape
from typing import Any

from ..ingress import PlatformHandler

__all__ = [
    "InfluxHealthHandler",
    "JsonHandler",
    "MetadataHandler",
    "NotFoundHandler",
    "PageHandler",
]


class PageHandler(PlatformHandler):
    """A page for people.

    Parameters
    ----------
    title
        What the page is called.
    text
        What it says.
    """

    def initialize(  # type: ignore[override]  # tornado passes route settings
        self, *, title: str, text: str, **route: Any
    ) -> None:
        """Remember what the page shows."""
        super().initialize(**route)
        self._title = title
        self._text = text

    def get(self) -> None:
        """Show the page."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        title, text = escape(self._title), escape(self._text)
        self.write(
            "<!DOCTYPE html>\n<html lang='en'><head>"
            f"<title>{title}</title>"
            "<meta name='generator' content='rsp-health sandbox'>"
            f"</head><body><h1>{title}</h1><p>{text}</p></body></html>\n"
        )


class MetadataHandler(PlatformHandler):
    """The root of a Safir application.

    Parameters
    ----------
    description
        What the application says of itself.
    """

    def initialize(  # type: ignore[override]  # tornado passes route settings
        self, *, description: str, **route: Any
    ) -> None:
        """Remember what the application says of itself."""
        super().initialize(**route)
        self._description = description

    def get(self) -> None:
        """Tell the application's metadata."""
        self.send_metadata(self.app, self._description)


class JsonHandler(PlatformHandler):
    """A route that always gives the same JSON document.

    Parameters
    ----------
    document
        What it gives.
    """

    def initialize(  # type: ignore[override]  # tornado passes route settings
        self, *, document: dict[str, Any], **route: Any
    ) -> None:
        """Remember the document."""
        super().initialize(**route)
        self._document = document

    def get(self) -> None:
        """Give the document."""
        self.write(self._document)


class InfluxHealthHandler(PlatformHandler):
    """``GET /influxdb/health`` of Sasquatch."""

    def get(self) -> None:
        """Tell what InfluxDB 1.x tells."""
        self.write(
            {
                "checks": [],
                "message": "ready for queries and writes",
                "name": "influxdb",
                "status": "pass",
                "version": "v1.11.8",
            }
        )


class NotFoundHandler(PlatformHandler):
    """What no application claims: Squareone's own 404."""

    def prepare(self) -> Any:
        """Answer every method alike."""
        return self._missing()

    async def _missing(self) -> None:
        await self._enter()
        self.refuse(404)
