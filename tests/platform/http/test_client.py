from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.http.client import (
    MAX_BODY_BYTES,
    FetchError,
    HttpResponse,
    PlatformHttp,
)
from tests.faults.status.certificates import make_server_context
from tests.faults.status.places import CANARY, open_places
from tests.faults.status.server import Exchange, FaultServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


def _http(base: str, **variables: str) -> PlatformHttp:
    return PlatformHttp(
        environment=LabEnvironment(
            variables={"EXTERNAL_INSTANCE_URL": base, **variables}, mounts=()
        ),
        timeout_s=5.0,
    )


def _with_server[T](
    behave: Callable[[str, Exchange], Awaitable[None]],
    use: Callable[[FaultServer, PlatformHttp], Awaitable[T]],
    **variables: str,
) -> T:
    async def run() -> T:
        async with FaultServer(behave) as server:
            http = _http(server.url, **variables)
            try:
                return await use(server, http)
            finally:
                await http.aclose()

    return asyncio.run(run())


async def _hello(kind: str, exchange: Exchange) -> None:
    del kind
    await exchange.send(
        http_answer(
            b'{"hello": "world"}',
            headers=("Set-Cookie: session=abc; Path=/", "X-Odd: \xe9"),
        )
    )


def test_an_answer_is_given_whole() -> None:
    async def use(server: FaultServer, http: PlatformHttp) -> HttpResponse:
        return await http.get(f"{server.url}/x", accept="application/json")

    response = _with_server(_hello, use)

    assert response.status == 200
    assert response.content_type == "application/json"
    assert response.json() == {"hello": "world"}
    assert response.truncated is False
    assert 0 < response.elapsed_s < 5


def test_nothing_of_the_user_s_is_sent_without_being_asked() -> None:
    async def use(server: FaultServer, http: PlatformHttp) -> bytes:
        await http.get(f"{server.url}/x")
        await http.get(f"{server.url}/y")  # The cookie of x must not be kept.
        return b"".join(server.heads).lower()

    heads = _with_server(_hello, use, NUBLADO_TOKEN=CANARY)

    assert b"authorization" not in heads
    assert b"cookie" not in heads
    assert b"accept-encoding: identity" in heads
    assert heads.count(b"user-agent: rsp-health/") == 2


def test_the_token_goes_into_authorization_of_the_platform() -> None:
    async def use(server: FaultServer, http: PlatformHttp) -> list[bytes]:
        await http.get(f"{server.url}/x", token=True)
        return list(server.heads)

    (head,) = _with_server(_hello, use, NUBLADO_TOKEN=CANARY)

    assert head.count(CANARY.encode()) == 1
    assert f"\r\nAuthorization: Bearer {CANARY}\r\n".encode() in head


def test_the_token_goes_nowhere_else() -> None:
    async def use(server: FaultServer, http: PlatformHttp) -> list[bytes]:
        async with FaultServer(_hello) as stranger:
            for url in (
                f"{stranger.url}/x",
                "https://example.org/x",
                server.url.replace("http://", "http://x@"),
            ):
                with pytest.raises(FetchError) as caught:
                    await http.get(url, token=True)
                assert caught.value.cause == "not_allowed"
            return [*server.heads, *stranger.heads]

    assert _with_server(_hello, use, NUBLADO_TOKEN=CANARY) == []


@pytest.mark.parametrize(
    "token", ["", "two words", "gt-x\r\nX-Evil: 1", "gt-\x00", "gt-ü"]
)
def test_a_damaged_token_is_not_sent(token: str) -> None:
    async def use(server: FaultServer, http: PlatformHttp) -> list[bytes]:
        with pytest.raises(FetchError) as caught:
            await http.get(f"{server.url}/x", token=True)
        assert caught.value.cause == "not_allowed"
        assert not token or token not in caught.value.message
        return list(server.heads)

    assert _with_server(_hello, use, NUBLADO_TOKEN=token) == []


