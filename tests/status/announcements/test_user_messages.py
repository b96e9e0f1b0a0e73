from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.http.answers import FetchError, HttpResponse
from rsp_health.status.announcements.user_messages import Messages

from ..sites import BASE, FULL, SUMMIT, discovery

if TYPE_CHECKING:
    from rsp_health.platform.models import Discovery
    from rsp_health.status.models import UserMessage

URL = f"{BASE}/semaphore/v1/notifications/messages?unread=true&limit=20"


class Http:
    """Semaphore from memory, with the token only."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.urls: list[str] = []

    async def get(self, url: str, *, token: bool, accept: str) -> HttpResponse:
        assert token
        assert accept == "application/json"
        self.urls.append(url)
        answer = self.answers.pop(0)
        if isinstance(answer, FetchError):
            raise answer
        return HttpResponse(
            url=url,
            status=answer if isinstance(answer, int) else 200,
            headers={},
            body=json.dumps(answer).encode(),
            elapsed_s=0.1,
        )


def _get(
    http: Http,
    found: Discovery,
    *,
    times: tuple[float, ...] = (0.0,),
    known: bool = True,
    may_spend: bool = True,
    refresh: bool = False,
) -> tuple[list[UserMessage], str]:
    now = [0.0]
    variables = {"EXTERNAL_INSTANCE_URL": BASE}
    if known:
        variables["NUBLADO_TOKEN"] = "gt-x"
    messages = Messages(
        http=http,  # type: ignore[arg-type]
        environment=LabEnvironment(variables=variables, mounts=()),
        may_spend=lambda _: may_spend,
        clock=lambda: now[0],
    )

    async def run() -> tuple[list[UserMessage], str]:
        for at in times:
            now[0] = at
            answer = await messages.get(found, refresh=refresh)
        return answer

    return asyncio.run(run())


def _message(text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "created": "2026-11-20T10:00:00Z",
        "read": None,
        "summary": {"gfm": text, "html": f"<p>{text}</p>"},
        "url": "https://elsewhere.example.org/7",
        **more,
    }


def test_unread_messages_come_as_text() -> None:
    http = Http(
        [
            _message("Job **1** <img src=x onerror=x>ended"),
            _message("read", read="2026-11-20T11:00:00Z"),
            _message("when?", id=8, created="soon"),
            _message(""),
            "noise",
        ]
    )

    messages, note = _get(http, discovery(FULL))

    assert http.urls == [URL]
    assert note == ""
    assert [(m.id, m.summary, m.created_at) for m in messages] == [
        ("7", "Job 1 ended", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("8", "when?", None),
    ]


@pytest.mark.parametrize(
    ("found", "known"), [(SUMMIT, True), (FULL, False)], ids=["site", "token"]
)
def test_nobody_is_asked_without_semaphore_or_token(
    found: dict[str, Any], *, known: bool
) -> None:
    http = Http()

    assert _get(http, discovery(found), known=known) == ([], "")
    assert http.urls == []


def test_an_older_semaphore_has_nothing_to_tell() -> None:
    assert _get(Http(404), discovery(FULL)) == ([], "")


@pytest.mark.parametrize(
    "failure", [503, 302, FetchError("timeout"), {"a": 1}]
)
def test_why_they_are_not_known_is_said(failure: Any) -> None:
    messages, note = _get(Http(failure), discovery(FULL))

    assert messages == []
    assert note.startswith("Messages to you could not be read: ")


@pytest.mark.parametrize(
    ("refresh", "asked"), [(False, 2), (True, 3)], ids=["poll", "click"]
)
def test_one_question_a_minute_is_enough(*, refresh: bool, asked: int) -> None:
    http = Http([], [], [])

    _get(
        http,
        discovery(FULL),
        times=(0.0, 2.0, 40.0, 131.0),
        refresh=refresh,
    )

    assert len(http.urls) == asked


def test_the_users_half_of_a_quota_is_left_alone() -> None:
    http = Http()

    assert _get(http, discovery(FULL), may_spend=False) == ([], "")
    assert http.urls == []
