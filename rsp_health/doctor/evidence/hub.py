"""The versions of JupyterHub: of the hub that started a lab, and in the lab."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context import Context

__all__ = ["HubVersions", "hub_versions"]

_LIMIT_S = 0.8
_BYTES = 10_000
_ADDRESS = "JUPYTERHUB_API_URL"


@dataclass(frozen=True, slots=True)
class HubVersions:
    """Both versions, as text."""

    hub: str
    lab: str

    @property
    def fit(self) -> bool:
        """Whether they speak the same: JupyterHub breaks at new majors."""
        return self.hub.partition(".")[0] == self.lab.partition(".")[0]


def hub_versions(context: Context) -> HubVersions | None:
    """Return the versions, if both are told; no token is sent."""
    address = context.environment.get(_ADDRESS) or ""
    if not address.startswith(("http://", "https://")):
        return None
    # The hub is a neighbour: no proxy stands between.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        lab = version("jupyterhub")
        with direct.open(address, timeout=_LIMIT_S) as answer:
            hub = json.loads(answer.read(_BYTES))["version"]
    except (OSError, ValueError, KeyError, TypeError, PackageNotFoundError):
        return None
    return HubVersions(hub, lab) if isinstance(hub, str) else None
