from __future__ import annotations

import base64
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from rsp_health.sandbox.state import API_QUOTAS, LAB_SCOPES, SandboxState

if TYPE_CHECKING:
    from rsp_health.sandbox.app import SandboxServer

USER_INFO = "/auth/api/v1/user-info"
TOKEN_INFO = "/auth/api/v1/token-info"
OVERRIDES = "/auth/api/v1/quota-overrides"
CUTOUT = "/api/cutout/availability"
SIA = "/api/sia/dp1/query?POS=CIRCLE 53 -28 0.1"


def test_user_info(lab: httpx.Client) -> None:
    document = lab.get(USER_INFO).json()
    assert document == {
        "username": "vrubin",
        "name": "Vera Rubin",
        "email": "vrubin@example.org",
        "uid": 45613,
        "gid": 45613,
        "groups": [
            {"name": "g_users", "id": 200000},
            {"name": "vrubin", "id": 45613},
        ],
        "quota": {
            "api": dict(API_QUOTAS),
            "disk": {"/home": 42949672960},
            "notebook": {"cpu": 4.0, "memory": 16.0, "spawn": True},
            "tap": {"qserv": {"concurrent": 15}, "sso": {"concurrent": 5}},
        },
    }


def test_token_info_never_tells_the_secret(
    sandbox: SandboxServer, lab: httpx.Client
) -> None:
    response = lab.get(TOKEN_INFO)
    document = response.json()
    token = sandbox.state.lab_token
    key, _, secret = token.removeprefix("gt-").partition(".")
    assert document["token"] == key
    assert secret not in response.text
    assert document["token_type"] == "notebook"
    assert document["scopes"] == sorted(LAB_SCOPES)
    assert document["expires"] > document["created"]


def test_missing_token_is_challenged(anonymous: httpx.Client) -> None:
    own = anonymous.get(USER_INFO)
    assert own.status_code == 401
    assert own.headers["WWW-Authenticate"].startswith("Bearer realm=")
    assert "error=" not in own.headers["WWW-Authenticate"]
    assert own.json()["detail"] == {
        "msg": "Authentication required",
        "type": "no_authorization",
    }
    behind = anonymous.get("/nublado/spawner/v1/user-status")
    assert behind.status_code == 401
    assert behind.headers["Content-Type"] == "text/html"


def test_unknown_token_is_called_invalid(anonymous: httpx.Client) -> None:
    headers = {"Authorization": "Bearer gt-canary.canary"}
    response = anonymous.get(USER_INFO, headers=headers)
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert "canary" not in response.text + str(response.headers)


@pytest.mark.parametrize(
    "value", ["Bearer", "Basic !!!", "Digest abc", "gt-only.token", ""]
)
def test_malformed_authorization_is_400(
    anonymous: httpx.Client, value: str
) -> None:
    response = anonymous.get(USER_INFO, headers={"Authorization": value})
    assert response.status_code == 400


