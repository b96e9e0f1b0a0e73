"""The handshake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rsp_health import __version__

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


async def test_info(
    call: Callable[..., Awaitable[tuple[int, Any]]], jp_root_dir: Path
) -> None:
    assert await call("GET", "info") == (
        200,
        {
            "schema": "rsp-health.info/1",
            "version": __version__,
            "instance": None,
            "image": "example.org/lab:w_2026_45",
            "image_description": None,
            "root": str(jp_root_dir.resolve()),
            "features": ["checkout", "runner", "status", "cleaning"],
            "cell_timeout_s": 1000.0,
            "limits": {
                "size": None,
                "cpu_limit": 2.0,
                "memory_limit_bytes": 8589934592,
            },
        },
    )


async def test_unknown_address(
    call: Callable[..., Awaitable[tuple[int, Any]]],
) -> None:
    status, body = await call("GET", "no/such/thing")
    assert (status, body["error"]) == (404, "not_found")


async def test_unknown_method(
    call: Callable[..., Awaitable[tuple[int, Any]]],
) -> None:
    status, body = await call("DELETE", "info")
    assert (status, body["error"]) == (405, "method_not_allowed")
