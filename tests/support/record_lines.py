"""Lines of a record, from what another version or a test has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rsp_health.runner.record_lines import line_of

if TYPE_CHECKING:
    from rsp_health.runner.record_lines import RecordLine

__all__ = ["lines_of"]


def lines_of(*found: Any) -> list[RecordLine]:
    """Return the lines that can be read of what stands in a file."""
    return [line for raw in found if (line := line_of(raw)) is not None]
