"""Reports of a run, one format a file, found through a registry."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ...errors import BadInputError

if TYPE_CHECKING:
    from ..models import RunDocument

__all__ = ["FORMATS", "render"]

#: Name of a format -> content type. The module of that name beside this one
#: has a function ``render(document) -> bytes``; a new format is a new file
#: and a line here.
FORMATS = {
    "json": "application/json",
    "junit": "application/xml",
    "html": "text/html; charset=utf-8",
    "metrics": "text/plain; version=0.0.4; charset=utf-8",
}


def render(document: RunDocument, fmt: str) -> tuple[str, bytes]:
    """Return a report's content type and bytes.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if there is no such format.
    """
    if fmt not in FORMATS:
        raise BadInputError(
            f"There is no report format {fmt[:40]!r}.",
            hint=f"Choose one of {', '.join(FORMATS)}.",
            code="no_such_format",
        )
    module = importlib.import_module(f".{fmt}_report", package=__package__)
    data: bytes = module.render(document)
    return FORMATS[fmt], data
