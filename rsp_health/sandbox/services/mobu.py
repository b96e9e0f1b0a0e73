"""mobu, which an ordinary user may not even look at (``exec:admin``).

Source of the shapes: mobu 19. The real routes also return bot tokens; these
do not, because nothing here may teach a client to expect them.
"""

from __future__ import annotations

from ..ingress import PlatformHandler

__all__ = ["MobuHandler"]

_FLOCK = {
    "name": "firefighter",
    "business": "NotebookRunner",
    "start_time": "2026-11-20T21:00:00.000000+00:00",
    "monkey_count": 1,
    "success_count": 41,
    "failure_count": 0,
}


class MobuHandler(PlatformHandler):
    """``GET /mobu/…``."""

    def get(self, path: str) -> None:
        """Answer the routes that only read."""
        match path.strip("/"):
            case "":
                self.send_metadata("mobu", "Generate synthetic load")
            case "summary":
                self.write({"flocks": [_FLOCK], "ci_manager": None})
            case "flocks":
                self.set_header("Content-Type", "application/json")
                self.write('["firefighter"]')
            case "flocks/firefighter/summary":
                self.write(_FLOCK)
            case other:
                self.refuse_json(404, "not_found", f"Unknown path {other}")
