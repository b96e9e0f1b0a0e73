"""The sandbox's own control, beside the platform that it plays.

``GET /sandbox/scenario`` tells the scenario and the list of all;
``PUT /sandbox/scenario`` with ``{"scenario": "tap-down"}`` switches.
``GET /sandbox/requests`` lists the latest requests, for tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tornado.web import RequestHandler

from ..errors import BadInputError
from .scenarios import SCENARIOS

if TYPE_CHECKING:
    from .state import SandboxState

__all__ = ["RequestsHandler", "ScenarioHandler"]


class _ControlHandler(RequestHandler):
    def initialize(self, *, state: SandboxState) -> None:
        """Remember what is controlled."""
        self.state = state


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
            self._refuse(
                "bad_input",
                "The body must be a JSON object with a scenario.",
                'Send {"scenario": "tap-down"}.',
            )
        except BadInputError as exc:
            self._refuse(exc.code, exc.message, exc.hint)
        else:
            self.get()

    def _refuse(self, code: str, message: str, hint: str) -> None:
        self.set_status(422)
        self.write({"error": code, "message": message, "hint": hint})


class RequestsHandler(_ControlHandler):
    """``/sandbox/requests``."""

    def get(self) -> None:
        """List the latest requests to the platform and to git."""
        self.write({"requests": list(self.state.requests)})

    def delete(self) -> None:
        """Forget them."""
        self.state.requests.clear()
        self.set_status(204)
