"""Discovery documents of sites that differ.

Reduced from what the platform's configuration says is deployed where
(platform.md, sections 1 and 7); host names are made up.
"""

from __future__ import annotations

from typing import Any

from rsp_health.platform.models import Discovery, DiscoveryDocument

__all__ = ["BASE", "SITES", "discovery"]

BASE = "https://data.example.org"


def _sia(dataset: str) -> dict[str, Any]:
    return {
        "url": f"{BASE}/api/sia/{dataset}",
        "openapi": f"{BASE}/api/sia/openapi.json",
        "versions": {"v2": {"url": f"{BASE}/api/sia/{dataset}/query"}},
    }


def _internal(*names: str) -> dict[str, Any]:
    paths = {
        "gafaelfawr": "/auth",
        "repertoire": "/repertoire",
        "nublado-controller": "/nublado",
        "semaphore": "/semaphore",
        "mobu": "/mobu",
        "times-square": "/times-square/api",
        "noteburst": "/noteburst",
        "wobbly": "/wobbly",
        "login": "/login",
    }
    return {n: {"url": f"{BASE}{paths[n]}"} for n in names}


FULL: dict[str, Any] = {
    "applications": [
        "argocd", "butler", "datalinker", "gafaelfawr", "ghostwriter",
        "herald", "hips", "livetap", "mobu", "noteburst", "nublado",
        "portal", "ppdbtap", "qserv-kafka", "repertoire", "sasquatch",
        "semaphore", "sia", "squareone", "ssotap", "tap", "times-square",
        "vo-cutouts", "wobbly", "zz-new-thing",
    ],
    "environment_name": "data.example.org",
    "datasets": {
        "dp02": {
            "butler_config": f"{BASE}/api/butler/repo/dp02/butler.yaml",
            "services": {
                "tap": {"url": f"{BASE}/api/tap"},
                "sia": _sia("dp02"),
                "hips": {"url": f"{BASE}/api/hips/v2/dp02/list"},
                "gms": {"url": f"{BASE}/auth/gms"},
            },
        },
        "dp03": {"services": {"tap": {"url": f"{BASE}/api/ssotap"}}},
        "dp1": {
            "butler_config": f"{BASE}/api/butler/repo/dp1/butler.yaml",
            "docs_url": "https://dp1.example.org/",
            "services": {
                "tap": {"url": f"{BASE}/api/tap"},
                "sia": _sia("dp1"),
                "cutout": {"url": f"{BASE}/api/cutout"},
                "datalink": {"url": f"{BASE}/api/datalink"},
                "alerts": {"url": f"{BASE}/api/alerts"},
                "spherex": {"url": f"{BASE}/api/spherex"},
            },
        },
        "live": {"services": {"tap": {"url": f"{BASE}/api/livetap"}}},
        "ppdb": {"services": {"tap": {"url": f"{BASE}/api/ppdbtap"}}},
    },
    "services": {
        "internal": _internal(
            "gafaelfawr", "repertoire", "nublado-controller", "semaphore",
            "mobu", "times-square", "noteburst", "wobbly", "login",
        ),
        "ui": {
            "argocd": {"url": f"{BASE}/argo-cd"},
            "nublado": {"url": "https://nb.data.example.org/nb"},
            "portal": {"url": f"{BASE}/portal/app/"},
            "squareone": {"url": f"{BASE}/"},
        },
    },
    "influxdb_databases": {
        "efd": {"url": "https://elsewhere.example.org/influxdb/"}
    },
}  # fmt: skip

USDF: dict[str, Any] = {
    "applications": [
        "consdbtap", "gafaelfawr", "mobu", "nublado", "portal", "repertoire",
        "semaphore", "squareone", "tap",
    ],
    "environment_name": "usdf",
    "datasets": {
        "dp1": {"services": {"tap": {"url": f"{BASE}/api/tap"}}},
        "consdb": {"services": {"tap": {"url": f"{BASE}/api/consdbtap"}}},
    },
    "services": {
        "internal": _internal(
            "gafaelfawr", "repertoire", "nublado-controller", "semaphore",
            "mobu",
        ),
        "ui": {"portal": {"url": f"{BASE}/portal/app/"}},
    },
}  # fmt: skip

SUMMIT: dict[str, Any] = {
    "applications": [
        "argocd", "gafaelfawr", "mobu", "nublado", "portal", "repertoire",
        "sasquatch", "squareone",
    ],
    "services": {
        "internal": _internal(
            "gafaelfawr", "repertoire", "nublado-controller", "mobu"
        ),
        "ui": {
            "nublado": {"url": f"{BASE}/nb"},
            "portal": {"url": f"{BASE}/portal/app/"},
        },
    },
}  # fmt: skip

SITES: dict[str, dict[str, Any]] = {
    "full": FULL,
    "usdf": USDF,
    "summit": SUMMIT,
    "empty": {},
}


def discovery(document: dict[str, Any], **changes: Any) -> Discovery:
    """Return what `DiscoveryService` makes of a document."""
    parsed = DiscoveryDocument.model_validate(document)
    fields: dict[str, Any] = {
        "state": "fresh",
        "age_s": 0.0,
        "environment_name": parsed.environment_name,
        "applications": parsed.applications,
        "datasets": parsed.datasets,
        "influxdb_databases": parsed.influxdb_databases,
        "services": parsed.services,
    }
    return Discovery(**(fields | changes))
