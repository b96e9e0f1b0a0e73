from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from defusedxml import ElementTree

from rsp_health.errors import BadInputError
from rsp_health.sandbox import scenarios
from rsp_health.sandbox.app import SandboxServer
from rsp_health.sandbox.scenarios import SCENARIOS, get_scenario

if TYPE_CHECKING:
    from collections.abc import Iterable

VOSI = "{http://www.ivoa.net/xml/VOSIAvailability/v1.0}"

#: One request for each kind of route, with the lab's token where needed.
ROUTES = {
    "squareone": "/",
    "login": "/login",
    "discovery": "/repertoire/discovery",
    "hips-list": "/api/hips/v2/dp1/list",
    "broadcasts": "/semaphore/v1/broadcasts",
    "user-info": "/auth/api/v1/user-info",
    "overrides": "/auth/api/v1/quota-overrides",
    "tap": "/api/tap/availability",
    "tap-sync": "/api/tap/sync?QUERY=SELECT TOP 1 * FROM dp1.Visit",
    "ssotap": "/api/ssotap/availability",
    "sia": "/api/sia/dp1/availability",
    "sia-query": "/api/sia/dp1/query?POS=CIRCLE 53 -28 0.1",
    "cutout": "/api/cutout/availability",
    "butler": "/api/butler/repo/dp1/butler.yaml",
    "portal": "/portal/app/",
    "nublado": "/nublado/spawner/v1/user-status",
    "mobu": "/mobu/summary",
    "influx": "/influxdb/health",
}


def _all(names: Iterable[str], answer: int | None) -> dict[str, int | None]:
    """Expect one answer of several routes."""
    return dict.fromkeys(names, answer)


HEALTHY = dict.fromkeys(ROUTES, 200) | {"overrides": 404, "mobu": 403}
NEEDS_LOGIN = {
    "user-info",
    "overrides",
    "tap-sync",
    "sia-query",
    "cutout",
    "portal",
    "nublado",
    "mobu",
}
EXPECTED: dict[str, dict[str, int | None]] = {
    "healthy": {},
    "tap-down": {"tap": 503, "tap-sync": 503},
    "tap-says-no": {"tap-sync": 400},
    "tap-jobs-hang": {},
    "clock-skew": {},
    "tap-queries-fail": {"tap-sync": 400},
    "throttled": _all(["tap-sync", "sia-query", "cutout"], 429),
    "blocked": {"cutout": 403, "overrides": 200},
    "expired-token": {
        **_all(NEEDS_LOGIN, 401),
        "portal": 302,
    },
    "login-page": _all(NEEDS_LOGIN, 302),
    "maintenance": _all(
        ["tap", "tap-sync", "ssotap", "sia", "sia-query"], 503
    ),
    "discovery-down": {"discovery": 503, "hips-list": 503},
    "everything-down": _all(ROUTES, 503)
    | _all(NEEDS_LOGIN - {"user-info", "overrides"}, 500),
    "minimal": _all(
        [
            "broadcasts",
            "butler",
            "cutout",
            "hips-list",
            "sia",
            "sia-query",
            "ssotap",
            "tap",
            "tap-sync",
        ],
        404,
    ),
    "unreachable": _all(ROUTES, None),
    # Anonymous routes fail with it; plain ingresses do not.
    "gafaelfawr-down": _all(
        set(ROUTES) - {"squareone", "broadcasts", "influx", "argocd"}, 500
    )
    | _all(["user-info", "overrides", "login"], 503),
    "semaphore-down": {"broadcasts": 503},
    "sia-says-no": {"sia-query": 500},
    "drift": {},
    "empty-discovery": {},
    "usdf": _all(
        [
            "butler",
            "cutout",
            "hips-list",
            "influx",
            "sia",
            "sia-query",
            "ssotap",
        ],
        404,
    ),
    "hostile": {"tap-sync": 400},
}


def test_every_scenario_is_in_the_table() -> None:
    assert set(EXPECTED) == set(SCENARIOS) - {"slow"}
    documented = scenarios.__doc__ or ""
    assert [n for n in SCENARIOS if f"\n{n}  " not in documented] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_lab_meets(
    sandbox: SandboxServer, lab: httpx.Client, name: str
) -> None:
    sandbox.set_scenario(name)
    found: dict[str, int | None] = {}
    for route, path in ROUTES.items():
        try:
            found[route] = lab.get(path).status_code
        except httpx.TransportError:
            found[route] = None
    assert found == HEALTHY | EXPECTED[name]


