from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp_health.platform.http.answers import (
    FetchCause,
    FetchError,
    HttpResponse,
)
from rsp_health.platform.http.client import MAX_BODY_BYTES
from rsp_health.status.probes import (
    PROBES,
    Subject,
    Verdict,
    from_error,
    from_status,
)
from rsp_health.status.probes.base import shorten
from tests.faults.status.answers import HEALTHY, SAYS_NO, TYPES, vosi

_SUBJECT = Subject(marker="Rubin Science Platform")


def _answer(
    body: bytes = b"", *, kind: str = "application/json", **more: Any
) -> HttpResponse:
    fields: dict[str, Any] = {
        "url": "https://data.example.org/x",
        "status": 200,
        "headers": {"content-type": kind, **more.pop("headers", {})},
        "body": body,
        "elapsed_s": 0.25,
    }
    return HttpResponse(**(fields | more))


def _judge(probe: str, response: HttpResponse) -> Verdict:
    return from_status(response, _SUBJECT) or PROBES[probe].judge(
        response, _SUBJECT
    )


def test_every_probe_has_a_healthy_answer_here() -> None:
    # A query is no probe, and meets the same faults.
    wanted = {*PROBES, "votable"}
    assert set(HEALTHY) == set(SAYS_NO) == wanted


@pytest.mark.parametrize("probe", sorted(PROBES))
def test_healthy_is_up_and_no_is_not(probe: str) -> None:
    kind = TYPES.get(probe, "application/json")

    good = _judge(probe, _answer(HEALTHY[probe], kind=kind))
    bad = _judge(probe, _answer(SAYS_NO[probe], kind=kind))

    assert (good.state, good.latency_s, good.answered) == ("up", 0.25, True)
    assert (bad.state, bad.answered) == ("degraded", True)


@pytest.mark.parametrize(
    "body",
    [
        vosi(),
        vosi().replace(b"v:", b"vosi:").replace(b"xmlns:v=", b"xmlns:vosi="),
        vosi().replace(b"v:", b"").replace(b"xmlns:v=", b"xmlns="),
        vosi(" 1 "),
        vosi().decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        vosi(note="since yesterday"),
    ],
)
def test_vosi_is_read_whatever_its_prefix(body: bytes) -> None:
    verdict = _judge("vosi", _answer(body, kind="text/xml;charset=UTF-8"))

    assert verdict.state == "up"


def test_vosi_tells_why_it_is_not_available() -> None:
    body = vosi("false", note="Butler  is\nunreachable").replace(
        b"</v:availability>",
        b"<v:note>try later</v:note><v:backAt>2026-11-21T05:00:00</v:backAt>"
        b"</v:availability>",
    )

    verdict = _judge("vosi", _answer(body, kind="application/xml"))

    assert verdict.state == "degraded"
    assert verdict.evidence == (
        "VOSI says not available: Butler is unreachable; try later "
        "(back at 2026-11-21T05:00:00)"
    )


@pytest.mark.timeout(30)  # 0.1 s each; the worst once took four minutes.
@pytest.mark.parametrize(
    ("probe", "kind", "pattern"),
    [
        ("page", "text/html", b"<input "),
        ("page", "text/html", b"<title>log"),
        ("hips", "text/plain", b"\n"),
        ("hips", "text/plain", b" \n"),
        ("hips", "text/plain", b"hips_a"),
        ("butler", "text/plain", b"cls:\n"),
        ("butler", "text/plain", b"cls: "),
        ("openapi", "application/json", b"{ "),
        ("vosi", "application/xml", b"<a>"),
    ],
)
def test_no_answer_keeps_the_server_busy(
    probe: str, kind: str, pattern: bytes
) -> None:
    body = (pattern * MAX_BODY_BYTES)[:MAX_BODY_BYTES]

    assert _judge(probe, _answer(body, kind=kind)).state != "up"


@pytest.mark.parametrize(
    "page",
    [
        "<title>Rubin Science Platform: log in</title>",
        "<title>Sign-in to the Rubin Science Platform</title>",
        "<p>Rubin Science Platform<input\nname=p type = 'password'>",
    ],
)
def test_a_login_page_is_no_page_of_the_service(page: str) -> None:
    verdict = _judge("page", _answer(page.encode(), kind="text/html"))

    assert verdict.state == "restricted"


def test_a_page_instead_of_a_document_may_be_a_login_page() -> None:
    verdict = _judge("vosi", _answer(b"<html/>", kind="text/html"))

    assert verdict.state == "restricted"
    assert "perhaps a login page" in verdict.evidence


def test_butler_s_configuration_may_be_json_under_a_yaml_name() -> None:
    # As daf_butler's server gives it.
    good = (
        b'{"cls": "lsst.daf.butler.remote_butler.RemoteButler",'
        b' "remote_butler": {"url": "<butlerRoot>"}}'
    )

    assert _judge("butler", _answer(good)).state == "up"
    for body in (b'{"cls": "other"}', b'{"detail": []}', b"[]", b"{", b"1"):
        assert _judge("butler", _answer(body)).state == "degraded"


