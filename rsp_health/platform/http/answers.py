"""What a fetch gives: an answer, or the reason why there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ...errors import EnvironmentFailureError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FetchCause", "FetchError", "HttpResponse"]

FetchCause = Literal[
    "dns",
    "refused",
    "tls",
    "timeout",
    "reset",
    "network",
    "proxy",
    "bad_content",
    "too_large",
    "not_allowed",
]
"""Why there is no usable answer."""

_SENTENCES: dict[FetchCause, str] = {
    "dns": "the host's name cannot be resolved",
    "refused": "the host refuses connections",
    "tls": "the host's TLS certificate is not accepted",
    "timeout": "no answer in time",
    "reset": "the connection broke before the answer was complete",
    "network": "the host cannot be reached",
    "proxy": "the proxy did not pass the request on",
    "bad_content": "the answer is compressed although that was not asked for",
    "too_large": "the answer is larger than a probe reads",
    "not_allowed": "the address is outside the platform and was not called",
}


class FetchError(EnvironmentFailureError):
    """No usable answer, with its cause.

    Parameters
    ----------
    cause
        Why.
    message
        One clause without secrets; by default that of the cause.
    elapsed_s
        Seconds until it was known.
    """

    code = "fetch_failed"

    def __init__(
        self, cause: FetchCause, message: str = "", *, elapsed_s: float = 0.0
    ) -> None:
        super().__init__(
            message or _SENTENCES[cause],
            hint="Try again in a minute.",
            code=f"fetch_{cause}",
        )
        self.cause: FetchCause = cause
        self.elapsed_s = elapsed_s

    @property
    def answered(self) -> bool:
        """Whether something at the other end answered in HTTP."""
        return self.cause in {"bad_content", "too_large"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An answer, read completely or up to the cap."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    elapsed_s: float
    truncated: bool = False

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""
        value = self.headers.get("content-type", "")
        return value.partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 is replaced."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Parse the body.

        Raises
        ------
        FetchError
            Raised if it is not JSON (cause ``bad_content``).
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as exc:
            raise FetchError(
                "bad_content",
                "the answer is not JSON",
                elapsed_s=self.elapsed_s,
            ) from exc
