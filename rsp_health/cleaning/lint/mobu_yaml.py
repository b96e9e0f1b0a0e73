"""Tells the faults of a ``mobu.yaml`` as findings."""

from __future__ import annotations

from ...notebooks.mobu_yaml import parse_mobu_yaml
from .findings import Finding

__all__ = ["lint_mobu_yaml"]


def lint_mobu_yaml(path: str, data: bytes) -> list[Finding]:
    """Return what is wrong with a ``mobu.yaml``."""
    return [
        Finding(
            path=path,
            line=fault.line,
            rule=f"mobu-yaml-{fault.kind}",
            level="warning" if fault.is_warning else "error",
            message=fault.message,
        )
        for fault in parse_mobu_yaml(data).faults
    ]
