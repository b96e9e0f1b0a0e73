"""What the server and the browser see, and a process of its own does not.

The doctor of a Jupyter server runs in another process: the server hands it
what its monitor knows, so that nothing is asked twice, and what the browser
found out about its own way to the server. In a terminal there is none of it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..status.models import BroadcastList, QuotaDocument, StatusDocument
from ..wire import Timestamp, WireModel

__all__ = ["Browser", "Seen", "ServerKernel"]


class Browser(WireModel):
    """What came of a websocket that the browser opened to this server."""

    websocket: Literal["opened", "refused", "late"]
    took_s: float = Field(ge=0, le=600)


class ServerKernel(WireModel):
    """A kernel of this server."""

    id: str
    name: str
    state: str = Field(description="idle, busy, starting …")
    last_activity: Timestamp | None = None
    notebook: str = Field(default="", description="Path, if one is known.")


class Seen(WireModel):
    """All of it; `None` is what is not known."""

    status: StatusDocument | None = None
    broadcasts: BroadcastList | None = None
    quota: QuotaDocument | None = None
    kernels: list[ServerKernel] | None = None
    terminals: int | None = None
    browser: Browser | None = None
