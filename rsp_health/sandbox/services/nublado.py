"""Nublado's controller, JupyterHub and what hangs on them.

Source of the shapes: Nublado 15, ``/nublado/spawner/v1``.
"""

from __future__ import annotations

from ..ingress import PlatformHandler
from ..lab import CPU_LIMIT, IMAGE, MEMORY_LIMIT

__all__ = ["HubHealthHandler", "UserStatusHandler"]


class UserStatusHandler(PlatformHandler):
    """``GET /nublado/spawner/v1/user-status``: the user's own lab."""

    def get(self) -> None:
        """Tell the lab's state; only the sandbox's own user has one."""
        username = self.user.username if self.user else ""
        if username != "vrubin":
            self.refuse_json(404, "unknown_user", f"Unknown user {username}")
        group = {"id": 45613, "name": username}
        requests = {"cpu": CPU_LIMIT / 4, "memory": MEMORY_LIMIT // 4}
        self.write(
            {
                "internal_url": (
                    f"http://lab.userlabs-{username}:8888/nb/user/{username}/"
                ),
                "status": "running",
                "options": {
                    "enable_debug": False,
                    "image": IMAGE,
                    "reset_user_env": False,
                    "size": "medium",
                },
                "quota": {"cpu": 4.0, "memory": 16 * 1024**3},
                "resources": {
                    "limits": {"cpu": CPU_LIMIT, "memory": MEMORY_LIMIT},
                    "requests": requests,
                },
                "user": {
                    "username": username,
                    "name": "Vera Rubin",
                    "uid": 45613,
                    "gid": 45613,
                    "groups": [group],
                },
            }
        )


class HubHealthHandler(PlatformHandler):
    """``GET /nb/hub/health``."""

    def get(self) -> None:
        """Answer empty, as JupyterHub does when it is well."""
        self.write("")
