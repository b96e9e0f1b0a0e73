"""The lab's proxies, from the variables that the site sets.

USDF's labs reach the outside through ``https_proxy``. httpx would read the
process environment by itself (``trust_env``), and with it netrc files and
more; so the variables are read from `LabEnvironment` and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from .environment import LabEnvironment

__all__ = ["proxy_for", "proxy_mounts"]


def _variable(environment: LabEnvironment, name: str) -> str | None:
    return environment.get(name) or environment.get(name.upper())


def _proxy(environment: LabEnvironment) -> str | None:
    url = _variable(environment, "https_proxy") or _variable(
        environment, "all_proxy"
    )
    if url is None:
        return None
    if "://" not in url:
        url = f"http://{url}"
    # SOCKS would need a package that the lab image does not have.
    return url if urlsplit(url).scheme in {"http", "https"} else None


def _direct(environment: LabEnvironment) -> list[str]:
    listed = _variable(environment, "no_proxy") or ""
    names = (n.strip().lower() for n in listed.split(","))
    return [n.removeprefix("*").lstrip(".") or "*" for n in names if n]


def proxy_for(environment: LabEnvironment, url: str) -> str | None:
    """Return the proxy that a URL is fetched through, or `None`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    proxy = _proxy(environment)
    if proxy is None or parts.scheme != "https":
        return None
    for name in _direct(environment):
        bare = name.rpartition(":")[0] if name.count(":") == 1 else name
        if name == "*" or host == bare or host.endswith(f".{bare}"):
            return None
    return proxy


def proxy_mounts(
    environment: LabEnvironment,
    transport: Callable[[str | None], httpx.AsyncBaseTransport],
) -> dict[str, httpx.AsyncBaseTransport | None]:
    """Return httpx ``mounts``: https through the proxy, the rest direct.

    Only https is proxied: http is allowed on this machine alone.
    """
    proxy = _proxy(environment)
    names = _direct(environment)
    if proxy is None or "*" in names:
        return {}
    mounts: dict[str, httpx.AsyncBaseTransport | None] = {
        "https://": transport(proxy)
    }
    for name in names:
        # `None` sends these through the client's own, direct transport.
        bare = name.rpartition(":")[0] if name.count(":") == 1 else name
        if bare.count(":") > 1:
            bare = f"[{bare.strip('[]')}]"
        mounts[f"https://{bare}"] = None
        mounts[f"https://*.{bare}"] = None
    return mounts
