from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.status.certificates import make_server_context

from ...talking import answer, closed_port, talking

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.doctor.models import Finding

    from ...conftest import Lab


@pytest.fixture(autouse=True)
def _has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine be none of the faults."""
    monkeypatch.setattr(
        "rsp_health.doctor.checks.platform.net_path._LIMIT_S", 30.0
    )


def _look(lab: Lab, url: str, **variables: str) -> Finding:
    lab.variables |= {"EXTERNAL_INSTANCE_URL": url, **variables}
    return lab.look("net.path")


def _dated(**ago: float) -> bytes:
    at = datetime.now(tz=UTC) - timedelta(**ago)
    return answer("200 OK", f"Date: {format_datetime(at, usegmt=True)}")


def test_a_platform_that_answers_is_well(lab: Lab) -> None:
    with talking(_dated()) as port:
        found = _look(lab, f"http://127.0.0.1:{port}")

    assert found.state == "ok"
    assert [e.source for e in found.evidence] == [
        "looking up 127.0.0.1",
        f"connecting to 127.0.0.1 port {port}",
        "asking 127.0.0.1",
    ]


def test_any_answer_is_an_answer(lab: Lab) -> None:
    with talking(answer("503 Service Unavailable")) as port:
        found = _look(lab, f"http://127.0.0.1:{port}")

    assert found.state == "ok"
    assert found.evidence[-1].value.startswith("HTTP 503 (")


def test_without_a_platform_there_is_nothing_to_look_at(lab: Lab) -> None:
    assert lab.look("net.path").state == "not_applicable"


def test_an_address_that_is_none_is_told(lab: Lab) -> None:
    found = _look(lab, "data.example.org")

    assert (found.state, found.whose) == ("fault", "your_lab")


def test_a_refused_connection_is_the_platforms(lab: Lab) -> None:
    found = _look(lab, f"http://127.0.0.1:{closed_port()}")

    assert (found.state, found.whose) == ("fault", "platform")
    assert found.sentence == "The platform refuses connections."


def test_a_name_that_nobody_knows_is_the_networks(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    found = _look(lab, "https://data.example.org")

    assert (found.state, found.whose) == ("fault", "network")
    assert found.evidence[-1].value == (
        "looking up data.example.org: Name or service not known"
    )


def test_a_name_server_that_is_silent_is_the_networks(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    monkeypatch.setattr(
        "rsp_health.doctor.checks.platform.net_path._LIMIT_S", 0.1
    )
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait(60))

    found = _look(lab, "https://data.example.org")
    never.set()

    assert (found.state, found.whose) == ("fault", "network")
    assert "the name server does not answer" in found.sentence


def test_a_cut_network_is_the_networks(lab: Lab) -> None:
    lab.variables["EXTERNAL_INSTANCE_URL"] = "https://192.0.2.1"

    found = lab.isolated("net.path", 'set -- unshare -n "$@"')

    assert (found.state, found.whose) == ("fault", "network")
    assert found.sentence == "The platform cannot be reached."
    assert found.evidence[-1].value.endswith("network is unreachable")


def test_silence_after_the_connection_is_the_platforms(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rsp_health.doctor.checks.platform.net_path._LIMIT_S", 0.3
    )
    with talking() as port:
        found = _look(lab, f"http://127.0.0.1:{port}")

    assert (found.state, found.whose) == ("fault", "platform")
    assert found.evidence[-1].value.endswith("no answer in time")


def test_what_is_no_http_is_told(lab: Lab) -> None:
    with talking(b"220 mail.example.org ESMTP\r\n\r\n") as port:
        found = _look(lab, f"http://127.0.0.1:{port}")

    assert found.state == "fault"
    assert found.evidence[-1].value.endswith("or it was not HTTP")


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_is_looked_at(
    lab: Lab, tmp_path: Path, trusted: bool
) -> None:
    tls, roots = make_server_context(tmp_path, "platform")
    trust = {"SSL_CERT_FILE": str(roots)} if trusted else {}
    with talking(_dated(), tls=tls) as port:
        found = _look(lab, f"https://127.0.0.1:{port}", **trust)

    assert found.state == ("ok" if trusted else "fault")
    if not trusted:
        assert found.whose == "network"
        assert "self-signed certificate" in found.evidence[-1].value


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (answer("407 Proxy Authentication Required"), "it answered 407"),
        (b"", "it answered nothing"),
    ],
)
def test_a_proxy_that_does_not_connect_is_the_hop(
    lab: Lab, said: bytes, told: str
) -> None:
    with talking(said) as port:
        found = _look(
            lab,
            "https://data.example.org",
            https_proxy=f"http://user:s3cr3t-password@127.0.0.1:{port}",
        )

    assert (found.state, found.whose) == ("fault", "network")
    assert found.sentence.startswith("The lab's proxy does not connect")
    assert told in found.evidence[-1].value
    assert "s3cr3t" not in found.model_dump_json()


def test_a_proxy_that_is_not_there_is_the_hop(lab: Lab) -> None:
    proxy = f"http://127.0.0.1:{closed_port()}"

    found = _look(lab, "https://data.example.org", https_proxy=proxy)

    assert (found.state, found.whose) == ("fault", "network")
    assert found.sentence == "The lab's proxy refuses connections."


@pytest.mark.parametrize(
    ("ago", "told"),
    [({"hours": 3}, "3 h ahead of"), ({"minutes": -10}, "10 min behind")],
)
def test_a_clock_that_is_wrong_is_told(
    lab: Lab, ago: dict[str, float], told: str
) -> None:
    with talking(_dated(**ago)) as port:
        found = _look(lab, f"http://127.0.0.1:{port}")

    assert found.state == "attention"
    assert told in found.sentence
