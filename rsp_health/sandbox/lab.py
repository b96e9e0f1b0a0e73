"""What a lab on the sandbox sees: variables and mounted files.

Sources: Nublado's controller (``_build_env_config_map``) and startup, and the
``config.lab.env`` of Phalanx.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "CPU_LIMIT",
    "IMAGE",
    "MEMORY_LIMIT",
    "lab_variables",
    "write_mounts",
]

CPU_LIMIT = 2.0
"""Cores of the lab."""

MEMORY_LIMIT = 8 * 1024**3
"""Memory of the lab in bytes."""

_DIGEST = "5c3b5e0f0a7d4e5d9f0b6a1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f50"

IMAGE = (
    f"registry.example.org/sketchbook/sciplat-lab:w_2026_46@sha256:{_DIGEST}"
)
"""The image that the lab says it runs; nothing is ever pulled."""

_NO_PROXY = "127.0.0.1,localhost"


def lab_variables(
    *, base_url: str, token: str, mounts: Path, home: Path
) -> dict[str, str]:
    """Return the variables that the platform sets in a lab.

    Parameters
    ----------
    base_url
        The sandbox's URL.
    token
        The lab's token.
    mounts
        Folder of the files that Nublado mounts.
    home
        The user's home folder.
    """
    return {
        "ACCESS_TOKEN": token,
        "API_ROUTE": "/api",
        "AUTO_REPO_SPECS": f"{base_url}/git/system-test.git@prod",
        "CONTAINER_SIZE": "Medium (2.0 CPU, 8Gi RAM)",
        "CPU_GUARANTEE": str(CPU_LIMIT / 4),
        "CPU_LIMIT": str(int(CPU_LIMIT)),
        "EXTERNAL_INSTANCE_URL": base_url,
        "FIREFLY_ROUTE": "/portal/app",
        "FIREFLY_URL": f"{base_url}/portal/app",
        "HOME": str(home),
        "HUB_ROUTE": "/nb/hub",
        "IMAGE_DESCRIPTION": "Weekly 2026_46",
        "IMAGE_DIGEST": _DIGEST,
        "JUPYTERHUB_USER": "vrubin",
        "JUPYTER_IMAGE": IMAGE,
        "JUPYTER_IMAGE_SPEC": IMAGE,
        "MEM_GUARANTEE": str(MEMORY_LIMIT // 4),
        "MEM_LIMIT": str(MEMORY_LIMIT),
        # A proxy of the surrounding network must not see loopback traffic.
        "NO_PROXY": _NO_PROXY,
        "NUBLADO_RUNTIME_MOUNTS_DIR": str(mounts),
        "NUBLADO_TOKEN": token,
        "REPERTOIRE_BASE_URL": f"{base_url}/repertoire",
        "RSP_SITE_TYPE": "science",
        "RUNNING_INSIDE_JUPYTERLAB": "TRUE",
        "TAP_ROUTE": "/api/tap",
        "USER": "vrubin",
        "no_proxy": _NO_PROXY,
    }


def write_mounts(
    mounts: Path, *, token: str, discovery: dict[str, Any]
) -> None:
    """Write the files that Nublado mounts when a lab starts.

    Parameters
    ----------
    mounts
        Folder to write into; made if it does not exist.
    token
        The lab's token.
    discovery
        The reduced discovery document, frozen from now on.
    """
    files = {
        "discovery/v1.json": json.dumps(discovery, indent=2) + "\n",
        "runtime/limits_cpu": f"{int(CPU_LIMIT)}\n",
        "runtime/limits_memory": f"{MEMORY_LIMIT}\n",
        "runtime/requests_cpu": "1\n",
        "runtime/requests_memory": f"{MEMORY_LIMIT // 4}\n",
        "secrets/token": token,
    }
    for name, content in files.items():
        path = mounts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (mounts / "secrets" / "token").chmod(0o600)
