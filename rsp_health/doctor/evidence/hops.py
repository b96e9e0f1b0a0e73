"""Walks the way to the platform, hop by hop, and says where it ends.

The bounded HTTP client tells that there is no answer; here each hop is taken
by itself, because what to do differs: a name, a connection, a proxy, a
certificate, an answer. All of them together have one deadline.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..models import Evidence
from .patience import within
from .words import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from ..models import Whose

__all__ = ["BrokenHop", "Walk"]

_STATUS_BYTES = 4096


class BrokenHop(Exception):  # noqa: N818 - where a walk ends
    """The hop at which the way ends.

    Parameters
    ----------
    sentence
        What is so.
    seen
        What was seen, for the evidence.
    whose
        Whose it is.
    """

    def __init__(self, sentence: str, seen: str, whose: Whose) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.seen = seen
        self.whose = whose


@dataclass(slots=True, kw_only=True)
class Walk:
    """One way to the platform.

    Parameters
    ----------
    url
        The platform's address.
    proxy
        The proxy that it is reached through, if there is one.
    trust
        Makes the TLS context.
    limit_s
        Seconds for all hops.
    """

    url: str
    proxy: str | None
    trust: Callable[[], ssl.SSLContext]
    limit_s: float
    evidence: list[Evidence] = field(default_factory=list)
    date: datetime | None = None
    _end: float = 0.0

    def go(self) -> None:
        """Take all hops, and note what was seen at each.

        Raises
        ------
        BrokenHop
            Raised where the way ends.
        """
        self._end = time.monotonic() + self.limit_s
        target = urlsplit(self.url)
        host = target.hostname or ""
        port = target.port or (443 if target.scheme == "https" else 80)
        if self.proxy is None:
            stream = self._reach(host, port, "the platform")
        else:
            proxy = urlsplit(self.proxy)
            stream = self._reach(
                proxy.hostname or "", proxy.port or 80, "the lab's proxy"
            )
        try:
            if self.proxy is not None:
                self._ask_proxy(stream, host, port)
            if target.scheme == "https":
                stream = self._secure(stream, host)
            self._ask(stream, host)
        finally:
            stream.close()

    def _left(self) -> float:
        return max(0.05, self._end - time.monotonic())

    def _note(self, source: str, value: str, began: float) -> None:
        took = duration(time.monotonic() - began)
        self.evidence.append(
            Evidence(source=source, value=f"{value} ({took})")
        )

    def _reach(self, host: str, port: int, what: str) -> socket.socket:
        """Look up a name, and connect to the first address that answers."""
        began = time.monotonic()
        try:
            found = within(
                self._left(),
                lambda: socket.getaddrinfo(
                    host, port, type=socket.SOCK_STREAM
                ),
            )
        except TimeoutError:
            raise BrokenHop(
                f"The name of {what} cannot be looked up: the name server "
                "does not answer.",
                f"looking up {host}: no answer",
                "network",
            ) from None
        except (OSError, UnicodeError) as exc:
            why = getattr(exc, "strerror", None) or "it is no name"
            raise BrokenHop(
                f"The name of {what} cannot be looked up.",
                f"looking up {host}: {why}",
                "network",
            ) from exc
        addresses = list(dict.fromkeys(info[4][0] for info in found))
        self._note(f"looking up {host}", str(addresses[0]), began)
        return self._connect(found, port, what)

    def _connect(
        self,
        found: Sequence[tuple[int, int, int, str, Any]],
        port: int,
        what: str,
    ) -> socket.socket:
        last: OSError = TimeoutError()
        for count, (family, kind, protocol, _, address) in enumerate(found):
            began = time.monotonic()
            stream = socket.socket(family, kind, protocol)
            # One that swallows packets must leave some time to the others.
            stream.settimeout(self._left() / (len(found) - count))
            place = f"connecting to {address[0]} port {port}"
            try:
                stream.connect(address)
            except OSError as exc:
                stream.close()
                last, where = exc, place
                continue
            self._note(place, "connected", began)
            return stream
        refused = isinstance(last, ConnectionRefusedError)
        says = "refuses connections" if refused else "cannot be reached"
        ours = what == "the platform"
        raise BrokenHop(
            f"{what[0].upper()}{what[1:]} {says}.",
            f"{where}: {_why(last)}",
            "platform" if refused and ours else "network",
        )

    def _ask_proxy(self, stream: socket.socket, host: str, port: int) -> None:
        """Let the proxy connect us."""
        began = time.monotonic()
        head = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
        answer = b""
        try:
            stream.sendall(head.encode("ascii"))
            while b"\r\n\r\n" not in answer and len(answer) < _STATUS_BYTES:
                stream.settimeout(self._left())
                data = stream.recv(_STATUS_BYTES)
                if not data:
                    break
                answer += data
        except OSError as exc:
            raise BrokenHop(
                "The lab's proxy does not answer.",
                f"asking the proxy for {host}: {_why(exc)}",
                "network",
            ) from exc
        words = answer.split(b"\r\n", 1)[0].decode("latin-1").split()
        status = words[1] if len(words) > 1 else "nothing"
        if not status.startswith("2"):
            raise BrokenHop(
                "The lab's proxy does not connect to the platform.",
                f"asking the proxy for {host}: it answered {status[:20]}",
                "network",
            )
        self._note(f"asking the proxy for {host}", "connected", began)

    def _secure(self, stream: socket.socket, host: str) -> ssl.SSLSocket:
        began = time.monotonic()
        try:
            context = self.trust()
            stream.settimeout(self._left())
            secured = context.wrap_socket(stream, server_hostname=host)
        except ssl.SSLCertVerificationError as exc:
            raise BrokenHop(
                f"What answers as {host} has a certificate that this lab "
                "does not trust.",
                f"TLS with {host}: {exc.verify_message}",
                "network",
            ) from exc
        except OSError as exc:
            raise BrokenHop(
                "No secure connection to the platform can be made.",
                f"TLS with {host}: {_why(exc)}",
                "network",
            ) from exc
        self._note(f"TLS with {host}", secured.version() or "TLS", began)
        return secured

    def _ask(self, stream: socket.socket, host: str) -> None:
        began = time.monotonic()
        head = f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        try:
            stream.settimeout(self._left())
            stream.sendall(head.encode("ascii"))
            answer = http.client.HTTPResponse(stream, method="HEAD")
            answer.begin()
        except (OSError, http.client.HTTPException) as exc:
            raise BrokenHop(
                "The platform takes the connection, and does not answer.",
                f"asking {host}: {_why(exc)}",
                "platform",
            ) from exc
        self._note(f"asking {host}", f"HTTP {answer.status}", began)
        self.date = _moment(answer.getheader("Date"))


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _why(exc: Exception) -> str:
    if isinstance(exc, TimeoutError):
        return "no answer in time"
    if isinstance(exc, http.client.HTTPException):
        return "the connection ended, or it was not HTTP"
    text = getattr(exc, "strerror", None) or type(exc).__name__
    return f"{text[:1].lower()}{text[1:200]}"
