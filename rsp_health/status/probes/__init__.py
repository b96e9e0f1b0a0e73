"""Probes: how a service is asked, and what a healthy answer is.

A new kind of probe is a class with ``accept``, ``truncate`` and ``judge``, in
a file of its own, and a line in `PROBES`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from .base import Probe, Subject, Verdict, from_error, from_status
from .documents import (
    ActuatorProbe,
    BrokersProbe,
    InfluxProbe,
    MetadataProbe,
    OpenApiProbe,
    TreeProbe,
)
from .text import ButlerProbe, HipsProbe, PageProbe
from .vosi import VosiProbe

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PROBES",
    "Probe",
    "Subject",
    "Verdict",
    "from_error",
    "from_status",
]

PROBES: Mapping[str, Probe] = MappingProxyType(
    {
        "actuator": ActuatorProbe(),
        "brokers": BrokersProbe(),
        "butler": ButlerProbe(),
        "hips": HipsProbe(),
        "influx": InfluxProbe(),
        "metadata": MetadataProbe(),
        "openapi": OpenApiProbe(),
        "page": PageProbe(),
        "tree": TreeProbe(),
        "vosi": VosiProbe(),
    }
)
"""Every probe by the name that the catalogue uses."""
