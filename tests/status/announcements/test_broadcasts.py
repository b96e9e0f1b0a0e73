from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.platform.http.answers import FetchError, HttpResponse
from rsp_health.status.announcements.broadcasts import Broadcasts

from ..sites import FULL, SUMMIT, discovery

if TYPE_CHECKING:
    from rsp_health.platform.models import Discovery
    from rsp_health.status.models import BroadcastList

BASE = "https://data.example.org"


class Http:
    """Answers with what it is given, and remembers the addresses."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.urls: list[str] = []

    async def get(self, url: str, **options: Any) -> HttpResponse:
        assert "token" not in options
        self.urls.append(url)
        answer = self.answers.pop(0)
        if isinstance(answer, FetchError):
            raise answer
        status = answer if isinstance(answer, int) else 200
        body = b"" if isinstance(answer, int) else json.dumps(answer).encode()
        return HttpResponse(
            url=url, status=status, headers={}, body=body, elapsed_s=0.1
        )


def _get(
    http: Http, found: Discovery, *, times: tuple[float, ...] = (0.0,)
) -> BroadcastList:
    now = [0.0]
    broadcasts = Broadcasts(
        http=http,  # type: ignore[arg-type]
        base_url=BASE,
        clock=lambda: now[0],
    )

    async def run() -> BroadcastList:
        for at in times:
            now[0] = at
            answer = await broadcasts.get(found)
        return answer

    return asyncio.run(run())


def _message(text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "broadcasts/x.md",
        "summary": {"gfm": text, "html": f"<p>{text}</p>"},
        "body": None,
        "active": True,
        "enabled": True,
        "stale": False,
        "category": "notice",
        **more,
    }


def test_messages_come_worst_first_as_text() -> None:
    http = Http(
        [
            _message("*Hello*", category="info"),
            _message("**TAP** is down", category="outage", body={"gfm": "x"}),
            _message("odd", category="new kind"),
            _message("off", active=False),
            _message("off", enabled=False),
            _message(""),
            {"summary": None},
            "noise",
        ]
    )

    answer = _get(http, discovery(FULL))

    assert http.urls == [f"{BASE}/semaphore/v1/broadcasts"]
    assert answer.state == "fresh"
    assert [(b.category, b.summary, b.body) for b in answer.broadcasts] == [
        ("outage", "TAP is down", "x"),
        ("info", "Hello", ""),
        ("info", "odd", ""),
    ]


def test_a_site_without_semaphore_is_not_asked() -> None:
    http = Http()

    assert _get(http, discovery(SUMMIT)).state == "not_deployed"
    assert http.urls == []


@pytest.mark.parametrize("failure", [503, FetchError("timeout"), {"a": 1}])
def test_the_last_messages_stay_for_a_while_marked(failure: Any) -> None:
    first = [_message("TAP is down", category="outage")]

    stale = _get(Http(first, failure), discovery(FULL), times=(0.0, 100.0))
    gone = _get(Http(first, failure), discovery(FULL), times=(0.0, 1000.0))

    assert (stale.state, len(stale.broadcasts)) == ("stale", 1)
    assert (gone.state, gone.broadcasts) == ("unavailable", [])
    assert gone.message.startswith("Announcements could not be read: ")


def test_one_question_a_minute_is_enough() -> None:
    http = Http([])

    _get(http, discovery(FULL), times=(0.0, 10.0, 59.0))

    assert len(http.urls) == 1


def test_a_user_who_asks_gets_a_newer_answer() -> None:
    http = Http([], [_message("new")], [_message("newer")])
    now = [0.0]
    broadcasts = Broadcasts(
        http=http,  # type: ignore[arg-type]
        base_url=BASE,
        clock=lambda: now[0],
    )

    async def run() -> list[list[str]]:
        told = []
        for at in (0.0, 4.0, 6.0, 8.0, 12.0):
            now[0] = at
            answer = await broadcasts.get(discovery(FULL), refresh=True)
            told.append([b.summary for b in answer.broadcasts])
        return told

    assert asyncio.run(run()) == [[], [], ["new"], ["new"], ["newer"]]
