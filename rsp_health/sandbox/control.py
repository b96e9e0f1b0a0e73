"""The sandbox's own control, beside the platform that it plays.

``GET /sandbox/``
    A page with one button per scenario.
``GET /sandbox/scenario``
    The scenario in force, and all there are.
``PUT /sandbox/scenario``
    Switch: ``{"scenario": "tap-down"}``.
``GET /sandbox/requests``
    The latest requests to the platform and to git.
``DELETE /sandbox/requests``
    Forget them.
``POST /sandbox/repositories/{name}``
    Upstream moves: ``{"subject": "Add a check", "files": {"new.ipynb": "…"}}``.
"""

from __future__ import annotations

import asyncio
import json
from html import escape
from typing import TYPE_CHECKING

from tornado.web import RequestHandler

from ..errors import BadInputError, RSPHealthError
from .scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .scenario import Scenario
    from .state import SandboxState

__all__ = [
    "ControlPageHandler",
    "RepositoryHandler",
    "RequestsHandler",
    "ScenarioHandler",
]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>RSP sandbox: {name}</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
li {{ display: grid; grid-template-columns: 11rem 1fr; gap: 1rem;
     align-items: center; margin: 0.3rem 0; }}
ul {{ padding: 0; }}
button {{ font: inherit; padding: 0.2rem 0.6rem; }}
button[aria-pressed=true] {{ font-weight: bold; outline: 2px solid; }}
</style>
</head>
<body>
<h1>RSP sandbox</h1>
<p>The platform at {url} is now <strong>{name}</strong>. What should it
suffer from?</p>
<form method="post" action="/sandbox/"><ul>
{rows}
</ul></form>
</body>
</html>
"""


class _ControlHandler(RequestHandler):
    def initialize(self, *, state: SandboxState) -> None:
        """Remember what is controlled."""
        self.state = state


class ControlPageHandler(_ControlHandler):
    """``/sandbox/``, for people."""

    def get(self) -> None:
        """Show one button per scenario."""
        current = self.state.scenario.name
        rows = "\n".join(_row(s, current) for s in SCENARIOS.values())
        page = _PAGE.format(
            name=escape(current), url=escape(self.state.base_url), rows=rows
        )
        self.write(page)

    def post(self) -> None:
        """Switch, and show the page again."""
        name = self.get_body_argument("scenario", "")
        if name in SCENARIOS:
            self.state.set_scenario(name)
        self.redirect("/sandbox/", status=303)


class ScenarioHandler(_ControlHandler):
    """``/sandbox/scenario``."""

    def get(self) -> None:
        """Tell the scenario in force, and all there are."""
        self.write(
            {
                "scenario": self.state.scenario.name,
                "scenarios": [
                    {"name": s.name, "summary": s.summary}
                    for s in SCENARIOS.values()
                ],
            }
        )

    def put(self) -> None:
        """Switch to another scenario."""
        try:
            body = json.loads(self.request.body)
            name = body["scenario"]
            self.state.set_scenario(str(name))
        except (ValueError, KeyError, TypeError):
            _refuse(
                self,
                BadInputError(
                    "The body must be a JSON object with a scenario.",
                    hint='Send {"scenario": "tap-down"}.',
                ),
            )
        except BadInputError as exc:
            _refuse(self, exc)
        else:
            self.get()


class RepositoryHandler(RequestHandler):
    """``/sandbox/repositories/{name}``: upstream moves."""

    def initialize(self, *, commit: Callable[..., str]) -> None:
        """Remember what makes a commit."""
        self._commit = commit

    async def post(self, name: str) -> None:
        """Add a commit to ``main``."""
        try:
            body = json.loads(self.request.body)
            files = {str(k): str(v) for k, v in body["files"].items()}
            subject = str(body["subject"])
        except (ValueError, KeyError, TypeError, AttributeError):
            _refuse(
                self,
                BadInputError(
                    "The body must be a JSON object with subject and files.",
                    hint='Send {"subject": "…", "files": {"path": "text"}}.',
                ),
            )
            return
        try:
            commit = await asyncio.to_thread(
                self._commit, name, files, subject=subject
            )
        except RSPHealthError as exc:
            _refuse(self, exc)
            return
        self.set_status(201)
        self.write({"commit": commit})


class RequestsHandler(_ControlHandler):
    """``/sandbox/requests``."""

    def get(self) -> None:
        """List the latest requests to the platform and to git.

        ``token_seen_in`` says where the lab's token was, in all requests so
        far: in the header ``authorization``, or where it should not be.
        """
        self.write(
            {
                "requests": list(self.state.requests),
                "token_seen_in": sorted(self.state.token_seen_in),
            }
        )

    def delete(self) -> None:
        """Forget them."""
        self.state.requests.clear()
        self.set_status(204)


def _refuse(handler: RequestHandler, error: RSPHealthError) -> None:
    handler.set_status(error.status_code)
    handler.write(
        {"error": error.code, "message": error.message, "hint": error.hint}
    )


def _row(scenario: Scenario, current: str) -> str:
    pressed = str(scenario.name == current).lower()
    name = escape(scenario.name)
    return (
        f'<li><button name="scenario" value="{name}"'
        f' aria-pressed="{pressed}">{name}</button>'
        f"<span>{escape(scenario.summary)}</span></li>"
    )