def test_slow_waits_before_it_answers(
    sandbox: SandboxServer, lab: httpx.Client
) -> None:
    sandbox.set_scenario("slow")
    with pytest.raises(httpx.ReadTimeout):
        lab.get(ROUTES["tap"], timeout=0.5)
    assert lab.get(ROUTES["squareone"]).status_code == 200


@pytest.mark.parametrize(
    ("scenario", "route", "note"),
    [
        ("tap-says-no", "tap", "Qserv czar is not reachable"),
        ("sia-says-no", "sia", "Butler server is not reachable"),
    ],
)
def test_saying_no_is_a_200_with_a_note(
    sandbox: SandboxServer,
    anonymous: httpx.Client,
    scenario: str,
    route: str,
    note: str,
) -> None:
    before = ElementTree.fromstring(anonymous.get(ROUTES[route]).text)
    sandbox.set_scenario(scenario)
    response = anonymous.get(ROUTES[route])
    document = ElementTree.fromstring(response.text)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml"
    assert before.findtext(f"{VOSI}available") == "true"
    assert before.find(f"{VOSI}upSince") is not None
    assert document.findtext(f"{VOSI}available") == "false"
    assert document.findtext(f"{VOSI}note") == note


def test_cutouts_say_yes_whatever_happens_behind(
    sandbox: SandboxServer, lab: httpx.Client
) -> None:
    sandbox.set_scenario("sia-says-no")
    document = ElementTree.fromstring(lab.get(ROUTES["cutout"]).text)
    assert document.findtext(f"{VOSI}available") == "true"


def test_throttling_ends_with_the_scenario(
    sandbox: SandboxServer, user: httpx.Client
) -> None:
    sandbox.set_scenario("throttled")
    response = user.get(ROUTES["cutout"])
    until = parsedate_to_datetime(response.headers["Retry-After"])
    left = until.timestamp() - sandbox.state.now()
    assert response.status_code == 429
    assert response.headers["X-RateLimit-Remaining"] == "0"
    assert 50 < left <= 60
    sandbox.set_scenario("healthy")
    assert user.get(ROUTES["cutout"]).headers["X-RateLimit-Used"] == "1"


def test_block_is_an_override_that_can_be_read(
    sandbox: SandboxServer, lab: httpx.Client
) -> None:
    sandbox.set_scenario("blocked")
    response = lab.get(ROUTES["cutout"])
    overrides = lab.get(ROUTES["overrides"]).json()
    info = lab.get(ROUTES["user-info"]).json()
    assert overrides["default"]["api"] == {"vo-cutouts": 0}
    assert info["quota"]["api"]["vo-cutouts"] == 0
    # An ingress of the type basic says no more than that it is one.
    challenge = response.headers["WWW-Authenticate"]
    assert challenge.startswith("Basic realm=")
    assert "," not in challenge
    assert "not allowed" not in response.text, "nginx replaces the body"


def test_maintenance_is_announced(
    sandbox: SandboxServer, anonymous: httpx.Client
) -> None:
    assert anonymous.get(ROUTES["broadcasts"]).json() == []
    sandbox.set_scenario("maintenance")
    messages = anonymous.get(ROUTES["broadcasts"]).json()
    first = messages[0]
    assert [m["category"] for m in messages] == ["outage", "notice"]
    assert first["active"]
    assert not first["stale"]
    assert first["summary"]["gfm"].startswith("**TAP and SIA are down")
    assert first["summary"]["html"].startswith("<p><strong>TAP and SIA")


def test_a_message_is_for_its_user_only(
    sandbox: SandboxServer, anonymous: httpx.Client, lab: httpx.Client
) -> None:
    path = "/semaphore/v1/notifications/messages?unread=true"
    assert lab.get(path).json() == []
    sandbox.set_scenario("maintenance")
    (message,) = lab.get(path).json()
    assert set(message) == {"id", "created", "read", "summary", "url"}
    assert message["summary"]["gfm"].startswith("Your query job **1234**")
    assert message["read"] is None
    assert lab.get(f"{path}&limit=1").headers["X-Total-Count"] == "1"
    assert anonymous.get(path).status_code == 401


def test_hostile_texts_reach_the_lab_as_they_are(
    sandbox: SandboxServer, anonymous: httpx.Client
) -> None:
    sandbox.set_scenario("hostile")
    found = anonymous.get(ROUTES["discovery"]).json()
    said = anonymous.get(ROUTES["broadcasts"]).text
    assert scenarios.HOSTILE_MARKUP in found["applications"]
    assert scenarios.HOSTILE_MARKUP in found["environment_name"]
    assert "<script>window.hostile=1</script>" in said
    assert "\\u202e" in said
    assert "\\u001b[31m" in said


