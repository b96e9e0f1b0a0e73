from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rubin.repertoire import Discovery, DiscoveryClient

from rsp_health.sandbox.scenarios import SCENARIOS, get_scenario
from rsp_health.sandbox.services.discovery import (
    discovery_document,
    nublado_document,
)

if TYPE_CHECKING:
    import httpx

    from rsp_health.sandbox.app import SandboxServer

BASE = "https://rsp.example.org"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_the_platforms_own_client_reads_it(
    sandbox: SandboxServer,
) -> None:
    client = DiscoveryClient(base_url=f"{sandbox.url}/repertoire")
    try:
        applications = await client.applications()
        datasets = await client.datasets()
        tap = await client.url_for_data("tap", "dp1")
        sia = await client.url_for_data("sia", "dp1", version="v2")
        butler = await client.butler_config_for("dp1")
        api = await client.url_for_internal("gafaelfawr", version="v1")
        portal = await client.url_for_ui("portal")
        environment = await client.environment()
    finally:
        await client.aclose()
    assert {"tap", "nublado", "mobu", "semaphore"} <= set(applications)
    assert applications == sorted(applications)
    assert "ppdbtap" not in applications
    assert datasets == ["dp02", "dp03", "dp1"]
    assert tap == f"{sandbox.url}/api/tap"
    assert sia == f"{sandbox.url}/api/sia/dp1/query"
    assert butler == f"{sandbox.url}/api/butler/repo/dp1/butler.yaml"
    assert api == f"{sandbox.url}/auth/api/v1"
    assert portal == f"{sandbox.url}/portal/app/"
    assert environment is not None
    assert environment.name == "rsp-sandbox"


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenarios_document_is_repertoires(name: str) -> None:
    document = discovery_document(BASE, get_scenario(name))
    parsed = Discovery.model_validate(document)
    again = parsed.model_dump(mode="json", exclude_defaults=True)
    assert again == document


@pytest.mark.parametrize("name", SCENARIOS)
def test_mounted_file_is_what_repertoire_would_write(name: str) -> None:
    document = discovery_document(BASE, get_scenario(name))
    expected = Discovery.model_validate(document).to_nublado_dict()
    assert nublado_document(document) == expected


def test_minimal_site_has_no_data_services() -> None:
    document = discovery_document(BASE, get_scenario("minimal"))
    assert "datasets" not in document
    assert not {"tap", "sia", "semaphore"} & set(document["applications"])
    assert "semaphore" not in document["services"]["internal"]
    assert {"mobu", "nublado", "portal", "squareone"} <= set(
        document["applications"]
    )


def test_empty_site_says_nothing(
    sandbox: SandboxServer, anonymous: httpx.Client
) -> None:
    sandbox.set_scenario("empty-discovery")
    assert anonymous.get("/repertoire/discovery").json() == {}


def test_drift_names_an_address_that_is_not_served(
    sandbox: SandboxServer, anonymous: httpx.Client, lab: httpx.Client
) -> None:
    sandbox.set_scenario("drift")
    document = anonymous.get("/repertoire/discovery").json()
    url = document["datasets"]["dp1"]["services"]["livetap"]["url"]
    assert "livetap" in document["applications"]
    assert lab.get(f"{url}/availability").status_code == 404


def test_browsers_may_read_discovery_only(anonymous: httpx.Client) -> None:
    allowed = "Access-Control-Allow-Origin"
    assert anonymous.get("/repertoire/discovery").headers[allowed] == "*"
    assert allowed not in anonymous.get("/semaphore/v1/broadcasts").headers


def test_metadata_tells_a_version(anonymous: httpx.Client) -> None:
    for path in ("/repertoire/", "/repertoire"):
        metadata = anonymous.get(path).json()["metadata"]
        assert metadata["name"] == "repertoire"
        assert metadata["version"]


def test_credentials_need_a_scope_that_users_lack(
    sandbox: SandboxServer, anonymous: httpx.Client, lab: httpx.Client
) -> None:
    path = "/repertoire/discovery/influxdb/sandbox_efd"
    assert anonymous.get(path).status_code == 401
    assert lab.get(path).status_code == 403
    token = sandbox.state.issue("staff", ("read:sasquatch",))
    staff = {"Authorization": f"Bearer {token}"}
    document = anonymous.get(path, headers=staff).json()
    assert document["database"] == "efd"
    assert document["password"] == "sandbox"
    unknown = anonymous.get(f"{path}x", headers=staff)
    assert unknown.status_code == 404


def test_what_discovery_names_leads_to_its_application(
    sandbox: SandboxServer, anonymous: httpx.Client, lab: httpx.Client
) -> None:
    document = anonymous.get("/repertoire/discovery").json()
    own = {
        document["services"]["ui"][name]["url"]
        for name in ("squareone", "settings")
    }
    astray = set()
    for url in sorted(_urls(document) - own):
        lab.get(url)
        if sandbox.state.requests[-1]["app"] == "squareone":
            astray.add(url)  # No application claimed it.
    assert astray == set()


def _urls(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {u for v in value.values() for u in _urls(v)}
    is_ours = isinstance(value, str) and value.startswith("http://127")
    return {value} if is_ours else set()


def test_lab_environment_holds_the_mounted_files(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    variables = sandbox.lab_environment(tmp_path)
    mounts = Path(variables["NUBLADO_RUNTIME_MOUNTS_DIR"])
    token = (mounts / "secrets" / "token").read_text()
    frozen = json.loads((mounts / "discovery" / "v1.json").read_text())
    assert token == variables["ACCESS_TOKEN"] == variables["NUBLADO_TOKEN"]
    assert set(frozen) == {"datasets", "influxdb_databases", "services"}
    assert (mounts / "secrets" / "token").stat().st_mode & 0o077 == 0
    assert variables["EXTERNAL_INSTANCE_URL"] == sandbox.url
    assert variables["REPERTOIRE_BASE_URL"] == f"{sandbox.url}/repertoire"
    assert variables["HOME"] == str(tmp_path)


def test_our_own_environment_reader_understands_the_lab(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    from rsp_health.platform.environment import LabEnvironment

    variables = sandbox.lab_environment(tmp_path)
    mounts = Path(variables["NUBLADO_RUNTIME_MOUNTS_DIR"])
    lab = LabEnvironment(variables=variables, mounts=(mounts,))
    assert lab.read_token() == sandbox.state.lab_token
    assert lab.base_url == sandbox.url
    assert lab.cpu_limit == 2.0
    assert lab.memory_limit_bytes == 8 * 1024**3
    assert lab.auto_repo_specs == (f"{sandbox.url}/git/system-test.git@prod",)
    assert lab.mounted("discovery", "v1.json") is not None
