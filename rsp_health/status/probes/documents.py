"""JSON documents that applications give: metadata, OpenAPI, health."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...platform.http.answers import FetchError
from .base import Subject, Verdict, malformed, shorten, wrong_type

if TYPE_CHECKING:
    from ...platform.http.answers import HttpResponse

__all__ = [
    "ActuatorProbe",
    "BrokersProbe",
    "InfluxProbe",
    "MetadataProbe",
    "OpenApiProbe",
    "TreeProbe",
]

_JSON = "application/json"
# FastAPI writes the version first; the whole document may exceed the cap.
_OPENAPI_START = re.compile(rb'\s*\{\s*"openapi"\s*:\s*"3\.\d')


def _is_json(response: HttpResponse) -> bool:
    kind = response.content_type
    return kind == _JSON or (
        kind.startswith("application/") and kind.endswith("+json")
    )


class _JsonProbe:
    """Parses the answer and lets the child look for its marker."""

    accept = _JSON
    truncate = False
    wanted = "JSON"

    def judge(self, response: HttpResponse, subject: Subject) -> Verdict:
        """Healthy if the document has the marker of the application."""
        del subject
        if not _is_json(response):
            return wrong_type(response, self.wanted)
        try:
            document = response.json()
        except FetchError:
            return malformed(response, "JSON that cannot be read")
        if not isinstance(document, dict):
            return malformed(response, f"JSON that is not {self.wanted}")
        return self.read(response, document)

    def read(
        self, response: HttpResponse, document: dict[str, Any]
    ) -> Verdict:
        """Look for the marker."""
        raise NotImplementedError


class MetadataProbe(_JsonProbe):
    """The root of a Safir application: its name and version."""

    wanted = "its metadata"

    def read(
        self, response: HttpResponse, document: dict[str, Any]
    ) -> Verdict:
        """Healthy if the application names itself."""
        metadata = document.get("metadata")
        fields = metadata if isinstance(metadata, dict) else {}
        name, version = fields.get("name"), fields.get("version")
        if not isinstance(name, str) or not name:
            return malformed(response, "JSON that is not its metadata")
        told = shorten(version, 40) if isinstance(version, str) else ""
        return Verdict(
            state="up",
            evidence=f"its frontend answers (version {told})"
            if told
            else "its frontend answers",
            version=told or None,
            latency_s=response.elapsed_s,
        )


class OpenApiProbe:
    """The OpenAPI document: the web framework is alive."""

    accept = _JSON
    truncate = True

    def judge(self, response: HttpResponse, subject: Subject) -> Verdict:
        """Healthy if an OpenAPI 3 document begins."""
        del subject
        if not _is_json(response):
            return wrong_type(response, "an OpenAPI document")
        if response.truncated:
            good = _OPENAPI_START.match(response.body) is not None
        else:
            try:
                document = response.json()
            except FetchError:
                return malformed(response, "JSON that cannot be read")
            good = (
                isinstance(document, dict)
                and str(document.get("openapi", "")).startswith("3.")
                and isinstance(document.get("paths"), dict)
            )
        if not good:
            return malformed(response, "JSON that is not an OpenAPI document")
        return Verdict(
            state="up",
            evidence="its frontend answers (OpenAPI document)",
            latency_s=response.elapsed_s,
        )


class InfluxProbe(_JsonProbe):
    """``/influxdb/health``: InfluxDB's own judgement."""

    wanted = "InfluxDB's health"

    def read(
        self, response: HttpResponse, document: dict[str, Any]
    ) -> Verdict:
        """Healthy if InfluxDB says ``pass``."""
        status = document.get("status")
        message = document.get("message")
        said = shorten(message, 100) if isinstance(message, str) else ""
        if status == "pass":
            version = document.get("version")
            return Verdict(
                state="up",
                evidence=f"InfluxDB says: {said or 'pass'}",
                version=(
                    shorten(version, 40) if isinstance(version, str) else None
                ),
                latency_s=response.elapsed_s,
            )
        if isinstance(status, str):
            return Verdict(
                state="degraded",
                evidence=f"InfluxDB says: {said or shorten(status, 40)}",
                latency_s=response.elapsed_s,
            )
        return malformed(response, "JSON that is not InfluxDB's health")


class BrokersProbe(_JsonProbe):
    """``/sasquatch-rest-proxy/brokers``: the Kafka brokers it sees."""

    wanted = "a list of brokers"

    def read(
        self, response: HttpResponse, document: dict[str, Any]
    ) -> Verdict:
        """Healthy if there is a broker."""
        brokers = document.get("brokers")
        if not isinstance(brokers, list) or not all(
            isinstance(b, int) and not isinstance(b, bool) for b in brokers
        ):
            return malformed(response, "JSON that is not a list of brokers")
        count = len(brokers)
        return Verdict(
            state="up" if count else "degraded",
            evidence=f"sees {count} Kafka broker{'' if count == 1 else 's'}",
            latency_s=response.elapsed_s,
        )


class ActuatorProbe(_JsonProbe):
    """Spring's ``actuator/health``, as Kafdrop has it."""

    wanted = "a health document"

    def read(
        self, response: HttpResponse, document: dict[str, Any]
    ) -> Verdict:
        """Healthy if it says ``UP``."""
        status = document.get("status")
        if not isinstance(status, str):
            return malformed(response, "JSON that is not a health document")
        return Verdict(
            state="up" if status == "UP" else "degraded",
            evidence=f"says {shorten(status, 40)}",
            latency_s=response.elapsed_s,
        )


class TreeProbe(_JsonProbe):
    """Times Square's tree of notebooks, which ordinary users may read."""

    wanted = "a tree of notebooks"

    def read(
        self, response: HttpResponse, document: dict[str, Any]
    ) -> Verdict:
        """Healthy if there is a tree, be it empty."""
        contents = document.get("contents")
        if not isinstance(contents, list):
            return malformed(response, "JSON that is not a tree of notebooks")
        return Verdict(
            state="up",
            evidence="its tree of notebooks is served",
            latency_s=response.elapsed_s,
        )
