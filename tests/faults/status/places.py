"""Where faults are met: the servers, and the clients that call them."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.http import PlatformHttp

from .certificates import make_server_context
from .kinds import HANGING, KINDS, SLOW, behave
from .server import FaultServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

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

    server: FaultServer
    stranger: FaultServer
    timeout_s: float
    patient: PlatformHttp
    impatient: PlatformHttp
    others: dict[str, tuple[PlatformHttp, str]] = field(default_factory=dict)

    def of(self, kind: str, probe: str, seed: int) -> tuple[PlatformHttp, str]:
        """Return who calls, and where."""
        if kind in self.others:
            http, base = self.others[kind]
            return http, f"{base}/healthy/{probe}/{seed}/"
        quick = kind in HANGING or kind in SLOW
        return (
            self.impatient if quick else self.patient,
            f"{self.server.url}/{kind}/{probe}/{seed}/",
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
    folder: Path, *, impatient_s: float = _IMPATIENT_S
) -> AsyncIterator[Places]:
    """Start all servers and clients."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(**options: object) -> FaultServer:
            return await stack.enter_async_context(
                FaultServer(behave, **options)  # type: ignore[arg-type]
            )

        def call(base: str, timeout_s: float, **more: str) -> PlatformHttp:
            http = _client(base, timeout_s, **more)
            stack.push_async_callback(http.aclose)
            return http

        stranger = await start()
        server = await start(other=stranger.url)
        places = Places(
            server=server,
            stranger=stranger,
            timeout_s=impatient_s,
            patient=call(server.url, _PATIENT_S),
            impatient=call(server.url, impatient_s),
        )
        expired, expired_pem = make_server_context(
            folder, "expired", expired=True
        )
        unknown, _ = make_server_context(folder, "unknown")
        elsewhere, elsewhere_pem = make_server_context(
            folder, "elsewhere", host="elsewhere.example.org"
        )
        tls = {
            "tls_expired": (expired, {"SSL_CERT_FILE": str(expired_pem)}),
            "tls_self_signed": (unknown, {}),
            "tls_wrong_host": (
                elsewhere,
                {"SSL_CERT_FILE": str(elsewhere_pem)},
            ),
        }
        for kind, (context, variables) in tls.items():
            secure = await start(tls=context)
            places.others[kind] = (
                call(secure.url, _PATIENT_S, **variables),
                secure.url,
            )
        plain = server.url.replace("http://", "https://")
        places.others["tls_expected"] = (call(plain, impatient_s), plain)
        nowhere = f"http://127.0.0.1:{_closed_port()}"
        places.others["refused"] = (call(nowhere, _PATIENT_S), nowhere)
        nameless = "https://rsp-health-fault.invalid"
        places.others["dns"] = (call(nameless, _PATIENT_S), nameless)
        places.others["proxy_refused"] = (
            call(
                nameless,
                _PATIENT_S,
                https_proxy=f"http://127.0.0.1:{_closed_port()}",
            ),
            nameless,
        )
        assert set(places.others) == set(CONNECTION_KINDS)
        assert not set(places.others) & set(KINDS)
        yield places
