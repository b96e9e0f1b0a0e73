"""The lab's proxies, from the variables that the site sets.

USDF's labs reach the outside through ``https_proxy``. httpx would read the
process environment by itself (``trust_env``), and with it netrc files and
more; so the variables are read from `LabEnvironment` and nothing else is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .answers import FetchError

if TYPE_CHECKING:
    from ..environment import LabEnvironment

__all__ = ["proxy_for", "site_proxy"]


def _variable(environment: LabEnvironment, name: str) -> str | None:
    return environment.get(name) or environment.get(name.upper())


def site_proxy(environment: LabEnvironment) -> str | None:
    """Return the proxy for https, or `None` if there is none.

    Raises
    ------
    FetchError
        Raised if the variable holds no address.
    """
    url = _variable(environment, "https_proxy") or _variable(
        environment, "all_proxy"
    )
    if url is None:
        return None
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isascii() or not url.isprintable() or " " in url:
        # Its text may hold a password.
        raise FetchError("proxy", "the lab's https_proxy is not an address")
    # SOCKS would need a package that the lab image does not have.
    return url if parts.scheme in {"http", "https"} else None


def _direct(environment: LabEnvironment) -> list[str]:
    """Return the hosts that need no proxy, without their ports."""
    listed = _variable(environment, "no_proxy") or ""
    found = []
    for item in listed.split(","):
        name = item.strip().lower()
        if name.count(":") == 1:  # More of them: an IPv6 address.
            name = name.partition(":")[0]
        name = name.strip("[]")
        if name:
            found.append(name.removeprefix("*").lstrip(".") or "*")
    return found


def proxy_for(environment: LabEnvironment, url: str) -> str | None:
    """Return the proxy that a URL is fetched through, or `None`.

    Only https is proxied: http is allowed on this machine alone.

    Raises
    ------
    FetchError
        Raised if the variable that names the proxy holds no address.
    """
    parts = urlsplit(url)
    if parts.scheme != "https":
        return None
    host = (parts.hostname or "").lower()
    for name in _direct(environment):
        if name in {"*", host} or host.endswith(f".{name}"):
            return None
    return site_proxy(environment)
