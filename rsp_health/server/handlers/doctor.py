"""The doctor over HTTP: the same command, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ...errors import BadInputError
from ...files import resolve_inside
from .base import HealthHandler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ...doctor.models import Repair
    from ...doctor.seen import Browser

__all__ = [
    "BundleHandler",
    "CheckHandler",
    "DoctorHandler",
    "FixHandler",
    "LogsHandler",
    "UndoHandler",
]

#: Checks that one request may name, and characters of a name.
_MOST = 50
_LONGEST = 64
#: Seconds for the start of what watches the platform, if it is just starting.
_START_S = 2.0
#: Folder of bundles, below what the lab shows as ``/``.
_BUNDLES = "rsp-health-bundles"


class _DoctorBase(HealthHandler):
    def seen(
        self, browser: Browser | None = None
    ) -> Callable[[], Awaitable[Callable[[], bytes]]]:
        """Return what gathers what this server sees."""

        async def gather() -> Callable[[], bytes]:
            from ..jobs.seen import gather_seen

            terminals: Any = self.settings.get("terminal_manager")
            status = None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_START_S):
                    status = await self.features.status.get()
            return await gather_seen(
                status,
                kernels=self.kernel_manager.list_kernels(),
                sessions=await self.session_manager.list_sessions(),
                terminals=0 if terminals is None else len(terminals.list()),
                browser=browser,
            )

        return gather

    async def repair(self, *words: str) -> Repair:
        """Call a fix or its undo."""
        from ...doctor.models import Repair

        doctor = await self.features.doctor.get()
        return await doctor.read(Repair, *words)


class DoctorHandler(_DoctorBase):
    """The doctor's report."""

    @web.authenticated
    @authorized("read", "rsp_health:doctor")
    async def get(self) -> None:
        """Look now, and answer with what was found; it takes some seconds.

        ``check=ID``, which may be given several times, asks for some checks;
        ``symptom=NAME`` for the playbook of what the user noticed. What came
        of a websocket of the browser's is told by ``websocket`` and ``took_s``.
        """
        from ..jobs.doctor import Asked

        checks = tuple(self.get_query_arguments("check"))
        symptom = self.get_query_argument("symptom", None)
        names = checks if symptom is None else (*checks, symptom)
        if len(names) > _MOST or not all(map(_may_be_id, names)):
            raise BadInputError(
                "The argument 'check' or 'symptom' is not a name of one.",
                hint="Leave it out for all checks.",
                code="invalid_request",
            )
        doctor = await self.features.doctor.get()
        words = () if symptom is None else (f"--symptom={symptom}",)
        browser = self._browser()
        asked = Asked(
            words=words,
            find_seen=self.seen(browser),
            is_alone=browser is not None,
        )
        self.answer(await doctor.look(checks, asked=asked))

    def _browser(self) -> Browser | None:
        told = self.get_query_argument("websocket", None)
        if told is None:
            return None
        from pydantic import ValidationError

        from ...doctor.seen import Browser

        took = self.get_query_argument("took_s", "0")
        try:
            return Browser.model_validate({"websocket": told, "took_s": took})
        except ValidationError as exc:
            raise BadInputError(
                "The arguments 'websocket' and 'took_s' are not a result of one.",
                hint="Leave them out: they are for the panel.",
                code="invalid_request",
            ) from exc


class CheckHandler(_DoctorBase):
    """One check, with what only the browser knows."""

    @web.authenticated
    @authorized("execute", "rsp_health:doctor")
    async def post(self, check: str) -> None:
        """Look now, and answer with a report of this check."""
        from ..jobs.doctor import Asked
        from ..models import CheckRequest

        request = self.parse(CheckRequest)
        doctor = await self.features.doctor.get()
        words: tuple[str, ...] = ()
        if request.notebook:
            path = await asyncio.to_thread(
                resolve_inside, self.features.root, request.notebook
            )
            words = ("--notebook", str(path))
        asked = Asked(
            words=words,
            find_seen=self.seen(request.browser),
            is_alone=request.browser is not None,
        )
        self.answer(await doctor.look((check,), asked=asked))


class FixHandler(_DoctorBase):
    """The fix that a check offers."""

    @web.authenticated
    @authorized("write", "rsp_health:doctor")
    async def post(self, check: str) -> None:
        """Say what it would move, or move it."""
        from ..models import FixRequest

        request = self.parse(FixRequest)
        dry = ("--dry-run",) if request.dry_run else ()
        self.answer(await self.repair(*dry, "--", "fix", check))


class UndoHandler(_DoctorBase):
    """The way back of a fix."""

    @web.authenticated
    @authorized("write", "rsp_health:doctor")
    async def post(self) -> None:
        """Put back what it moved."""
        from ..models import UndoFixRequest

        request = self.parse(UndoFixRequest)
        ids = (request.id,) if request.id else ()
        self.answer(await self.repair("--", "undo", *ids))


class LogsHandler(_DoctorBase):
    """Where more may be written of what went wrong."""

    @web.authenticated
    @authorized("read", "rsp_health:doctor")
    async def get(self) -> None:
        """Answer with the places, those of the last run first."""
        from ...doctor.log_places import LogPlaces

        doctor = await self.features.doctor.get()
        self.answer(await doctor.read(LogPlaces, "--", "logs"))


class BundleHandler(_DoctorBase):
    """A bundle of what was found, to be handed to others."""

    @web.authenticated
    @authorized("write", "rsp_health:doctor")
    async def post(self) -> None:
        """Tell what would be in it, or write it into the user's root."""
        from ...doctor.bundle.models import BundleDocument
        from ...wire import utc_now
        from ..models import BundleRequest

        request = self.parse(BundleRequest)
        words = [f"--{request.flavour}"]
        if request.run_id:
            words += ["--run", request.run_id]
        if request.with_tracebacks:
            words.append("--with-tracebacks")
        if request.preview:
            words.append("--preview")
        else:
            name = f"rsp-health-{utc_now():%Y%m%dT%H%M%SZ}.zip"
            words += ["-o", str(self.features.root / _BUNDLES / name)]
        doctor = await self.features.doctor.get()
        write = await self.seen()()
        words += ["--seen", "--", "bundle"]
        self.answer(await doctor.read(BundleDocument, *words, write=write))


def _may_be_id(name: str) -> bool:
    return 0 < len(name) <= _LONGEST and "\0" not in name
