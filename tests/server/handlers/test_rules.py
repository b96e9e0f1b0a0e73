"""The rules of handlers, checked on the routes that are really registered."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from tornado.web import RequestHandler

from rsp_health.server.handlers import ROUTES
from rsp_health.server.handlers.base import HealthHandler

HANDLERS = sorted({handler for _, handler in ROUTES}, key=lambda h: h.__name__)


def verbs(handler: type[RequestHandler]) -> dict[str, Any]:
    """The verbs that a handler implements."""
    found = {}
    for name in handler.SUPPORTED_METHODS:
        method = getattr(handler, name.lower())
        if method is not RequestHandler._unimplemented_method:
            found[name] = method
    return found


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda h: h.__name__)
def test_nothing_runs_before_authentication(
    handler: type[HealthHandler],
) -> None:
    assert issubclass(handler, HealthHandler)
    for ancestor in handler.__mro__:
        if ancestor.__module__.startswith("rsp_health"):
            assert not {"__init__", "initialize", "prepare"} & set(
                vars(ancestor)
            )


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda h: h.__name__)
def test_each_verb_is_guarded(handler: type[HealthHandler]) -> None:
    assert {"GET", "POST"} & set(verbs(handler))
    for name, method in verbs(handler).items():
        # The outermost decorator, as jupyter_server's own check sees it.
        assert method.__code__.co_qualname.startswith("authenticated"), name
        inner = method.__wrapped__
        assert inner.__code__.co_filename.endswith("auth/decorator.py"), name
        guard = inspect.getclosurevars(inner).nonlocals
        assert guard["action"] in {"read", "write", "execute"}, name
        assert guard["resource"].split(":")[0] == "rsp_health", name
        if name == "GET":
            assert guard["action"] == "read"


def test_no_function_serves_two_verbs() -> None:
    functions = [
        function
        for handler in HANDLERS
        for name, function in verbs(handler).items()
        if name != "OPTIONS"
    ]
    assert len(functions) == len(set(functions))
    assert len(functions) > len(HANDLERS)


def test_routes_take_ids_only() -> None:
    for pattern, handler in ROUTES:
        assert ".*" not in pattern or handler.__name__ == "UnknownHandler"


def test_the_page_names_every_route() -> None:
    page = Path(__file__).parents[3] / "docs" / "developers" / "http.md"
    documented = set()
    for line in page.read_text(encoding="utf-8").splitlines():
        found = re.match(r"\| `(GET|POST) ([\w/{}-]+)", line)
        if found:
            documented.add(found.groups())
    served = set()
    for pattern, handler in ROUTES:
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern)
        for verb in set(verbs(handler)) - {"OPTIONS"}:
            served.add((verb, path.removeprefix("/rsp-health/")))
    unknown = {("GET", "/rsp-health(?:/.*)?"), ("POST", "/rsp-health(?:/.*)?")}
    assert documented == served - unknown
