"""Where faults are met: the servers, and the clients that call them."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.http.client import PlatformHttp

from .kinds import HANGING, KINDS, SLOW
from .serve import TLS, count, start_apart, start_here

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from .server import FaultServer

__all__ = ["CANARY", "CONNECTION_KINDS", "Places", "open_places"]

CANARY = "gt-canary0Canary0Canary0Ca.sEcReTsEcReTsEcReTsEcRe"
"""A token that must never be seen outside the platform."""

CONNECTION_KINDS = (
    "dns",
    "refused",
    "tls_expired",
    "tls_self_signed",
    "tls_wrong_host",
    "tls_expected",
    "proxy_refused",
)
"""Kinds that are met before any HTTP is spoken."""

_PATIENT_S = 5.0
_IMPATIENT_S = 0.3


@dataclass
class Places:
    """Clients by kind of fault, and the address to call."""

    urls: dict[str, str]
    servers: dict[str, FaultServer]
    patient: PlatformHttp
    impatient: PlatformHttp
    others: dict[str, tuple[PlatformHttp, str]] = field(default_factory=dict)

    @property
    def server(self) -> FaultServer:
        """The server of all faults in HTTP, if it is in this process."""
        return self.servers["plain"]

    @property
    def stranger(self) -> FaultServer:
        """A server that is not the platform, if it is in this process."""
        return self.servers["stranger"]

    def of(self, kind: str, probe: str, seed: int) -> tuple[PlatformHttp, str]:
        """Return who calls, and where."""
        if kind in self.others:
            http, base = self.others[kind]
            return http, f"{base}/healthy/{probe}/{seed}/"
        quick = kind in HANGING or kind in SLOW
        return (
            self.impatient if quick else self.patient,
            f"{self.urls['plain']}/{kind}/{probe}/{seed}/",
        )


def _client(base: str, timeout_s: float, **variables: str) -> PlatformHttp:
    environment = LabEnvironment(
        variables={
            "EXTERNAL_INSTANCE_URL": base,
            "NUBLADO_TOKEN": CANARY,
            **variables,
        },
        mounts=(),
    )
    return PlatformHttp(environment=environment, timeout_s=timeout_s)


def _closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def open_places(
    folder: Path,
    *,
    impatient_s: float = _IMPATIENT_S,
    apart: bool = False,
    result: dict[str, int] | None = None,
) -> AsyncIterator[Places]:
    """Start all servers and clients.

    At the end, ``result["left"]`` counts tokens and requests that went where
    they should not.
    """
    result = {} if result is None else result
    async with contextlib.AsyncExitStack() as stack:
        servers: dict[str, FaultServer] = {}
        if apart:
            urls = await stack.enter_async_context(start_apart(folder, result))
        else:
            servers = await stack.enter_async_context(start_here(folder))
            urls = {name: server.url for name, server in servers.items()}

        def call(base: str, timeout_s: float, **more: str) -> PlatformHttp:
            http = _client(base, timeout_s, **more)
            stack.push_async_callback(http.aclose)
            return http

        places = Places(
            urls=urls,
            servers=servers,
            patient=call(urls["plain"], _PATIENT_S),
            impatient=call(urls["plain"], impatient_s),
        )
        for kind in TLS:
            trust = {"SSL_CERT_FILE": str(folder / f"{kind}.pem")}
            places.others[kind] = (
                call(
                    urls[kind],
                    _PATIENT_S,
                    **({} if kind == "tls_self_signed" else trust),
                ),
                urls[kind],
            )
        plain = urls["plain"].replace("http://", "https://")
        nowhere = f"http://127.0.0.1:{_closed_port()}"
        nameless = "https://rsp-health-fault.invalid"
        proxy = f"http://127.0.0.1:{_closed_port()}"
        places.others |= {
            "tls_expected": (call(plain, impatient_s), plain),
            "refused": (call(nowhere, _PATIENT_S), nowhere),
            "dns": (call(nameless, _PATIENT_S), nameless),
            "proxy_refused": (
                call(nameless, _PATIENT_S, https_proxy=proxy),
                nameless,
            ),
        }
        assert set(places.others) == set(CONNECTION_KINDS)
        assert not set(places.others) & set(KINDS)
        yield places
        if servers:
            result["left"] = count(servers)
