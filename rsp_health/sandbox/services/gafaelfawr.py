"""Gafaelfawr's own API: who the user is, and what they may do.

Source of the shapes: Gafaelfawr 15, ``/auth/api/v1``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tornado.web import Finish

from ..ingress import PlatformHandler

if TYPE_CHECKING:
    from ..state import Access

__all__ = [
    "GroupSearchHandler",
    "LoginHandler",
    "OpenApiHandler",
    "QuotaOverridesHandler",
    "TokenInfoHandler",
    "UserInfoHandler",
]

_GROUPS = ({"name": "g_users", "id": 200000}, {"name": "vrubin", "id": 45613})


class _ApiHandler(PlatformHandler):
    @property
    def access(self) -> Access:
        """Whose token this is; the route let nobody else in."""
        if self.user is None:
            raise Finish
        return self.user


class UserInfoHandler(_ApiHandler):
    """``GET /auth/api/v1/user-info``."""

    def get(self) -> None:
        """Tell the user's identity, groups and quotas."""
        username = self.access.username
        quota: dict[str, Any] = {
            "api": self.state.quotas(username),
            "disk": {"/home": 42_949_672_960},
            "notebook": {"cpu": 4.0, "memory": 16.0, "spawn": True},
            "tap": {"qserv": {"concurrent": 15}, "sso": {"concurrent": 5}},
        }
        self.write(
            {
                "username": username,
                "name": "Vera Rubin",
                "email": f"{username}@example.org",
                "uid": 45613,
                "gid": 45613,
                "groups": list(_GROUPS),
                "quota": quota,
            }
        )


class TokenInfoHandler(_ApiHandler):
    """``GET /auth/api/v1/token-info``."""

    def get(self) -> None:
        """Tell the token's scopes and expiry; its key, never its secret."""
        access = self.access
        self.write(
            {
                "token": access.key,
                "username": access.username,
                "token_type": "notebook",
                "scopes": sorted(access.scopes),
                "created": access.created,
                "expires": access.expires,
            }
        )


class QuotaOverridesHandler(_ApiHandler):
    """``/auth/api/v1/quota-overrides``: anyone reads, administrators write."""

    def get(self) -> None:
        """Tell the overrides in force."""
        overrides = self.state.overrides
        if overrides is None:
            self.refuse_json(404, "not_found", "No quota overrides set")
        self.write(overrides)

    def put(self) -> None:
        """Replace the overrides."""
        self._need_admin()
        try:
            body = json.loads(self.request.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self.refuse_json(422, "json_invalid", "JSON decode error")
        self.state.overrides = body
        self.write(body)

    def delete(self) -> None:
        """Remove the overrides."""
        self._need_admin()
        self.state.overrides = None
        self.set_status(204)

    def _need_admin(self) -> None:
        if "admin:token" not in self.access.scopes:
            self.refuse_json(
                403, "permission_denied", "Token missing required scope"
            )


class GroupSearchHandler(_ApiHandler):
    """``GET /auth/gms/search``: IVOA Group Membership Service."""

    def get(self) -> None:
        """List the user's groups, one a line."""
        wanted = set(self.get_arguments("group"))
        names = [str(g["name"]) for g in _GROUPS]
        lines = [n for n in names if not wanted or n in wanted]
        self.set_header("Content-Type", "text/plain")
        self.write("".join(f"{n}\n" for n in lines))


class OpenApiHandler(PlatformHandler):
    """``GET …/openapi.json``."""

    def get(self) -> None:
        """Tell which application this is, in OpenAPI's frame."""
        info = {"title": self.app, "version": "0.0.0+sandbox"}
        self.write({"openapi": "3.1.0", "info": info, "paths": {}})


class LoginHandler(PlatformHandler):
    """``GET /login`` and ``/logout``: pages for people, always 200."""

    def get(self) -> None:
        """Show a page that a program must not take for an answer."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(
            "<!DOCTYPE html>\n<html lang='en'><head><title>Log in</title>"
            "</head><body><h1>Log in to the Rubin Science Platform</h1>"
            "<p>Choose your identity provider.</p></body></html>\n"
        )
