"""Connection files: which sockets a kernel is to be found at."""

from __future__ import annotations

import json
import os
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["connection_info"]


def connection_info(folder: Path, number: int) -> tuple[Path, dict[str, Any]]:
    """Write a connection file for private ``ipc`` sockets; return both."""
    stem = folder / f"k{number}"
    info: dict[str, Any] = {
        "transport": "ipc",
        "ip": str(stem),
        "key": uuid.uuid4().hex,
        "signature_scheme": "hmac-sha256",
        "kernel_name": "",
    }
    for port, name in enumerate(
        ("shell", "iopub", "stdin", "control", "hb"), start=1
    ):
        info[f"{name}_port"] = port
    file = stem.with_suffix(".json")
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(info, stream)
    return file, info
