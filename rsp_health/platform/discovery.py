"""What is deployed here: Repertoire's discovery, with honest fallbacks.

Live answer, else the last one that this lab saw (``stale``), else the file
that the platform froze when the lab was spawned (``file``, which does not
carry the list of applications), else nothing (``none``).
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..errors import RSPHealthError, UnreadableFileError
from ..files import load_json, write_json
from ..wire import utc_now
from .clock import seconds
from .http.answers import FetchError
from .http.client import PlatformHttp
from .models import Discovery, DiscoveryDocument

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rubin.repertoire import DiscoveryClient

    from .environment import LabEnvironment
    from .http.answers import HttpResponse

__all__ = ["DiscoveryService"]

_log = logging.getLogger(__name__)

_FRESH_S = 300.0
"""Seconds a document counts as current; as in the Repertoire client."""

_RETRY_S = 30.0
"""Seconds between attempts while discovery fails."""

_MAX_CACHE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    """A document, and the moment it was fetched on the monotonic clock."""

    document: DiscoveryDocument
    fetched: float


class DiscoveryService:
    """Finds out what the platform says is deployed.

    Parameters
    ----------
    environment
        Knows where Repertoire is.
    cache_dir
        Folder for the last good answer.
    clock
        Monotonic clock, in seconds.
    timeout_s
        Seconds that asking Repertoire may take in total.
    """

    def __init__(
        self,
        *,
        environment: LabEnvironment,
        cache_dir: Path,
        clock: Callable[[], float] = seconds,
        timeout_s: float = 10.0,
    ) -> None:
        self._environment = environment
        self._file = cache_dir / "discovery.json"
        self._clock = clock
        self._timeout_s = timeout_s
        self._copy: _Copy | None = None
        self._read_disk = False
        self._failure: str | None = None
        self._remark = ""
        self._failed_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._http: PlatformHttp | None = None

    async def get(
        self, *, refresh: bool = False, patience_s: float | None = None
    ) -> Discovery:
        """Return what is known, asking Repertoire if that is due.

        Parameters
        ----------
        refresh
            Ask even when the last answer is current.
        patience_s
            Seconds after which what is known is enough; the question goes on.
            By default: until there is an answer, or none.
        """
        if not self._read_disk:
            await asyncio.to_thread(self._load)
        if refresh or self._due():
            if self._task is None or self._task.done():
                if self._http is None:
                    self._http = self._new_http()
                self._task = asyncio.create_task(self._update(self._http))
            await asyncio.wait({self._task}, timeout=patience_s)
        return await self._told()

    async def peek(self) -> Discovery:
        """Return what is known without asking anybody."""
        if not self._read_disk:
            await asyncio.to_thread(self._load)
        return await self._told()

    async def _told(self) -> Discovery:
        if self._copy is not None:
            return self._answer()
        return await asyncio.to_thread(self._answer)  # Reads the lab's file.

    def applications(self, *, ask: bool = True) -> frozenset[str] | None:
        """Return the deployed applications, or `None` if not known.

        Not to be called on an event loop's thread.

        Parameters
        ----------
        ask
            Ask Repertoire if no answer younger than five minutes is at hand,
            which may take ten seconds; else what is known is enough.
        """
        if not self._read_disk:
            self._load()
        if ask and self._due():
            asyncio.run(self._ask_once())
        names = self._answer().applications
        return None if names is None else frozenset(names)

    async def aclose(self) -> None:
        """Stop asking and close connections."""
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    def _due(self) -> bool:
        now = self._clock()
        if self._copy is not None and now - self._copy.fetched < _FRESH_S:
            return False
        return self._failed_at is None or now - self._failed_at >= _RETRY_S

    async def _ask_once(self) -> None:
        # This loop lives for one call, so its client does too.
        http = self._new_http()
        try:
            await self._update(http)
        finally:
            await http.aclose()

    def _new_http(self) -> PlatformHttp:
        return PlatformHttp(
            environment=self._environment, timeout_s=self._timeout_s
        )

    async def _update(self, http: PlatformHttp) -> None:
        base = self._environment.repertoire_url
        if base is None:
            self._fail("This lab does not say where service discovery is.")
            return
        if not http.origin.may_call(f"{base}/discovery"):
            self._fail("The address of service discovery is not acceptable.")
            return
        try:
            raw, remark = await _ask(http, base)
            document = DiscoveryDocument.model_validate(raw)
        except FetchError as exc:
            self._fail(f"Service discovery could not be read: {exc.message}.")
            return
        except Exception as exc:  # noqa: BLE001 - all features stand on this
            # Whatever the client makes of an odd answer, the copy still holds.
            _log.error("Reading discovery: %s", type(exc).__name__)
            self._fail("The answer of service discovery could not be read.")
            return
        self._failure, self._failed_at, self._remark = None, None, remark
        self._copy = _Copy(document=document, fetched=self._clock())
        try:
            await asyncio.to_thread(self._save, raw)
        except (OSError, RSPHealthError):
            _log.warning("The discovery document could not be kept on disk.")

    def _fail(self, message: str) -> None:
        self._failure = message
        self._failed_at = self._clock()

    def _answer(self) -> Discovery:
        if self._copy is not None:
            age = max(0.0, self._clock() - self._copy.fetched)
            current = self._failure is None and age < _FRESH_S + 60
            return _describe(
                self._copy.document,
                state="fresh" if current else "stale",
                age_s=age,
                message=self._failure or self._remark,
                applications=self._copy.document.applications,
            )
        reason = self._failure or "Service discovery has not answered yet."
        path = self._environment.mounted("discovery", "v1.json")
        frozen = _read_json(path) if path is not None else None
        if path is not None and frozen is not None:
            return _describe(
                DiscoveryDocument.model_validate(frozen),
                state="file",
                age_s=_file_age(path),
                message=(
                    f"{reason} Shown is what the platform wrote down when "
                    "this lab started; it does not list the applications."
                ),
                applications=None,
            )
        return Discovery(state="none", message=reason)

    def _load(self) -> None:
        try:
            self._load_copy()
        finally:
            self._read_disk = True

    def _load_copy(self) -> None:
        kept = _read_json(self._file)
        if kept is None or kept.get("url") != self._environment.repertoire_url:
            return
        try:
            document = DiscoveryDocument.model_validate(kept.get("document"))
            fetched_at = datetime.fromisoformat(str(kept.get("fetched_at")))
            age = (utc_now() - fetched_at).total_seconds()
        except (ValidationError, ValueError, TypeError):
            return
        if age < 0:
            # The clock was set back since: the true age is not known.
            age = _FRESH_S
        self._copy = _Copy(document=document, fetched=self._clock() - age)

    def _save(self, raw: dict[str, Any]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        kept = {
            "url": self._environment.repertoire_url,
            "fetched_at": utc_now().isoformat(),
            "document": raw,
        }
        write_json(self._file, kept)


async def _ask(http: PlatformHttp, base: str) -> tuple[dict[str, Any], str]:
    """Ask through the official client, within our bounds.

    Returns
    -------
    tuple
        The document as it came, and a remark on it.

    Raises
    ------
    rsp_health.platform.http.client.FetchError
        Raised if there is no document.
    """
    # 0.5 to 1.7 s of imports: not on the event loop's thread.
    build = await asyncio.to_thread(_official_client)
    from rubin.repertoire import RepertoireError, RepertoireValidationError

    seen: list[HttpResponse] = []
    remark = ""
    async with http.as_httpx(seen.append) as client:
        # A new client each time: a kept one would hide a failed refresh
        # behind its own cache.
        official = build(http_client=client, base_url=base)
        try:
            await official.applications()
        except RepertoireValidationError:
            # A newer or older platform: what can be read is still true.
            remark = "Parts of the discovery document could not be read."
        except RepertoireError as exc:
            status = seen[-1].status if seen else 0
            raise FetchError(
                "bad_content", f"it answered HTTP {status}"
            ) from exc
        except (ValueError, RecursionError) as exc:
            raise FetchError("bad_content", "its answer is not JSON") from exc
    raw = seen[-1].json()
    if not isinstance(raw, dict):
        raise FetchError("bad_content", "its answer is not a JSON object")
    return raw, remark


def _official_client() -> Callable[..., DiscoveryClient]:
    import structlog
    from rubin.repertoire import DiscoveryClient

    # By default structlog prints to stdout, where --json writes.
    logger = structlog.wrap_logger(
        _log,
        processors=[structlog.stdlib.render_to_log_kwargs],
        wrapper_class=structlog.stdlib.BoundLogger,
    )

    def build(**options: Any) -> DiscoveryClient:
        return DiscoveryClient(logger=logger, **options)

    return build


def _describe(
    document: DiscoveryDocument,
    *,
    state: Any,
    age_s: float | None,
    message: str,
    applications: tuple[str, ...] | None,
) -> Discovery:
    return Discovery(
        state=state,
        age_s=age_s,
        message=message,
        environment_name=document.site,
        applications=applications,
        datasets=document.datasets,
        influxdb_databases=document.influxdb_databases,
        services=document.services,
    )


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        value = load_json(path, limit=_MAX_CACHE_BYTES)
    except UnreadableFileError:
        return None
    return value if isinstance(value, dict) else None


def _file_age(path: Path) -> float | None:
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return None