def test_the_token_is_read_anew_each_time(tmp_path: Path) -> None:
    secret = tmp_path / "secrets" / "token"
    secret.parent.mkdir()

    async def run() -> list[bytes]:
        async with FaultServer(_hello) as server:
            http = PlatformHttp(
                environment=LabEnvironment(
                    variables={"EXTERNAL_INSTANCE_URL": server.url},
                    mounts=(tmp_path,),
                )
            )
            for token in ("gt-old", "gt-new"):
                secret.write_text(f"{token}\n")
                await http.get(f"{server.url}/x", token=True)
            await http.aclose()
            return list(server.heads)

    old, new = asyncio.run(run())

    assert b"Bearer gt-old\r\n" in old
    assert b"Bearer gt-new\r\n" in new


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("dns", "dns"),
        ("refused", "refused"),
        ("tls_expired", "tls"),
        ("tls_self_signed", "tls"),
        ("tls_wrong_host", "tls"),
        ("tls_expected", "timeout"),
        ("proxy_refused", "proxy"),
        ("never_answers", "timeout"),
        ("drips", "timeout"),
        ("drips_headers", "timeout"),
        ("hangs_in_the_body", "timeout"),
        ("endless_continue", "timeout"),
        ("closed_at_once", "reset"),
        ("reset_at_once", "reset"),
        ("reset_in_the_body", "reset"),
        ("cut_connection", "reset"),
        ("not_http", "reset"),
        ("endless_headers", "reset"),
        ("gzip_bomb", "bad_content"),
        ("endless_body", "too_large"),
        ("endless_chunks", "too_large"),
    ],
)
def test_causes_are_told_apart(kind: str, cause: str, tmp_path: Path) -> None:
    async def run() -> FetchError:
        async with open_places(tmp_path, impatient_s=0.3) as places:
            http, url = places.of(kind, "vosi", 1)
            with pytest.raises(FetchError) as caught:
                await http.get(url)
            return caught.value

    error = asyncio.run(run())

    assert error.cause == cause
    assert error.code == f"fetch_{cause}"
    assert error.answered == (cause in {"bad_content", "too_large"})
    assert "127.0.0.1" not in error.message


def test_redirects_are_answers_and_are_not_followed(tmp_path: Path) -> None:
    async def run() -> tuple[int, int, int]:
        async with open_places(tmp_path) as places:
            response = await places.patient.get(
                f"{places.server.url}/redirect_to_another_host/vosi/1/",
                token=True,
            )
            return (
                response.status,
                len(places.server.heads),
                len(places.stranger.heads),
            )

    assert asyncio.run(run()) == (302, 1, 0)


def test_a_long_body_is_cut_or_refused_at_the_cap(tmp_path: Path) -> None:
    async def run() -> HttpResponse:
        async with open_places(tmp_path) as places:
            url = f"{places.server.url}/endless_body/vosi/1/"
            with pytest.raises(FetchError) as caught:
                await places.patient.get(url)
            assert caught.value.message.endswith("larger than 256 KiB")
            return await places.patient.get(url, truncate=True)

    response = asyncio.run(run())

    assert len(response.body) == MAX_BODY_BYTES
    assert response.truncated


def test_the_status_of_an_error_counts_even_if_its_page_is_odd() -> None:
    async def behave(kind: str, exchange: Exchange) -> None:
        if kind == "packed":
            page = http_answer(
                b"\x1f\x8b",
                status="503 S",
                headers=("Content-Encoding: gzip",),
            )
        else:
            page = http_answer(b"x" * 400_000, status="503 S")
        await exchange.send(page)

    async def use(server: FaultServer, http: PlatformHttp) -> list[int]:
        return [
            (await http.get(f"{server.url}/{kind}")).status
            for kind in ("packed", "long")
        ]

    assert _with_server(behave, use) == [503, 503]