@pytest.mark.parametrize("pair", ["{token}:x-oauth-basic", "x-any:{token}"])
def test_basic_authentication_carries_a_token_too(
    sandbox: SandboxServer, anonymous: httpx.Client, pair: str
) -> None:
    text = pair.format(token=sandbox.state.lab_token)
    value = base64.b64encode(text.encode()).decode()
    headers = {"Authorization": f"Basic {value}"}
    assert anonymous.get(USER_INFO, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/portal/app/", "/noteburst/", "/nb/hub"])
def test_login_redirect(anonymous: httpx.Client, path: str) -> None:
    response = anonymous.get(path)
    assert response.status_code == 302
    where = httpx.URL(response.headers["Location"])
    assert where.path == "/login"
    assert where.params["rd"].endswith(path)
    page = anonymous.get(where)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/mobu/summary", "/mobu/", "/wobbly"])
def test_missing_scope_loses_gafaelfawrs_body(
    lab: httpx.Client, path: str
) -> None:
    response = lab.get(path)
    challenge = response.headers["WWW-Authenticate"]
    assert response.status_code == 403
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="exec:admin"' in challenge
    assert "<center>nginx</center>" in response.text
    assert "scope" not in response.text


def test_administrators_see_mobu(
    sandbox: SandboxServer, anonymous: httpx.Client
) -> None:
    token = sandbox.state.issue("admin", ("exec:admin",))
    headers = {"Authorization": f"Bearer {token}"}
    summary = anonymous.get("/mobu/summary", headers=headers).json()
    assert summary["ci_manager"] is None
    assert summary["flocks"][0]["name"] == "firefighter"
    flock = anonymous.get("/mobu/flocks/none", headers=headers)
    assert flock.status_code == 404


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (CUTOUT, "vo-cutouts"),
        (SIA, "sia"),
        ("/api/tap/sync?QUERY=SELECT * FROM dp1.Visit", "tap"),
        ("/api/alerts/", "herald"),
        ("/api/hips/v2/dp1/color_gri/Norder0/Dir0/Npix0.png", "hips"),
    ],
)
def test_quota_is_counted_and_told(
    user: httpx.Client, path: str, service: str
) -> None:
    limit = API_QUOTAS[service]
    for used in (1, 2, 3):
        headers = user.get(path).headers
        assert headers["X-RateLimit-Resource"] == service
        assert headers["X-RateLimit-Limit"] == str(limit)
        assert headers["X-RateLimit-Used"] == str(used)
        assert headers["X-RateLimit-Remaining"] == str(limit - used)
        assert int(headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_spent_quota_is_429_with_a_date(user: httpx.Client) -> None:
    statuses = [user.get(CUTOUT).status_code for _ in range(36)]
    assert statuses == [200] * 35 + [429]
    response = user.get(CUTOUT)
    assert response.json() == {
        "detail": [
            {"msg": "Rate limit (35/minute) exceeded", "type": "rate_limited"}
        ]
    }
    until = parsedate_to_datetime(response.headers["Retry-After"])
    reset = int(response.headers["X-RateLimit-Reset"])
    assert int(until.timestamp()) == reset
    assert response.headers["X-RateLimit-Remaining"] == "0"
    assert response.headers["Cache-Control"] == "no-cache, must-revalidate"
    assert user.get(SIA).status_code == 200, "quotas are per service"


def test_quotas_are_per_user(user: httpx.Client, lab: httpx.Client) -> None:
    for _ in range(36):
        user.get(CUTOUT)
    assert user.get(CUTOUT).status_code == 429
    assert lab.get(CUTOUT).status_code == 200


def test_a_new_minute_is_a_new_quota() -> None:
    now = [1000.0]
    state = SandboxState("healthy", clock=lambda: now[0])
    rates = [state.spend("someone", "vo-cutouts") for _ in range(36)]
    assert [r.allowed for r in rates if r] == [True] * 35 + [False]
    now[0] += 59.9
    still = state.spend("someone", "vo-cutouts")
    assert still is not None
    assert not still.allowed
    now[0] += 0.1
    fresh = state.spend("someone", "vo-cutouts")
    assert fresh is not None
    assert (fresh.allowed, fresh.used, fresh.reset) == (True, 1, now[0] + 60)


def test_tokens_expire() -> None:
    now = [1000.0]
    state = SandboxState("healthy", clock=lambda: now[0])
    access = state.access(state.lab_token)
    assert access is not None
    now[0] = access.expires
    assert state.access(state.lab_token) is None


@pytest.mark.parametrize(
    "path",
    [
        "/api/tap/availability",
        "/api/sia/dp1/availability",
        "/api/butler/repo/dp1/butler.yaml",
        "/semaphore/v1/broadcasts",
        "/repertoire/discovery",
        "/influxdb/health",
        "/auth/openapi.json",
        "/",
    ],
)
def test_anonymous_routes_cost_nothing(
    anonymous: httpx.Client, lab: httpx.Client, path: str
) -> None:
    for client in (anonymous, lab):
        response = client.get(path)
        assert response.status_code == 200
        told = [h for h in response.headers if h.startswith("x-ratelimit")]
        assert told == []


def test_backend_errors_spend_quota_too(
    sandbox: SandboxServer, user: httpx.Client
) -> None:
    sandbox.set_scenario("tap-down")
    response = user.get("/api/tap/sync")
    assert response.status_code == 503
    assert response.headers["X-RateLimit-Used"] == "1"


def test_overrides(
    sandbox: SandboxServer,
    anonymous: httpx.Client,
    lab: httpx.Client,
) -> None:
    missing = lab.get(OVERRIDES)
    assert missing.status_code == 404
    assert missing.json() == {
        "detail": [{"msg": "No quota overrides set", "type": "not_found"}]
    }
    body: dict[str, Any] = {
        "bypass": [],
        "default": {"api": {"sia": 0, "vo-cutouts": 3}},
        "groups": {},
    }
    assert lab.put(OVERRIDES, json=body).status_code == 403
    token = sandbox.state.issue("admin", ("admin:token",))
    admin = {"Authorization": f"Bearer {token}"}
    put = anonymous.put(OVERRIDES, json=body, headers=admin)
    assert put.status_code == 200
    assert lab.get(OVERRIDES).json() == body
    assert anonymous.get(OVERRIDES).status_code == 401
    quota = lab.get(USER_INFO).json()["quota"]["api"]
    assert (quota["sia"], quota["vo-cutouts"]) == (0, 3)
    assert lab.get(SIA).status_code == 403
    assert lab.get(CUTOUT).headers["X-RateLimit-Limit"] == "3"
    deleted = anonymous.delete(OVERRIDES, headers=admin)
    assert deleted.status_code == 204
    assert lab.get(OVERRIDES).status_code == 404


def test_bypass_means_no_quota(
    sandbox: SandboxServer, user: httpx.Client
) -> None:
    name = user.get(USER_INFO).json()["username"]
    sandbox.state.overrides = {
        "bypass": [name],
        "default": {"api": {"sia": 0}},
        "groups": {},
    }
    response = user.get(SIA)
    assert response.status_code == 200
    assert "X-RateLimit-Limit" not in response.headers
    assert user.get(USER_INFO).json()["quota"]["api"] == {}


def test_own_lab(lab: httpx.Client, user: httpx.Client) -> None:
    path = "/nublado/spawner/v1/user-status"
    document = lab.get(path).json()
    assert document["status"] == "running"
    assert document["resources"]["limits"] == {
        "cpu": 2.0,
        "memory": 8 * 1024**3,
    }
    other = user.get(path)
    assert other.status_code == 404
    assert other.json()["detail"][0]["type"] == "unknown_user"
