"""Takes a run's results for all sinks that are switched on, and sends them."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from .models import SinksDocument, SinkState
from .seen import SeenFailures
from .spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

    from ...platform.environment import LabEnvironment
    from ...platform.http.client import PlatformHttp
    from ..models import RunDocument
    from .contract import Sink

__all__ = ["Outbox"]

#: Seconds that one request may take.
_REQUEST_S = 10.0


class Outbox:
    """All that goes elsewhere. Nothing does unless a setting says where to.

    Parameters
    ----------
    data_dir
        Our own folder.
    environment
        The lab.
    sasquatch_topics
        Prefix of the topics; empty: nothing goes there.
    sasquatch_url
        The REST proxy's address; empty: the platform's own.
    sentry_dsn
        Address of a project; empty: nothing goes there.
    """

    def __init__(
        self,
        *,
        data_dir: Path,
        environment: LabEnvironment,
        sasquatch_topics: str = "",
        sasquatch_url: str = "",
        sentry_dsn: str = "",
    ) -> None:
        self._folder = data_dir / "sinks"
        self._environment = environment
        self._topics = sasquatch_topics
        self._sasquatch_url = sasquatch_url
        self._sentry_dsn = sentry_dsn

    @cached_property
    def names(self) -> list[str]:
        """The sinks that are switched on."""
        switches = (("sasquatch", self._topics), ("sentry", self._sentry_dsn))
        return [name for name, value in switches if value]

    def put(self, document: RunDocument) -> None:
        """Keep what is to be told of a run, until it is sent.

        Raises
        ------
        OSError
            Raised if it cannot be written.
        """
        from ...redaction import Redactor
        from .events import failures, metrics

        redactor = Redactor(self._environment.secrets())
        username = self._environment.user or ""
        if "sasquatch" in self.names:
            events = metrics(document, username=username, redactor=redactor)
            self._spool("sasquatch").put(events)
        if "sentry" in self.names:
            found = failures(document, username=username, redactor=redactor)
            passed = {
                n.path for n in document.notebooks if n.state == "passed"
            }
            seen = SeenFailures(self._folder / "sentry" / "seen.json")
            with seen.news(found, passed) as news:
                self._spool("sentry").put(news)

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to send, or a problem to look at."""
        return any(sink.waiting or sink.problem for sink in self._states)

    async def deliver(self, *, limit_s: float) -> None:
        """Send what waits.

        Parameters
        ----------
        limit_s
            Seconds for all of it.

        Raises
        ------
        rsp_health.errors.RSPHealthError
            Raised if a setting is wrong; the other sinks have sent theirs.
        """
        from ...platform.http.client import PlatformHttp
        from .delivery import deliver

        http = PlatformHttp(
            environment=self._environment, timeout_s=_REQUEST_S
        )
        try:
            pairs = [
                (partial(self._sink, name, http), self._spool(name))
                for name in self.names
            ]
            wrong = await deliver(self._folder, pairs, limit_s=limit_s)
        finally:
            await http.aclose()
        if wrong:
            raise wrong[0]

    def describe(self) -> SinksDocument:
        """Tell how the sinks are."""
        return SinksDocument(sinks=self._states)

    def notices(self) -> list[str]:
        """Return a sentence for each sink that is in trouble."""
        return [
            sink.sentence()
            for sink in self._states
            if sink.problem or sink.dropped or sink.damaged
        ]

    @property
    def _states(self) -> list[SinkState]:
        return [
            SinkState(name=name, **asdict(self._spool(name).state))
            for name in self.names
        ]

    def _spool(self, name: str) -> Spool:
        # Sentry takes one failure at a time.
        many = {"batch": 1} if name == "sentry" else {}
        return Spool(self._folder / name, **many)

    def _sink(self, name: str, http: PlatformHttp) -> Sink[Any]:
        if name == "sentry":
            from .sentry import SentrySink

            return SentrySink(http=http, dsn=self._sentry_dsn)
        from .sasquatch import SasquatchSink

        proxy = f"{self._environment.base_url or ''}/sasquatch-rest-proxy"
        return SasquatchSink(
            http=http,
            url=self._sasquatch_url or proxy,
            namespace=self._topics,
            with_token=self._environment.read_token() is not None,
        )
