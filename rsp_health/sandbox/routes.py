"""The platform's routes: which application, and what its ingress asks for.

Source: the charts of Phalanx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.web import url

from .ingress import ANONYMOUS, PLAIN, PlatformHandler, Protection
from .services import (
    discovery,
    gafaelfawr,
    images,
    mobu,
    nublado,
    pages,
    semaphore,
    tap,
    uws,
    vosi,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tornado.routing import Rule

    from .state import SandboxState

__all__ = ["platform_routes"]

type _Route = Callable[..., Rule]
type _OpenApi = Callable[[str, str], Rule]

_ANY_TOKEN = Protection(by_ingress=False)
_NOTEBOOK = Protection(scope="exec:notebook")
_REDIRECTING = Protection(scope="exec:notebook", login_redirect=True)
_IMAGE = Protection(scope="read:image")
_CUTOUT = Protection(scope="read:image", service="vo-cutouts", basic=True)
_MOBU = Protection(scope="exec:admin", service="mobu")

# What an application answers where it has nothing: 404, or 503 when it is
# down. Paths that need a login say so in their own routes.
_PREFIXES = {
    "/api/alerts": "herald",
    "/api/butler": "butler",
    "/api/datalink": "datalinker",
    "/auth": "gafaelfawr",
    "/chronograf": "sasquatch",
    "/ghostwriter": "ghostwriter",
    "/influxdb": "sasquatch",
    "/noteburst": "noteburst",
    "/nublado": "nublado",
    "/portal": "portal",
    "/repertoire": "repertoire",
    "/semaphore": "semaphore",
}

#: Applications whose own ingress is a plain one: Gafaelfawr is not asked.
_PLAIN = frozenset({"argocd", "gafaelfawr", "sasquatch", "semaphore"})


def platform_routes(state: SandboxState) -> list[Rule]:
    """Return the routes of all applications."""

    def route(
        pattern: str,
        handler: type[PlatformHandler],
        app: str,
        protection: Protection = ANONYMOUS,
        **settings: Any,
    ) -> Rule:
        settings |= {"state": state, "app": app, "protection": protection}
        return url(pattern, handler, settings)

    def openapi(path: str, app: str) -> Rule:
        return route(
            f"{path}/openapi\\.json",
            gafaelfawr.OpenApiHandler,
            app,
            PLAIN if app in _PLAIN else ANONYMOUS,
        )

    return [
        *_foundation(route, openapi),
        *_queries(route),
        *_images(route, openapi),
        *_lab(route, openapi),
        *_pages(route),
        *(
            route(
                f"{prefix}(?:/.*)?",
                pages.NotFoundHandler,
                app,
                PLAIN if app in _PLAIN else ANONYMOUS,
            )
            for prefix, app in _PREFIXES.items()
        ),
        route(r"/.*", pages.NotFoundHandler, "squareone", PLAIN),
    ]


def _foundation(route: _Route, openapi: _OpenApi) -> list[Rule]:
    admin = Protection(scope="read:sasquatch")
    return [
        openapi("/repertoire", "repertoire"),
        route(r"/repertoire/?", discovery.RepertoireHandler, "repertoire"),
        route(
            r"/repertoire/discovery", discovery.DiscoveryHandler, "repertoire"
        ),
        route(
            r"/repertoire/discovery/influxdb/(\w+)",
            discovery.InfluxCredentialsHandler,
            "repertoire",
            admin,
        ),
        openapi("/auth", "gafaelfawr"),
        route(
            r"/auth/api/v1/user-info",
            gafaelfawr.UserInfoHandler,
            "gafaelfawr",
            _ANY_TOKEN,
        ),
        route(
            r"/auth/api/v1/token-info",
            gafaelfawr.TokenInfoHandler,
            "gafaelfawr",
            _ANY_TOKEN,
        ),
        route(
            r"/auth/api/v1/quota-overrides",
            gafaelfawr.QuotaOverridesHandler,
            "gafaelfawr",
            _ANY_TOKEN,
        ),
        route(
            r"/auth/gms(?:/search)?",
            gafaelfawr.GroupSearchHandler,
            "gafaelfawr",
            _ANY_TOKEN,
        ),
        route(
            r"/(?:login|logout)", gafaelfawr.LoginHandler, "gafaelfawr", PLAIN
        ),
        openapi("/semaphore", "semaphore"),
        route(r"/semaphore/?", semaphore.SemaphoreHandler, "semaphore", PLAIN),
        route(
            r"/semaphore/v1/broadcasts",
            semaphore.BroadcastsHandler,
            "semaphore",
            PLAIN,
        ),
        route(
            r"/semaphore/v1/notifications/messages",
            semaphore.NotificationsHandler,
            "semaphore",
            Protection(),
        ),
    ]


def _queries(route: _Route) -> list[Rule]:
    routes: list[Rule] = []
    for app in ("tap", "ssotap", "consdbtap"):
        path = f"/api/{app}"
        protection = Protection(scope="read:tap", service="tap", basic=True)
        routes += [
            route(f"{path}/availability", vosi.AvailabilityHandler, app),
            route(f"{path}/capabilities", tap.TapCapabilitiesHandler, app),
            route(f"{path}/sync", tap.TapSyncHandler, app, protection),
            route(f"{path}/async", uws.UwsListHandler, app, protection),
            route(
                f"{path}/async/([0-9a-f]+)/?([a-z/]*)",
                uws.UwsJobHandler,
                app,
                protection,
            ),
            route(f"{path}(?:/.*)?", pages.NotFoundHandler, app, protection),
        ]
    return routes


def _images(route: _Route, openapi: _OpenApi) -> list[Rule]:
    sia = Protection(scope="read:image", service="sia", basic=True)
    hips = Protection(scope="read:image", service="hips", basic=True)
    herald = Protection(scope="read:image", service="herald")
    return [
        openapi("/api/sia", "sia"),
        route(
            r"/api/sia/(dp1|dp02)/availability",
            vosi.AvailabilityHandler,
            "sia",
            prefix="",
        ),
        route(
            r"/api/sia/(dp1|dp02)/query", images.SiaQueryHandler, "sia", sia
        ),
        route(r"/api/sia(?:/.*)?", pages.NotFoundHandler, "sia", sia),
        openapi("/api/cutout", "vo-cutouts"),
        route(
            r"/api/cutout/availability",
            vosi.AvailabilityHandler,
            "vo-cutouts",
            _CUTOUT,
            checks_backend=False,
        ),
        route(
            r"/api/cutout/(dp1|dp02)/sync",
            images.CutoutSyncHandler,
            "vo-cutouts",
            _CUTOUT,
        ),
        route(
            r"/api/cutout(?:/.*)?",
            pages.NotFoundHandler,
            "vo-cutouts",
            _CUTOUT,
        ),
        openapi("/api/datalink", "datalinker"),
        route(
            r"/api/datalink/?",
            pages.MetadataHandler,
            "datalinker",
            Protection(scope="read:tap", service="datalinker", basic=True),
            description="IVOA DataLink-based service",
        ),
        route(
            r"/api/datalink/links",
            images.DatalinkLinksHandler,
            "datalinker",
            Protection(scope="read:image", service="datalinker", basic=True),
        ),
        route(
            r"/api/butler/repo/(\w+)/butler\.yaml",
            images.ButlerConfigHandler,
            "butler",
        ),
        # Repertoire serves the lists, whatever the state of `hips`.
        route(
            r"/api/hips/v2/(dp1|dp02)/list",
            images.HipsListHandler,
            "repertoire",
        ),
        route(r"/api/hips(?:/.*)?", pages.NotFoundHandler, "hips", hips),
        route(
            r"/api/alerts/?",
            pages.MetadataHandler,
            "herald",
            herald,
            description="Alert packets by identifier",
        ),
    ]


def _lab(route: _Route, openapi: _OpenApi) -> list[Rule]:
    return [
        openapi("/nublado", "nublado"),
        route(
            r"/nublado/spawner/v1/user-status",
            nublado.UserStatusHandler,
            "nublado",
            _NOTEBOOK,
        ),
        route(
            r"/nb/hub/health",
            nublado.HubHealthHandler,
            "nublado",
            _REDIRECTING,
        ),
        openapi("/noteburst", "noteburst"),
        route(
            r"/noteburst/?",
            pages.MetadataHandler,
            "noteburst",
            _REDIRECTING,
            description="Notebook execution as a service",
        ),
        route(
            r"/times-square/api/v1/github",
            pages.JsonHandler,
            "times-square",
            _NOTEBOOK,
            document={"contents": []},
        ),
        route(
            r"/times-square/api(?:/.*)?",
            pages.MetadataHandler,
            "times-square",
            Protection(scope="exec:admin"),
            description="Parameterized notebooks as web pages",
        ),
        route(
            r"/ghostwriter/?",
            pages.MetadataHandler,
            "ghostwriter",
            _IMAGE,
            description="Redirects with side effects",
        ),
        route(r"/mobu(|/.*)", mobu.MobuHandler, "mobu", _MOBU),
        route(
            r"/wobbly(?:/.*)?",
            pages.MetadataHandler,
            "wobbly",
            Protection(scope="exec:admin"),
            description="Storage for UWS jobs",
        ),
        route(
            r"/influxdb/health", pages.InfluxHealthHandler, "sasquatch", PLAIN
        ),
        route(
            r"/kafdrop/actuator/health",
            pages.JsonHandler,
            "sasquatch",
            Protection(scope="exec:internal-tools"),
            document={"status": "UP"},
        ),
        route(
            r"/schema-registry(?:/.*)?",
            pages.NotFoundHandler,
            "sasquatch",
            Protection(scope="write:sasquatch"),
        ),
    ]


def _pages(route: _Route) -> list[Rule]:
    def page(
        pattern: str, app: str, title: str, text: str, **more: Any
    ) -> Rule:
        return route(
            pattern, pages.PageHandler, app, title=title, text=text, **more
        )

    return [
        page(
            r"/nb(?:/.*)?",
            "nublado",
            "JupyterHub",
            "Your lab is running.",
            protection=_REDIRECTING,
        ),
        page(
            r"/portal/app/?",
            "portal",
            "Rubin Portal",
            "The Portal Aspect (Firefly), played by the sandbox.",
            protection=Protection(
                scope="exec:portal", service="portal", login_redirect=True
            ),
        ),
        page(
            r"/argo-cd(?:/.*)?",
            "argocd",
            "Argo CD",
            "Argo CD has a login of its own.",
            protection=PLAIN,
        ),
        page(
            r"/",
            "squareone",
            "Rubin Science Platform",
            "The landing page, played by the sandbox. Version 1.4.0.",
            protection=PLAIN,
        ),
        page(
            r"/settings(?:/.*)?",
            "squareone",
            "Settings",
            "Sessions and tokens, which the sandbox does not have.",
            protection=PLAIN,
        ),
    ]