def test_the_beginning_of_a_long_openapi_document_is_enough() -> None:
    long = b'{"openapi":"3.1.0","info":{' + b" " * 300_000
    wrong = b'{"swagger":"2.0","openapi":"3.1.0"' + b" " * 300_000

    assert _judge("openapi", _answer(long, truncated=True)).state == "up"
    assert _judge("openapi", _answer(long)).state == "degraded"
    assert _judge("openapi", _answer(wrong, truncated=True)).state != "up"


def test_versions_are_noted() -> None:
    assert _judge("metadata", _answer(HEALTHY["metadata"])).version == "2.0.0"
    assert _judge("influx", _answer(HEALTHY["influx"])).version == "1.8.10"


def _challenge(text: str) -> dict[str, str]:
    return {"www-authenticate": text}


@pytest.mark.parametrize(
    ("status", "headers", "state", "evidence"),
    [
        (302, {"location": "/login?rd=x"}, "restricted", "login page"),
        (302, {"location": "https://x/oauth2/start"}, "restricted", "login"),
        (301, {"location": "https://x/api"}, "unknown", "not followed"),
        (304, {}, "unknown", "not followed"),
        (401, {}, "restricted", "asks for a login"),
        (403, {}, "restricted", "can't tell"),
        (
            403,
            _challenge('Bearer error="insufficient_scope", scope="read:tap"'),
            "restricted",
            "needs the scope read:tap, which your token lacks",
        ),
        (
            403,
            _challenge(
                'Bearer error_description="User x not allowed to access '
                'service tap"'
            ),
            "blocked",
            "by an administrator",
        ),
        (404, {}, "unknown", "nothing is at the address"),
        (410, {}, "unknown", "nothing is at the address"),
        (429, {"retry-after": "7"}, "throttled", "used up"),
        (500, {}, "degraded", "HTTP 500"),
        (502, {}, "down", "HTTP 502"),
        (503, {}, "down", "HTTP 503"),
        (504, {}, "down", "HTTP 504"),
        (418, {}, "unknown", "HTTP 418"),
        (204, {}, "unknown", "HTTP 204"),
        (206, {}, "unknown", "HTTP 206"),
    ],
)
def test_the_status_alone_tells(
    status: int, headers: dict[str, str], state: str, evidence: str
) -> None:
    verdict = from_status(_answer(status=status, headers=headers), _SUBJECT)

    assert verdict is not None
    assert verdict.state == state
    assert evidence in verdict.evidence
    assert (verdict.wait_s is not None) == (status == 429)


def test_the_token_s_own_refusal_is_told_as_such() -> None:
    verdict = from_status(_answer(status=401), Subject(token=True))

    assert verdict is not None
    assert verdict.evidence == "the lab's token is not accepted (HTTP 401)"


@pytest.mark.parametrize(
    ("cause", "state", "answered"),
    [
        ("dns", "down", False),
        ("refused", "down", False),
        ("tls", "down", False),
        ("timeout", "down", False),
        ("reset", "down", False),
        ("network", "down", False),
        ("proxy", "down", False),
        ("bad_content", "degraded", True),
        ("too_large", "degraded", True),
        ("not_allowed", "unknown", True),
    ],
)
def test_errors_tell_whether_anything_answered(
    cause: FetchCause, state: str, *, answered: bool
) -> None:
    verdict = from_error(FetchError(cause))

    assert (verdict.state, verdict.answered) == (state, answered)


_TYPES = st.sampled_from(
    [
        "application/json",
        "application/xml",
        "text/xml",
        "text/plain",
        "text/html",
        "application/yaml",
        "application/xhtml+xml",
        "",
    ]
)


@given(
    probe=st.sampled_from(sorted(PROBES)),
    kind=_TYPES,
    body=st.binary(max_size=300)
    | st.text(max_size=100).map(str.encode)
    | st.builds(
        lambda body, at, junk: body[:at] + junk + body[at:],
        st.sampled_from(sorted(SAYS_NO.values())),
        st.integers(0, 200),
        st.binary(max_size=5),
    ),
)
def test_no_bytes_break_a_probe(probe: str, kind: str, body: bytes) -> None:
    verdict = _judge(probe, _answer(body, kind=kind))

    assert verdict.evidence == shorten(verdict.evidence, 1000)
    if verdict.state == "up":
        # Only what the healthy answer has makes a service up.
        assert re.search(
            rb"available>\s*(true|1)\s*<|metadata|openapi|pass|brokers|UP"
            rb"|contents|cls|remote_butler|datastore:|registry:"
            rb"|creator_did|hips_|obs_|Rubin",
            body,
        )
