"""Repertoire: which applications, datasets and services there are.

The document has the shape that Repertoire 2 and 3 give, where keys with
default values are left out; `rubin.repertoire` must be able to read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ingress import PlatformHandler
from ..scenarios import HOSTILE_MARKUP

if TYPE_CHECKING:
    from ..scenario import Scenario

__all__ = [
    "APPLICATIONS",
    "DiscoveryHandler",
    "InfluxCredentialsHandler",
    "RepertoireHandler",
    "discovery_document",
    "nublado_document",
]

APPLICATIONS = (
    "argocd",
    "butler",
    "cert-manager",
    "consdbtap",
    "datalinker",
    "gafaelfawr",
    "ghostwriter",
    "herald",
    "hips",
    "ingress-nginx",
    "mobu",
    "noteburst",
    "nublado",
    "portal",
    "repertoire",
    "sasquatch",
    "semaphore",
    "sia",
    "squareone",
    "ssotap",
    "tap",
    "times-square",
    "vault-secrets-operator",
    "vo-cutouts",
    "wobbly",
)
"""Applications that the sandbox can play; not all at once."""

_DATASETS = {
    "consdb": "The observatory's database of what was observed.",
    "dp02": "Data Preview 0.2: a simulated sky, as the survey might see it.",
    "dp03": "Data Preview 0.3: simulated catalogues of the Solar System.",
    "dp1": "Data Preview 1: the first images of the commissioning camera.",
}

#: Datasets that have a TAP service of their own, and nothing else.
_TAP_ONLY = {"consdb": "consdbtap", "dp03": "ssotap"}


def _api(
    url: str,
    versions: dict[str, str] | None = None,
    *,
    openapi: str | None = None,
) -> dict[str, Any]:
    service: dict[str, Any] = {}
    if openapi is not None:
        service["openapi"] = openapi
    service["url"] = url
    if versions:
        service["versions"] = {
            name: {"url": address} for name, address in versions.items()
        }
    return service


def _data_services(base: str, dataset: str) -> dict[str, tuple[str, Any]]:
    """Return the services of a dataset: name to application and entry."""
    api = f"{base}/api"
    cutout = f"{api}/cutout/{dataset}"
    gms = (
        "gafaelfawr",
        _api(f"{base}/auth/gms", {"gms-search-1.0": f"{base}/auth/gms"}),
    )
    if dataset in _TAP_ONLY:
        application = _TAP_ONLY[dataset]
        return {
            "gms": gms,
            "tap": (application, _api(f"{api}/{application}")),
        }
    hips = f"{api}/hips/v2/{dataset}/list"
    services = {
        "alerts": ("herald", _api(f"{api}/alerts")),
        "cutout": (
            "vo-cutouts",
            _api(
                f"{api}/cutout",
                {
                    "soda-async-1.0": f"{cutout}/jobs",
                    "soda-sync-1.0": f"{cutout}/sync",
                },
                openapi=f"{api}/cutout/openapi.json",
            ),
        ),
        "datalink": (
            "datalinker",
            _api(
                f"{api}/datalink",
                {"datalink-links-1.1": f"{api}/datalink/links"},
                openapi=f"{api}/datalink/openapi.json",
            ),
        ),
        "gms": gms,
        "hips": ("hips", _api(hips, {"hips-list-1.0": hips})),
        "sia": (
            "sia",
            _api(
                f"{api}/sia/{dataset}",
                {"v2": f"{api}/sia/{dataset}/query"},
                openapi=f"{api}/sia/openapi.json",
            ),
        ),
        "tap": ("tap", _api(f"{api}/tap")),
    }
    if dataset != "dp1":
        del services["alerts"]
    return services


def _internal_services(base: str) -> dict[str, tuple[str, Any]]:
    return {
        "gafaelfawr": (
            "gafaelfawr",
            _api(
                f"{base}/auth",
                {"v1": f"{base}/auth/api/v1"},
                openapi=f"{base}/auth/openapi.json",
            ),
        ),
        "login": ("gafaelfawr", _api(f"{base}/login")),
        "mobu": (
            "mobu",
            _api(f"{base}/mobu", openapi=f"{base}/mobu/openapi.json"),
        ),
        "noteburst": (
            "noteburst",
            _api(
                f"{base}/noteburst",
                {"v1": f"{base}/noteburst/v1"},
                openapi=f"{base}/noteburst/openapi.json",
            ),
        ),
        "nublado-controller": (
            "nublado",
            _api(
                f"{base}/nublado",
                {"v1": f"{base}/nublado/spawner/v1"},
                openapi=f"{base}/nublado/openapi.json",
            ),
        ),
        "repertoire": (
            "repertoire",
            _api(
                f"{base}/repertoire",
                openapi=f"{base}/repertoire/openapi.json",
            ),
        ),
        "semaphore": (
            "semaphore",
            _api(
                f"{base}/semaphore",
                {"v1": f"{base}/semaphore/v1"},
                openapi=f"{base}/semaphore/openapi.json",
            ),
        ),
        "times-square": (
            "times-square",
            _api(
                f"{base}/times-square/api",
                {"v1": f"{base}/times-square/api/v1"},
                openapi=f"{base}/times-square/api/openapi.json",
            ),
        ),
        "wobbly": ("wobbly", _api(f"{base}/wobbly")),
    }


def _ui_services(base: str) -> dict[str, tuple[str, Any]]:
    return {
        "argocd": ("argocd", _api(f"{base}/argo-cd")),
        "chronograf": ("sasquatch", _api(f"{base}/chronograf/")),
        "logout": ("gafaelfawr", _api(f"{base}/logout")),
        "nublado": ("nublado", _api(f"{base}/nb")),
        "portal": ("portal", _api(f"{base}/portal/app/")),
        "settings": ("squareone", _api(f"{base}/settings")),
        "squareone": ("squareone", _api(f"{base}/")),
    }


def _deployed(
    entries: dict[str, tuple[str, Any]], scenario: Scenario
) -> dict[str, Any]:
    return {
        name: entry
        for name, (app, entry) in entries.items()
        if scenario.has(app)
    }


def _datasets(base: str, scenario: Scenario) -> dict[str, Any]:
    datasets: dict[str, Any] = {}
    for name, description in _DATASETS.items():
        services = _deployed(_data_services(base, name), scenario)
        if set(services) <= {"gms"}:
            continue  # Nobody here serves this dataset's data.
        dataset: dict[str, Any] = {}
        if name not in _TAP_ONLY and scenario.has("butler"):
            dataset["butler_config"] = (
                f"{base}/api/butler/repo/{name}/butler.yaml"
            )
        dataset["description"] = description
        dataset["docs_url"] = f"https://{name}.lsst.io/"
        dataset["services"] = services
        datasets[name] = dataset
    return datasets


def _influxdb_databases(base: str) -> dict[str, Any]:
    return {
        "sandbox_efd": {
            "url": f"{base}/influxdb/",
            "database": "efd",
            "schema_registry": f"{base}/schema-registry",
            "local": True,
            "credentials_url": (
                f"{base}/repertoire/discovery/influxdb/sandbox_efd"
            ),
        }
    }


def discovery_document(base: str, scenario: Scenario) -> dict[str, Any]:
    """Return what ``GET /repertoire/discovery`` gives.

    Parameters
    ----------
    base
        The platform's URL, without a trailing slash.
    scenario
        What is deployed.
    """
    if scenario.discovery == "empty":
        return {}
    applications = [a for a in APPLICATIONS if scenario.has(a)]
    datasets = _datasets(base, scenario)
    if scenario.discovery == "drift":
        applications = sorted([*applications, "livetap"])
        live = {"livetap": _api(f"{base}/api/livetap")}
        datasets["dp1"]["services"] |= live
    name = "rsp-sandbox"
    if scenario.discovery == "hostile":
        name = f"rsp-sandbox {HOSTILE_MARKUP}"
        applications += ["[red]rich[/red]", "[/]"]
        applications += [HOSTILE_MARKUP, "reversed\u202eevil", "\x1b[2Jescape"]
        datasets[f"dp1 {HOSTILE_MARKUP}"] = {
            "description": HOSTILE_MARKUP,
            "services": {
                # Right to left, as a title in Hebrew is.
                "hips": _api(f"{base}/api/hips/v2/hostile/list"),
                "\u05e9\u05dc\u05d5\u05dd <b>bold</b>": _api(
                    f"{base}/api/odd"
                ),
            },
        }
    document: dict[str, Any] = {
        "applications": applications,
        "datasets": datasets,
        "environment": {
            "name": "rsp-sandbox",
            "label": "sandbox",
            "title": "RSP sandbox",
            "title_long": "Stand-in Rubin Science Platform on this machine",
            "docs_url": "https://phalanx.lsst.io/environments/",
        },
        "environment_name": name,
        "influxdb_databases": _influxdb_databases(base)
        if scenario.has("sasquatch")
        else {},
        "services": {
            "internal": _deployed(_internal_services(base), scenario),
            "ui": _deployed(_ui_services(base), scenario),
        },
    }
    return {k: v for k, v in document.items() if v}


def nublado_document(document: dict[str, Any]) -> dict[str, Any]:
    """Reduce a discovery document to what Nublado mounts into labs.

    No ``applications``, no user interfaces, no environment; of services, only
    their URLs. Format: Repertoire's ``docs/user-guide/nublado.rst``.
    """
    datasets = {}
    for name, dataset in document.get("datasets", {}).items():
        kept = {}
        if "butler_config" in dataset:
            kept["butler_config"] = dataset["butler_config"]
        kept["services"] = _urls_only(dataset["services"])
        datasets[name] = kept
    internal = document.get("services", {}).get("internal", {})
    reduced = {
        "datasets": datasets,
        "influxdb_databases": document.get("influxdb_databases", {}),
        "services": {"internal": _urls_only(internal)} if internal else {},
    }
    return {k: v for k, v in reduced.items() if v}


def _urls_only(services: dict[str, Any]) -> dict[str, Any]:
    kept = ("url", "versions")
    return {
        name: {k: v for k, v in entry.items() if k in kept}
        for name, entry in services.items()
    }


class RepertoireHandler(PlatformHandler):
    """``GET /repertoire/``."""

    def get(self) -> None:
        """Tell the application's metadata."""
        self.send_metadata("repertoire", "Service discovery for the RSP")


class DiscoveryHandler(PlatformHandler):
    """``GET /repertoire/discovery``, the one that browsers may call too."""

    def get(self) -> None:
        """Give the discovery document."""
        self.set_header("Access-Control-Allow-Origin", "*")
        self.write(
            discovery_document(self.state.base_url, self.state.scenario)
        )


class InfluxCredentialsHandler(PlatformHandler):
    """``GET /repertoire/discovery/influxdb/{label}`` (``read:sasquatch``)."""

    def get(self, label: str) -> None:
        """Give connection information, which holds no real credential."""
        databases = _influxdb_databases(self.state.base_url)
        if label not in databases:
            self.refuse_json(404, "not_found", f"Unknown database {label}")
        entry = dict(databases[label])
        del entry["credentials_url"]
        self.write(entry | {"username": "sandbox", "password": "sandbox"})
