from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp_health.platform.environment import LabEnvironment
from rsp_health.platform.http.answers import HttpResponse
from rsp_health.status.user.quota import QuotaReader

from ..sites import BASE, FULL, discovery

TOKEN = {
    "token": "gt-key",
    "username": "vrubin",
    "token_type": "notebook",
    "scopes": ["read:image", "exec:notebook"],
    "created": 1_700_000_000,
    "expires": 1_800_000_000,
}
USER = {
    "username": "vrubin",
    "groups": [{"name": "g_users", "id": 12}],
    "quota": {
        "api": {"tap": 1000, "vo-cutouts": 35},
        "disk": {"/home": 42949672960, "/scratch": 10**12, "/x": "much"},
        "notebook": {"cpu": 8.0, "memory": 8.0, "spawn": True},
        "tap": {"qserv": {"concurrent": 15}, "sso": {"concurrent": 5}},
    },
}


class Http:
    """Gafaelfawr from memory."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"token-info": TOKEN, "user-info": USER} | {
            k.replace("_", "-"): v for k, v in answers.items()
        }
        self.urls: list[str] = []

    async def get(self, url: str, *, token: bool, accept: str) -> HttpResponse:
        assert token
        del accept
        self.urls.append(url)
        answer = self.answers.get(url.rpartition("/")[2], 404)
        return HttpResponse(
            url=url,
            status=answer if isinstance(answer, int) else 200,
            headers={},
            body=json.dumps(answer).encode(),
            elapsed_s=0.1,
        )


def _reader(http: Http, clock: list[float] | None = None) -> QuotaReader:
    return QuotaReader(
        http=http,  # type: ignore[arg-type]
        environment=LabEnvironment(
            variables={"EXTERNAL_INSTANCE_URL": BASE, "NUBLADO_TOKEN": "gt-x"},
            mounts=(),
        ),
        clock=lambda: (clock or [100.0])[0],
    )


def _read(http: Http, **document: Any) -> QuotaReader:
    reader = _reader(http)
    asyncio.run(reader.read(discovery(document or FULL)))
    return reader


def test_token_limits_and_lab_are_read() -> None:
    reader = _read(Http())

    token = reader.token
    assert (token.state, token.username) == ("valid", "vrubin")
    assert token.scopes == ["exec:notebook", "read:image"]
    assert token.expires_at is not None
    assert token.expires_at.year == 2027
    assert "gt-key" not in token.model_dump_json()
    assert {q.service: (q.limit, q.overridden) for q in reader.entries()} == {
        "tap": (1000, False),
        "vo-cutouts": (35, False),
    }
    assert reader.concurrent_queries == {"qserv": 15, "sso": 5}
    assert reader.lab_quota == {
        "quota_cpu": 8.0,
        "quota_memory_bytes": 8 * 1024**3,
        "quota_disk_bytes": 42949672960,
        "disk_quotas": {"/home": 42949672960, "/scratch": 10**12},
        "may_spawn": True,
    }


def test_the_version_that_discovery_names_is_asked() -> None:
    http = Http()
    named = {
        "services": {
            "internal": {
                "gafaelfawr": {
                    "url": f"{BASE}/auth",
                    "versions": {"v1": {"url": f"{BASE}/other/v1"}},
                }
            }
        }
    }

    _read(http, **named)

    assert sorted(http.urls) == [
        f"{BASE}/other/v1/quota-overrides",
        f"{BASE}/other/v1/token-info",
        f"{BASE}/other/v1/user-info",
    ]


@pytest.mark.parametrize(
    ("overrides", "entries"),
    [
        (
            {"default": {"api": {"sia": 0}}},
            {
                "sia": (0, True),
                "tap": (1000, False),
                "vo-cutouts": (35, False),
            },
        ),
        # user-info gives the result, the override only says why.
        (
            {"default": {"api": {"tap": 5}}},
            {"tap": (1000, True), "vo-cutouts": (35, False)},
        ),
        (
            {
                "groups": {
                    "g_users": {"api": {"sia": 7}},
                    "g_x": {"api": {"y": 1}},
                }
            },
            {
                "sia": (7, True),
                "tap": (1000, False),
                "vo-cutouts": (35, False),
            },
        ),
        (
            {"bypass": ["g_users"], "default": {"api": {"sia": 0}}},
            {"tap": (1000, False), "vo-cutouts": (35, False)},
        ),
    ],
)
def test_overrides_say_what_an_administrator_changed(
    overrides: dict[str, Any], entries: dict[str, tuple[int, bool]]
) -> None:
    reader = _read(Http(quota_overrides=overrides))

    found = {q.service: (q.limit, q.overridden) for q in reader.entries()}
    assert found == entries


def test_no_quota_is_no_limit() -> None:
    reader = _read(Http(user_info={"username": "x"}))

    assert reader.entries() == []
    assert reader.lab_quota == {}


@pytest.mark.parametrize(
    ("answer", "state"),
    [(401, "rejected"), (403, "rejected"), (503, "unknown"), ([], "unknown")],
)
def test_a_token_that_is_not_accepted(answer: Any, state: str) -> None:
    reader = _read(Http(token_info=answer, user_info=answer))

    assert reader.token.state == state
    assert reader.token.message


def test_what_answers_tell_in_passing_counts_until_the_reset() -> None:
    clock = [100.0]
    reader = _reader(Http(), clock)
    headers = {
        "date": "Fri, 20 Nov 2026 12:00:00 GMT",
        "x-ratelimit-limit": "35",
        "x-ratelimit-remaining": "30",
        "x-ratelimit-reset": "1795176030",  # 12:00:30
        "x-ratelimit-resource": "vo-cutouts",
    }

    reader.observe(
        HttpResponse(
            url="x", status=200, headers=headers, body=b"", elapsed_s=0.1
        )
    )
    (before,) = reader.entries()
    clock[0] += 31
    (after,) = reader.entries()

    assert (before.limit, before.remaining) == (35, 30)
    assert before.resets_at is not None
    assert (after.limit, after.remaining, after.resets_at) == (35, None, None)


def _counted(remaining: int, url: str = "x") -> HttpResponse:
    headers = {
        "date": "Fri, 20 Nov 2026 12:00:00 GMT",
        "x-ratelimit-limit": "10",
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": "1795176030",  # 12:00:30
        "x-ratelimit-resource": "gafaelfawr",
    }
    return HttpResponse(
        url=url, status=200, headers=headers, body=b"", elapsed_s=0.1
    )


def test_half_of_the_users_quota_is_left_to_them() -> None:
    clock = [100.0]
    reader = _reader(Http(), clock)
    allowed = []

    assert reader.may_spend("x"), "nothing says that it costs"
    for remaining in (10, 6, 5, 0):
        reader.observe(_counted(remaining))
        allowed.append(reader.may_spend("x"))
    assert allowed == [True, True, False, False]
    assert reader.may_spend("y"), "another address may cost nothing"
    clock[0] += 31
    assert reader.may_spend("x"), "a new minute has begun"


def test_gafaelfawr_is_not_asked_with_the_users_half() -> None:
    http = Http()
    reader = _reader(http)
    reader.observe(_counted(5, f"{BASE}/auth/api/v1/user-info"))

    asyncio.run(reader.read(discovery(FULL)))

    assert http.urls == []


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "api",
                    "quota",
                    "tap",
                    "notebook",
                    "disk",
                    "/home",
                    "cpu",
                    "memory",
                    "scopes",
                    "expires",
                    "username",
                    "groups",
                    "default",
                    "bypass",
                    "name",
                    "concurrent",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(token=_JSON, user=_JSON, overrides=_JSON)
def test_no_json_breaks_the_reader(
    token: Any, user: Any, overrides: Any
) -> None:
    answers = {
        name: value
        for name, value in (
            ("token_info", token),
            ("user_info", user),
            ("quota_overrides", overrides),
        )
        if not isinstance(value, int)
    }
    reader = _read(Http(**answers))

    assert reader.token.state in {"valid", "unknown"}
    assert all(entry.limit >= 0 for entry in reader.entries())
