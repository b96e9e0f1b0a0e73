"""The kinds of fault, each as bytes on the wire."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from .answers import HEALTHY, TYPES, healthy, says_no, vosi
from .server import Exchange, http_answer

__all__ = ["HANGING", "KINDS", "OUTAGES", "REFUSALS", "SLOW", "behave"]

Kind = Callable[[Exchange], Awaitable[None]]

KINDS: dict[str, Kind] = {}
"""Every kind that is served over plain HTTP, by name."""

HANGING: set[str] = set()
"""Kinds that end by the deadline only."""

SLOW = frozenset({"slow"})
"""Kinds whose answer is right, but late."""


#: How Gafaelfawr, or a page before it, says that a login is not accepted.
REFUSALS = frozenset(
    {
        "cookie_then_login",
        "forbidden",
        "login_page",
        "missing_scope",
        "quota_zero",
        "redirect_to_login",
        "unauthorized",
    }
)

#: How it looks when Gafaelfawr is gone.
OUTAGES = frozenset(
    {
        "bad_gateway",
        "closed_at_once",
        "gateway_timeout",
        "internal_error",
        "never_answers",
        "reset_at_once",
        "unavailable",
    }
)


def kind(function: Kind) -> Kind:
    """Register a fault."""
    KINDS[function.__name__] = function
    return function


def hanging(function: Kind) -> Kind:
    """Register a fault that only a deadline ends."""
    HANGING.add(function.__name__)
    return kind(function)


async def behave(name: str, exchange: Exchange) -> None:
    """Answer as the path asks."""
    if name == "healthy":
        await exchange.send(healthy(exchange.probe))
    else:
        await KINDS[name](exchange)


def _type(exchange: Exchange) -> str:
    return TYPES.get(exchange.probe, "application/json")


_LOGIN = (
    b"<!DOCTYPE html><html><head><title>Rubin Science Platform login</title>"
    b"</head><body><form action='/login'><input name='user'>"
    b"<input type='password' name='p'></form></body></html>"
)
_NGINX = b"<html><head><title>503</title></head><body>nginx</body></html>"

# ------------------------------------------------------ login and redirects


@kind
async def kept_by_a_cache(e: Exchange) -> None:
    age = e.random.choice(["31", "86400", "604800"])
    await e.send(
        http_answer(HEALTHY[e.probe], kind=_type(e), headers=(f"Age: {age}",))
    )


@kind
async def login_page(e: Exchange) -> None:
    await e.send(http_answer(_LOGIN, kind="text/html"))


@kind
async def login_page_mislabelled(e: Exchange) -> None:
    await e.send(http_answer(_LOGIN, kind=_type(e)))


@kind
async def redirect_to_login(e: Exchange) -> None:
    where = e.random.choice(
        ["/login?rd=x", f"{e.base}/login", "/oauth2/start"]
    )
    await e.send(
        http_answer(b"", status="302 Found", headers=(f"Location: {where}",))
    )


@kind
async def redirect_loop(e: Exchange) -> None:
    code = e.random.choice(["301 Moved", "302 Found", "307 T", "308 P"])
    where = f"{e.base}/redirect_loop/{e.probe}/1/"
    await e.send(
        http_answer(b"", status=code, headers=(f"Location: {where}",))
    )


@kind
async def redirect_to_healthy(e: Exchange) -> None:
    where = f"{e.base}/healthy/{e.probe}/1/"
    await e.send(
        http_answer(
            HEALTHY[e.probe],
            status=e.random.choice(["301 Moved", "302 Found", "303 See"]),
            kind=_type(e),
            headers=(f"Location: {where}",),
        )
    )


@kind
async def redirect_to_another_host(e: Exchange) -> None:
    where = f"{e.other}/healthy/{e.probe}/1/"
    await e.send(
        http_answer(b"", status="302 Found", headers=(f"Location: {where}",))
    )


@kind
async def cookie_then_login(e: Exchange) -> None:
    await e.send(
        http_answer(
            _LOGIN,
            kind="text/html",
            headers=("Set-Cookie: gafaelfawr=trap; Path=/",),
        )
    )


# ---------------------------------------------------------- authentication


@kind
async def unauthorized(e: Exchange) -> None:
    challenge = e.random.choice(
        ['Bearer realm="x"', 'Basic realm="x"', 'Bearer error="invalid_token"']
    )
    await e.send(
        http_answer(
            HEALTHY[e.probe],
            status="401 Unauthorized",
            kind=_type(e),
            headers=(f"WWW-Authenticate: {challenge}",),
        )
    )


@kind
async def forbidden(e: Exchange) -> None:
    await e.send(http_answer(_NGINX, status="403 Forbidden", kind="text/html"))


@kind
async def missing_scope(e: Exchange) -> None:
    challenge = (
        'Bearer realm="x", error="insufficient_scope", scope="read:tap"'
    )
    await e.send(
        http_answer(
            b"",
            status="403 Forbidden",
            headers=(f"WWW-Authenticate: {challenge}",),
        )
    )


@kind
async def quota_zero(e: Exchange) -> None:
    challenge = (
        'Bearer error="insufficient_scope",'
        ' error_description="User x not allowed to access service tap"'
    )
    await e.send(
        http_answer(
            b"",
            status="403 Forbidden",
            headers=(f"WWW-Authenticate: {challenge}",),
        )
    )


@kind
async def throttled_with_date(e: Exchange) -> None:
    now = 1_800_000_000 + e.random.randrange(10**6)
    await e.send(
        http_answer(
            b'{"detail": [{"type": "rate_limited"}]}',
            status="429 Too Many Requests",
            headers=(
                f"Date: {formatdate(now, usegmt=True)}",
                f"Retry-After: {formatdate(now + 40, usegmt=True)}",
                "X-RateLimit-Limit: 2",
                "X-RateLimit-Remaining: 0",
                f"X-RateLimit-Reset: {now + 40}",
                "X-RateLimit-Resource: tap",
            ),
        )
    )


@kind
async def throttled_without_date(e: Exchange) -> None:
    await e.send(http_answer(b"{}", status="429 Too Many Requests"))


@kind
async def throttled_by_a_wrong_clock(e: Exchange) -> None:
    when = e.random.choice(
        [
            formatdate(0, usegmt=True),
            formatdate(4_000_000_000, usegmt=True),
            "Wed, 99 Foo 2026 00:00:00 GMT",
            "-5",
            "9" * 30,
            "tomorrow",
        ]
    )
    await e.send(
        http_answer(
            b"{}",
            status="429 Too Many Requests",
            headers=(f"Retry-After: {when}",),
        )
    )


# ------------------------------------------------------------------ statuses


@kind
async def not_found(e: Exchange) -> None:
    status = e.random.choice(["404 Not Found", "410 Gone"])
    await e.send(http_answer(HEALTHY[e.probe], status=status, kind=_type(e)))


@kind
async def other_client_error(e: Exchange) -> None:
    status = e.random.choice(["400 B", "405 M", "406 N", "418 T", "451 L"])
    await e.send(http_answer(HEALTHY[e.probe], status=status, kind=_type(e)))


@kind
async def internal_error(e: Exchange) -> None:
    status = e.random.choice(["500 I", "501 N", "505 V", "507 S", "599 X"])
    await e.send(http_answer(HEALTHY[e.probe], status=status, kind=_type(e)))


@kind
async def bad_gateway(e: Exchange) -> None:
    await e.send(http_answer(_NGINX, status="502 Bad", kind="text/html"))


@kind
async def unavailable(e: Exchange) -> None:
    await e.send(
        http_answer(
            _NGINX,
            status="503 Service Unavailable",
            kind="text/html",
            headers=("Retry-After: 120",),
        )
    )


@kind
async def unavailable_but_healthy_body(e: Exchange) -> None:
    await e.send(http_answer(HEALTHY[e.probe], status="503 S", kind=_type(e)))


@kind
async def gateway_timeout(e: Exchange) -> None:
    await e.send(http_answer(b"", status="504 Gateway", kind=None))


@kind
async def other_success(e: Exchange) -> None:
    status = e.random.choice(["201 C", "202 A", "203 N", "206 P", "299 X"])
    await e.send(http_answer(HEALTHY[e.probe], status=status, kind=_type(e)))


@kind
async def no_content(e: Exchange) -> None:
    await e.send(b"HTTP/1.1 204 No Content\r\n\r\n")


@kind
async def strange_status(e: Exchange) -> None:
    line = e.random.choice(
        [b"HTTP/1.1 999 Odd", b"HTTP/1.1 20 OK", b"HTTP/1.1 abc OK"]
    )
    await e.send(line + b"\r\nContent-Length: 0\r\n\r\n")


# -------------------------------------------------------------------- bodies


@kind
async def service_says_no(e: Exchange) -> None:
    await e.send(says_no(e.probe))


@kind
async def wrong_namespace(e: Exchange) -> None:
    space = e.random.choice(
        [
            "http://www.ivoa.net/xml/VOSICapabilities/v1.0",
            "http://www.ivoa.net/xml/VOSIAvailability/v2.0",
            "urn:x",
        ]
    )
    await e.send(http_answer(vosi(namespace=space), kind="application/xml"))


@kind
async def no_namespace(e: Exchange) -> None:
    body = b"<availability><available>true</available></availability>"
    await e.send(http_answer(body, kind="text/xml"))


@kind
async def availability_unsaid(e: Exchange) -> None:
    value = e.random.choice(["maybe", "", "TRUE!", "yes", "truefalse"])
    await e.send(http_answer(vosi(value), kind="application/xml"))


@kind
async def availability_said_twice(e: Exchange) -> None:
    body = vosi().replace(
        b"</v:availability>",
        b"<v:available>false</v:available></v:availability>",
    )
    await e.send(http_answer(body, kind="application/xml"))


@kind
async def entity_bomb(e: Exchange) -> None:
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)
    )
    body = (
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{levels}]>'
        '<a:availability xmlns:a="http://www.ivoa.net/xml/VOSIAvailability'
        '/v1.0"><a:available>&l11;</a:available></a:availability>'
    )
    await e.send(http_answer(body.encode(), kind="application/xml"))


@kind
async def external_entity(e: Exchange) -> None:
    body = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM '
        b'"file:///etc/hostname">]><a>&x;</a>'
    )
    await e.send(http_answer(body, kind="application/xml"))


@kind
async def empty(e: Exchange) -> None:
    body = e.random.choice([b"", b" ", b"\n\n", b"\x00", b"\xef\xbb\xbf"])
    await e.send(http_answer(body, kind=_type(e)))


@kind
async def cut_document(e: Exchange) -> None:
    # A prefix that is complete by itself would not be a fault.
    whole = HEALTHY[e.probe]
    if e.probe in {"butler", "hips", "page"}:
        cut = whole[: e.random.randrange(1, 4)]
    else:
        cut = whole[: e.random.randrange(1, len(whole))]
    await e.send(http_answer(cut, kind=_type(e)))


@kind
async def cut_connection(e: Exchange) -> None:
    whole = HEALTHY[e.probe]
    cut = whole[: e.random.randrange(0, len(whole))]
    await e.send(http_answer(cut, kind=_type(e), length=len(whole)))
    e.writer.close()


@kind
async def wrong_content_type(e: Exchange) -> None:
    wrong = e.random.choice(["image/png", "application/pdf", "video/mp4"])
    await e.send(http_answer(HEALTHY[e.probe], kind=wrong))


@kind
async def no_content_type(e: Exchange) -> None:
    await e.send(http_answer(HEALTHY[e.probe], kind=None))


@kind
async def another_service(e: Exchange) -> None:
    others = [name for name in HEALTHY if name != e.probe]
    name = e.random.choice(others)
    await e.send(
        http_answer(HEALTHY[name], kind=TYPES.get(name, "application/json"))
    )


@kind
async def captive_portal(e: Exchange) -> None:
    body = b"<html><body>Accept the terms to use this network</body></html>"
    await e.send(http_answer(body, kind="text/html; charset=iso-8859-1"))


@kind
async def noise(e: Exchange) -> None:
    body = e.random.randbytes(e.random.randrange(1, 5000))
    await e.send(http_answer(body, kind=_type(e)))


@kind
async def nested_json(e: Exchange) -> None:
    depth = e.random.choice([1_000, 100_000])
    body = b'{"metadata":' + b"[" * depth + b"]" * depth + b"}"
    await e.send(http_answer(body))


@kind
async def wrong_json(e: Exchange) -> None:
    body: object = e.random.choice(
        [
            None,
            [],
            "up",
            1,
            {"metadata": None},
            {"metadata": {"name": ""}},
            {"metadata": {"name": 5}},
            {"status": 1},
            {"brokers": "6,7"},
            {"brokers": ["a"]},
            {"openapi": "2.0", "paths": {}},
            {"openapi": "3.1.0"},
        ]
    )
    await e.send(http_answer(json.dumps(body).encode()))


# ---------------------------------------------------------------------- size


@kind
async def gzip_bomb(e: Exchange) -> None:
    body = gzip.compress(bytes(2_000_000), compresslevel=1)
    coding = e.random.choice(["gzip", "deflate", "br", "gzip, gzip", "zstd"])
    await e.send(
        http_answer(
            body, kind=_type(e), headers=(f"Content-Encoding: {coding}",)
        )
    )


@kind
async def healthy_but_compressed(e: Exchange) -> None:
    await e.send(
        http_answer(
            gzip.compress(HEALTHY[e.probe]),
            kind=_type(e),
            headers=("Content-Encoding: gzip",),
        )
    )


@kind
async def endless_body(e: Exchange) -> None:
    await e.send(
        f"HTTP/1.1 200 OK\r\nContent-Type: {_type(e)}\r\n\r\n".encode()
    )
    for _ in range(2_000):
        await e.send(b"x" * 65536)


@kind
async def endless_chunks(e: Exchange) -> None:
    await e.send(
        f"HTTP/1.1 200 OK\r\nContent-Type: {_type(e)}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode()
    )
    for _ in range(2_000):
        await e.send(b"8000\r\n" + b"<" * 0x8000 + b"\r\n")


@kind
async def endless_headers(e: Exchange) -> None:
    await e.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(20_000):
        await e.send(f"X-Header-{number}: {'x' * 1000}\r\n".encode())


@kind
async def one_huge_header(e: Exchange) -> None:
    await e.send(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"x" * 2_000_000)
    await e.send(b"\r\n\r\n")


# ---------------------------------------------------------------- connection


@kind
async def closed_at_once(e: Exchange) -> None:
    e.writer.close()


@kind
async def reset_at_once(e: Exchange) -> None:
    e.reset()


@kind
async def reset_in_the_head(e: Exchange) -> None:
    await e.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
    e.reset()


@kind
async def reset_in_the_body(e: Exchange) -> None:
    await e.send(http_answer(b"<", kind=_type(e), length=1000))
    e.reset()


@kind
async def not_http(e: Exchange) -> None:
    banner = e.random.choice(
        [b"SSH-2.0-OpenSSH_9.2\r\n", b"220 smtp ready\r\n", b"\x15\x03\x01"]
    )
    await e.send(banner)
    e.writer.close()


@kind
async def bare_body(e: Exchange) -> None:
    await e.send(HEALTHY[e.probe])
    e.writer.close()


@kind
async def broken_chunks(e: Exchange) -> None:
    await e.send(
        f"HTTP/1.1 200 OK\r\nContent-Type: {_type(e)}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode()
    )
    await e.send(e.random.choice([b"zz\r\nhello\r\n", b"5\r\nhello12\r\n"]))
    e.writer.close()


@kind
async def unfinished_chunks(e: Exchange) -> None:
    body = HEALTHY[e.probe]
    await e.send(
        f"HTTP/1.1 200 OK\r\nContent-Type: {_type(e)}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n".encode()
    )
    await e.send(f"{len(body):x}\r\n".encode() + body + b"\r\n")
    e.writer.close()


@kind
async def two_lengths(e: Exchange) -> None:
    body = HEALTHY[e.probe]
    await e.send(
        http_answer(
            body, kind=_type(e), headers=(f"Content-Length: {len(body) + 7}",)
        )
    )
    e.writer.close()


# ---------------------------------------------------------------------- time


@hanging
async def never_answers(e: Exchange) -> None:
    await asyncio.sleep(3600)


@hanging
async def drips(e: Exchange) -> None:
    await e.send(
        f"HTTP/1.1 200 OK\r\nContent-Type: {_type(e)}\r\n\r\n".encode()
    )
    while True:
        await e.send(b" ")
        await asyncio.sleep(0.02)


@hanging
async def drips_headers(e: Exchange) -> None:
    await e.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        await e.send(b"x")
        await asyncio.sleep(0.02)


@hanging
async def hangs_in_the_body(e: Exchange) -> None:
    whole = HEALTHY[e.probe]
    await e.send(http_answer(whole[:-1], kind=_type(e), length=len(whole)))
    await asyncio.sleep(3600)


@hanging
async def endless_continue(e: Exchange) -> None:
    while True:
        await e.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await asyncio.sleep(0.005)


@kind
async def slow(e: Exchange) -> None:
    await asyncio.sleep(0.2)
    await e.send(healthy(e.probe))
