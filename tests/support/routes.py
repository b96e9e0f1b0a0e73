"""Finds our routes in a live tornado application, not in a list of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tornado.web import Application, RequestHandler

__all__ = ["METHODS", "live_routes"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_SAMPLES = {
    "repo_id": "system-test",
    "run_id": "20261120T213341Z-3f9c",
    "check": "home.space",
}


def live_routes(
    application: Application, package: str = "rsp_health"
) -> Iterator[tuple[str, type[RequestHandler]]]:
    """Yield a path and its handler for each route of a package.

    Parameters
    ----------
    application
        The running application.
    package
        Whose handlers are meant.
    """
    for rule in _rules(application.default_router):
        target = rule.target
        if isinstance(target, type) and target.__module__.startswith(
            f"{package}."
        ):
            yield _sample(rule.matcher.regex), target


def _rules(router: Any) -> Iterator[Any]:
    for rule in router.rules:
        if hasattr(rule.target, "rules"):
            yield from _rules(rule.target)
        else:
            yield rule


def _sample(regex: re.Pattern[str]) -> str:
    """Return a path that the pattern matches."""
    path = regex.pattern.removesuffix("$")
    for name, value in _SAMPLES.items():
        path = re.sub(rf"\(\?P<{name}>[^)]*\)", value, path)
    path = path.replace("(?:/.*)?", "/anything").replace("\\", "")
    if not regex.fullmatch(path):
        raise AssertionError(f"No sample path for {regex.pattern}")
    return path
