"""What counts as the platform: where probes and the token may go."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from .environment import LabEnvironment

__all__ = ["PlatformOrigin", "is_loopback"]

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"https": 443, "http": 80}
#: Names that mean something inside the cluster only (RFC 6761, Kubernetes).
_INSIDE = {"arpa", "internal", "local", "localdomain", "localhost", "svc"}


def is_loopback(host: str) -> bool:
    """Return whether a host name means this machine."""
    if host in _LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformOrigin:
    """The platform's own addresses.

    On the RSP these are the host of ``EXTERNAL_INSTANCE_URL`` and its
    subdomains (labs may live at ``nb.<host>``), over https on the same port.
    The sandbox is exactly one port of this machine over http: another port
    there may be another user's program.
    """

    scheme: str | None
    host: str | None
    port: int | None

    @classmethod
    def of(cls, environment: LabEnvironment) -> PlatformOrigin:
        """Read the platform's address from the lab's environment."""
        for url in (environment.base_url, environment.repertoire_url):
            parts = _split(url) if url else None
            if parts is not None and _acceptable(parts):
                return cls(
                    scheme=parts.scheme,
                    host=parts.hostname,
                    port=parts.port or _PORTS[parts.scheme],
                )
        return cls(scheme=None, host=None, port=None)

    def owns(self, url: str) -> bool:
        """Return whether a URL is the platform itself: the token may go."""
        parts = _split(url)
        if parts is None or self.host is None or not _acceptable(parts):
            return False
        host = parts.hostname or ""
        if parts.scheme != self.scheme:
            return False
        if (parts.port or _PORTS[parts.scheme]) != self.port:
            return False
        if host == self.host:
            return True
        return not _is_address(self.host) and host.endswith(f".{self.host}")

    def may_call(self, url: str) -> bool:
        """Return whether a URL may be called at all, without the token.

        Discovery may name services on other hosts. They are called over https
        and by public name only: others would reach into the cluster.
        """
        if self.owns(url):
            return True
        parts = _split(url)
        return (
            parts is not None
            and parts.scheme == "https"
            and _acceptable(parts)
            and _is_public(parts.hostname or "")
        )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _acceptable(parts: SplitResult) -> bool:
    if not parts.hostname or "@" in parts.netloc:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and is_loopback(parts.hostname)


def _is_public(host: str) -> bool:
    labels = host.rstrip(".").split(".")
    return (
        len(labels) > 1
        and labels[-1] not in _INSIDE
        and not _is_address(host.rstrip("."))
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
