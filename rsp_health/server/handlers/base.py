"""What all handlers share: reading, answering, and telling errors.

The rules of every handler, held by tests/server/handlers/test_rules.py:

- Each verb has ``@web.authenticated`` outside and ``@authorized`` with an
  explicit action and resource inside. Without arguments ``@authorized``
  remembers those of the first request for ever.
- ``prepare``, ``initialize`` and ``__init__`` are never overridden: they run
  before authentication.
- A GET changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ...errors import BadInputError, RSPHealthError
from ..failures import error_body, parse_body, report

if TYPE_CHECKING:
    from types import TracebackType

    from pydantic import BaseModel

    from ..features import Features

__all__ = ["HealthHandler"]

_SEE_DOCS = "See the HTTP interface in docs/developers."
_LOG_IN = (
    "Log in to JupyterLab again; if that does not help, ask its operators."
)

#: Code, message and hint of what the framework refuses.
_FRAMEWORK = {
    400: ("bad_request", "The request cannot be read.", _SEE_DOCS),
    401: ("unauthenticated", "You are not logged in.", _LOG_IN),
    403: ("forbidden", "You are not logged in, or may not do this.", _LOG_IN),
    404: ("not_found", "There is nothing here.", _SEE_DOCS),
    405: ("method_not_allowed", "This method does not exist here.", _SEE_DOCS),
}
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class HealthHandler(APIHandler):
    """Base of all handlers of rsp-health."""

    auth_resource = "rsp_health"

    @property
    def features(self) -> Features:
        """The services."""
        return cast("Features", self.settings["rsp_health_features"])

    def parse[M: BaseModel](self, model: type[M]) -> M:
        """Read the body; see `rsp_health.server.failures.parse_body`."""
        return parse_body(self.request.body, model)

    def repository_argument(self) -> str:
        """Return the id in ``?repository=``.

        Raises
        ------
        BadInputError
            Raised if there is none, or it cannot be one.
        """
        value = self.get_query_argument("repository", "") or ""
        if not _IDENTIFIER.fullmatch(value):
            raise BadInputError(
                "The argument 'repository' is missing or is not an id.",
                hint="Add ?repository=ID, with an id of GET repositories.",
                code="invalid_request",
            )
        return value

    def answer(self, document: BaseModel, *, status: int = 200) -> None:
        """Finish with a document of the wire."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        _ = self.finish(document.model_dump_json())

    def update_api_activity(self) -> None:
        """Count only what a person did as activity.

        Panels poll with GET. Counting that would keep an idle lab from ever
        being culled. A run is counted while it runs, see `RunEventPublisher`.
        """
        if self.request.method != "GET":
            super().update_api_activity()

    @web.authenticated
    @authorized("read", "rsp_health")
    def options(  # type: ignore[override] # authenticated: perhaps awaitable
        self, *_args: str, **_kwargs: str
    ) -> None:
        """Refuse: nothing here is for other origins."""
        raise web.HTTPError(405)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer every error in one shape, `rsp_health.wire.ErrorBody`."""
        exc = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(exc, web.HTTPError) or exc is None:
            code, message, hint = _FRAMEWORK.get(
                status_code, ("http_error", "The request failed.", _SEE_DOCS)
            )
            _ = self.finish({"error": code, "message": message, "hint": hint})
            return
        if isinstance(exc, RSPHealthError):
            self.set_status(exc.status_code)
        self.answer(error_body(exc), status=self.get_status())

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what failed, without the query, the headers or any text.

        tornado's own would log the query, which may hold a token, and the
        exception's text, which may hold anything.
        """
        del typ, tb
        place = f"{self.request.method} {self.request.path}"
        if isinstance(value, RSPHealthError):
            self.log.info("rsp-health: %s: %s", place, value.code)
        elif isinstance(value, web.HTTPError):
            self.log.info("rsp-health: %s: %d", place, value.status_code)
        elif value is not None:
            report(self.log, place, value)