def test_a_usdf_like_site_has_a_tap_service_of_its_own(
    sandbox: SandboxServer, anonymous: httpx.Client
) -> None:
    path = "/api/consdbtap/availability"
    assert anonymous.get(path).status_code == 404
    sandbox.set_scenario("usdf")
    found = anonymous.get(ROUTES["discovery"]).json()
    assert anonymous.get(path).status_code == 200
    assert found["applications"] == [
        *["cert-manager", "consdbtap", "gafaelfawr", "ingress-nginx"],
        *["mobu", "nublado", "portal", "repertoire", "semaphore"],
        *["squareone", "tap", "vault-secrets-operator"],
    ]
    assert set(found["datasets"]) == {"consdb", "dp02", "dp1"}


def test_expired_token_is_the_labs_only(
    sandbox: SandboxServer, lab: httpx.Client, user: httpx.Client
) -> None:
    sandbox.set_scenario("expired-token")
    response = lab.get(ROUTES["user-info"])
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert user.get(ROUTES["user-info"]).status_code == 200


@pytest.mark.parametrize("name", ["everything-down", "unreachable"])
def test_control_and_git_stay_up(
    sandbox: SandboxServer, anonymous: httpx.Client, name: str
) -> None:
    sandbox.set_scenario(name)
    control = anonymous.get("/sandbox/scenario")
    refs = "/git/system-test.git/info/refs?service=git-upload-pack"
    assert control.json()["scenario"] == name
    assert anonymous.get(refs).status_code == 200


def test_switch_over_http(
    sandbox: SandboxServer, anonymous: httpx.Client
) -> None:
    path = "/sandbox/scenario"
    answer = anonymous.put(path, json={"scenario": "tap-down"}).json()
    assert answer["scenario"] == "tap-down" == sandbox.scenario
    assert [s["name"] for s in answer["scenarios"]] == list(SCENARIOS)
    for body in ("", "[]", "{}", '{"scenario": "no-such"}'):
        refused = anonymous.put(path, content=body)
        assert refused.status_code == 422
        assert set(refused.json()) == {"error", "message", "hint"}
    assert sandbox.scenario == "tap-down"


def test_switch_on_the_page(
    sandbox: SandboxServer, anonymous: httpx.Client
) -> None:
    page = anonymous.get("/sandbox/").text
    assert all(f'value="{name}"' in page for name in SCENARIOS)
    posted = anonymous.post("/sandbox/", data={"scenario": "blocked"})
    assert posted.status_code == 303
    assert sandbox.scenario == "blocked"
    assert "<strong>blocked</strong>" in anonymous.get("/sandbox/").text


def test_requests_are_remembered(
    sandbox: SandboxServer, anonymous: httpx.Client, lab: httpx.Client
) -> None:
    lab.get("/api/cutout/availability")
    sandbox.set_scenario("unreachable")
    with pytest.raises(httpx.TransportError):
        anonymous.get("/semaphore/")
    requests = anonymous.get("/sandbox/requests").json()["requests"]
    assert requests == [
        {
            "method": "GET",
            "path": "/api/cutout/availability",
            "status": 200,
            "app": "vo-cutouts",
            "username": "vrubin",
        },
        {
            "method": "GET",
            "path": "/semaphore/",
            "status": None,
            "app": "semaphore",
            "username": None,
        },
    ]
    assert anonymous.delete("/sandbox/requests").status_code == 204
    assert anonymous.get("/sandbox/requests").json()["requests"] == []


def test_it_is_told_where_the_token_was_seen(
    anonymous: httpx.Client,
) -> None:
    token = "gt-0123456789012345678901.abcdefghijklmnopqrstuv"
    with SandboxServer(token=token) as server:
        requests = f"{server.url}/sandbox/requests"

        def seen() -> list[str]:
            found: list[str] = anonymous.get(requests).json()["token_seen_in"]
            return found

        good = {"Authorization": f"Bearer {token}"}
        answer = anonymous.get(f"{server.url}/mobu/summary", headers=good)
        assert answer.status_code == 403, "it is known, and an ordinary user"
        assert seen() == ["authorization"]
        anonymous.get(f"{server.url}/", headers={"X-Auth-Token": token})
        anonymous.get(f"{server.url}/?token={token}")
        refs = f"{server.url}/git/system-test.git/info/refs"
        anonymous.get(refs, headers={"Cookie": f"t={token}"})
        assert seen() == ["address", "authorization", "cookie", "x-auth-token"]


def test_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(BadInputError) as caught:
        get_scenario("tap_down")
    assert caught.value.code == "no_such_scenario"
    assert "tap-down" in caught.value.hint
