from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.flocks import sentence
from rsp_health.platform.http.answers import FetchError, HttpResponse
from rsp_health.status.models import TokenStatus
from rsp_health.status.user.testbots import fetch

from ..sites import BASE, FULL, SUMMIT, discovery

if TYPE_CHECKING:
    from rsp_health.status import models

ADMIN = TokenStatus(state="valid", scopes=["exec:admin"])
USER = TokenStatus(state="valid", scopes=["exec:notebook"])


class Http:
    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.calls: list[tuple[str, bool]] = []

    async def get(self, url: str, *, token: bool, accept: str) -> HttpResponse:
        del accept
        self.calls.append((url, token))
        if isinstance(self.answer, FetchError):
            raise self.answer
        status = self.answer if isinstance(self.answer, int) else 200
        return HttpResponse(
            url=url,
            status=status,
            headers={},
            body=json.dumps(self.answer).encode(),
            elapsed_s=0.1,
        )


def _fetch(
    http: Http, token: TokenStatus, document: dict[str, Any] = FULL
) -> models.TestBots:
    return asyncio.run(
        fetch(
            http,  # type: ignore[arg-type]
            discovery(document),
            BASE,
            token,
        )
    )


def test_an_administrator_sees_mobu_s_own_words() -> None:
    http = Http(
        {
            "flocks": [
                {
                    "name": "notebook",
                    "business": "NotebookRunner",
                    "start_time": "2026-08-20T21:43:40.446072+00:00",
                    "monkey_count": 5,
                    "success_count": 488,
                    "failure_count": 3,
                    "user": {"token": "gt-secret"},
                },
                {"name": "idle", "business": "EmptyLoop", "start_time": None},
                {"business": "no name"},
                "noise",
            ],
            "ci_manager": None,
        }
    )

    bots = _fetch(http, ADMIN)

    assert http.calls == [(f"{BASE}/mobu/summary", True)]
    assert bots.state == "fresh"
    assert [f.summary for f in bots.flocks] == [
        (
            "notebook: 5 monkeys started 2026-08-20 with 3 failures "
            "(99.39% success)"
        ),
        "idle: 0 monkeys (not started) with 0 failures (100.00% success)",
    ]
    assert "gt-secret" not in bots.model_dump_json()


@pytest.mark.parametrize(
    ("failures", "successes", "rate"),
    [
        (0, 0, "100.00%"),
        (0, 9, "100.00%"),
        # A failure never rounds to "no failure".
        (1, 1_000_000, "99.99%"),
        (1, 9_999, "99.99%"),
        (1, 1, "50.00%"),
        (2, 0, "0.00%"),
    ],
)
def test_rates_round_as_mobu_rounds(
    failures: int, successes: int, rate: str
) -> None:
    started = datetime(2026, 8, 20, tzinfo=UTC)

    said = sentence("tap", 1, started, failures, successes)

    plural = "" if failures == 1 else "s"
    assert said == (
        f"tap: 1 monkey started 2026-08-20 with {failures} "
        f"failure{plural} ({rate} success)"
    )


@pytest.mark.parametrize(
    ("answer", "token", "document", "state"),
    [
        ({}, USER, FULL, "restricted"),
        ({}, TokenStatus(state="rejected"), FULL, "unavailable"),
        (403, ADMIN, FULL, "unavailable"),
        (FetchError("timeout"), ADMIN, FULL, "unavailable"),
        ([], ADMIN, FULL, "unavailable"),
        ({"flocks": 5}, ADMIN, SUMMIT, "unavailable"),
        ({}, ADMIN, {"applications": ["tap"]}, "not_deployed"),
    ],
)
def test_everybody_else_gets_one_honest_line(
    answer: Any, token: TokenStatus, document: dict[str, Any], state: str
) -> None:
    bots = _fetch(Http(answer), token, document)

    assert (bots.state, bots.flocks) == (state, [])
    assert bots.message.endswith(".")
    assert "\n" not in bots.message