def test_the_deadline_is_total_however_much_arrives(tmp_path: Path) -> None:
    async def run() -> FetchError:
        async with open_places(tmp_path, impatient_s=0.4) as places:
            with pytest.raises(FetchError) as caught:
                await places.impatient.get(
                    f"{places.server.url}/drips/vosi/1/"
                )
            return caught.value

    error = asyncio.run(run())

    assert error.message == "no answer in 0.4 s"
    assert error.elapsed_s > 0.3


def test_listeners_hear_each_answer() -> None:
    heard: list[int] = []

    async def use(server: FaultServer, http: PlatformHttp) -> None:
        http.listen(lambda response: heard.append(response.status))
        await http.get(f"{server.url}/x")
        await http.get(f"{server.url}/x")

    _with_server(_hello, use)

    assert heard == [200, 200]


def test_the_token_is_in_no_log_nor_error(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    async def run() -> list[str]:
        told = []
        async with open_places(tmp_path, impatient_s=0.2) as places:
            for kind in (
                "unauthorized",
                "reset_at_once",
                "not_http",
                "never_answers",
                "tls_expired",
                "refused",
                "endless_headers",
            ):
                http, url = places.of(kind, "vosi", 1)
                try:
                    told.append(repr(await http.get(url, token=True)))
                except FetchError as exc:
                    told += [
                        repr(exc),
                        str(exc),
                        exc.hint,
                        repr(exc.__cause__),
                    ]
        return told

    with caplog.at_level(logging.DEBUG):
        told = asyncio.run(run())

    assert len(told) > 7
    assert CANARY not in "".join(told)
    assert CANARY not in caplog.text


def test_a_site_s_proxy_is_used_and_sees_no_token(tmp_path: Path) -> None:
    context, pem = make_server_context(tmp_path, "site")
    seen: list[bytes] = []

    async def tunnel(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        host, _, port = head.split(b" ")[1].partition(b":")
        there = await asyncio.open_connection(host.decode(), int(port))
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")

        async def copy(
            source: asyncio.StreamReader, target: asyncio.StreamWriter
        ) -> None:
            while data := await source.read(65536):
                seen.append(data)
                target.write(data)
            target.close()

        await asyncio.gather(copy(reader, there[1]), copy(there[0], writer))

    async def run() -> tuple[HttpResponse, bytes]:
        proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
        port = proxy.sockets[0].getsockname()[1]
        async with FaultServer(_hello, tls=context) as server:
            http = _http(
                server.url,
                NUBLADO_TOKEN=CANARY,
                SSL_CERT_FILE=str(pem),
                https_proxy=f"http://127.0.0.1:{port}",
            )
            response = await http.get(f"{server.url}/x", token=True)
            await http.aclose()
            heads = b"".join(server.heads)
        proxy.close()
        await proxy.wait_closed()
        return response, heads

    response, heads = asyncio.run(run())

    assert response.json() == {"hello": "world"}
    assert CANARY.encode() in heads
    assert seen[0].startswith(b"CONNECT 127.0.0.1:")
    assert CANARY.encode() not in b"".join(seen)


def test_a_hanging_resolver_does_not_take_the_server_s_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading

    from rsp_health.platform.http import resolver

    release = threading.Event()
    monkeypatch.setattr(
        resolver, "_look_up", lambda _: release.wait(30) and None
    )

    async def run() -> tuple[list[str], int]:
        http = _http("https://data.example.org")
        http._timeout_s = 0.2
        await http._opened()

        async def one(number: int) -> str:
            try:
                await http.get(f"https://h{number % 4}.example.org/")
            except FetchError as exc:
                return exc.cause
            return "answered"

        causes = await asyncio.gather(*map(one, range(20)))
        # The loop's own threads are free although 20 look-ups hang.
        begin = time.monotonic()
        await asyncio.wait_for(asyncio.to_thread(int), 5)
        assert time.monotonic() - begin < 5
        threads = [
            t for t in threading.enumerate() if "rsp-health-dns" in t.name
        ]
        release.set()
        await http.aclose()
        return list(causes), len(threads)

    causes, threads = asyncio.run(run())

    assert set(causes) == {"timeout"}
    assert threads == 2
