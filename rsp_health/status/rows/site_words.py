"""Where a site is asked for help, and where its logs are."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["SiteWords"]

_PLACES = frozenset({"service", "user", "start", "end", "request"})


def _link(value: str | None) -> str | None:
    if value is not None and not value.startswith("https://"):
        raise ValueError("only https:// links are shown")
    return value


def _template(value: str | None) -> str | None:
    if value is None:
        return None
    _link(value)
    try:
        parts = list(string.Formatter().parse(value))
    except ValueError as exc:
        raise ValueError("a brace of the template is not closed") from exc
    for _, name, form, conversion in parts:
        if name is not None and (
            name not in _PLACES or form or conversion is not None
        ):
            raise ValueError(
                f"the template may have {{{'}, {'.join(sorted(_PLACES))}}}"
            )
    return value


class SiteWords(BaseModel):
    """The table ``[site]`` of the site's catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    forum: Annotated[str | None, AfterValidator(_link)] = None
    support: Annotated[str | None, Field(max_length=200)] = None
    logs: Annotated[str | None, AfterValidator(_template)] = None

    def log_url(
        self,
        *,
        service: str,
        user: str,
        start: datetime,
        end: datetime,
        request: str = "",
    ) -> str | None:
        """Return where the site's logs of a time are; `None`: not known.

        Parameters
        ----------
        service
            The application.
        user
            Whose requests.
        start, end
            The time.
        request
            Id of the request, if it is known.
        """
        if self.logs is None:
            return None
        values = {
            "service": service,
            "user": user,
            "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "request": request,
        }
        quoted = {name: quote(text, safe="") for name, text in values.items()}
        return self.logs.format_map(quoted)
