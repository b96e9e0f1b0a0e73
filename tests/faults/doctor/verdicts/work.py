"""What breaks while somebody works: queries, data, the browser, kernels."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from tornado.httpclient import HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from tests.faults.doctor.verdicts.case import Told, kind
from tests.faults.kernel_deaths.light import happen
from tests.support.light_kernels import LightKernels

if TYPE_CHECKING:
    from tests.faults.doctor.verdicts.case import Case

__all__ = ["WORK"]

_USER = "vrubin"
_QUERY = {"QUERY": "SELECT TOP 1 * FROM dp1.Visit"}
#: Seconds that a browser waits for its websocket.
_PATIENCE_S = 2.0


@kind(r"queue", "application")
def _query_that_waits_in_the_queue(case: Case) -> None:
    jobs = case.lab().state.jobs
    age = case.chance.randint(900, 9000) if case.broken else 3
    jobs.add(_USER, "tap", _QUERY, age_s=age, stalls="queued", run=True)
    case.doctor_options = ("--symptom", "query-hangs")


@kind(r"at work", "your_code")
def _query_that_works_for_hours(case: Case) -> None:
    jobs = case.lab().state.jobs
    age = case.chance.randint(8000, 30_000) if case.broken else 3
    jobs.add(_USER, "tap", _QUERY, age_s=age, stalls="executing", run=True)
    case.doctor_options = ("--symptom", "query-hangs")


@kind(r"ended with an error", "your_code")
def _query_that_ended_with_an_error(case: Case) -> None:
    jobs = case.lab().state.jobs
    column = case.chance.choice(["ra2", "psfFluxx", "coord_rra"])
    error = f"Column [{column}] does not exist" if case.broken else ""
    jobs.add(_USER, "tap", _QUERY, age_s=600, error=error, run=True)
    case.doctor_options = ("--symptom", "query-hangs")


@kind(r"no dataset", "your_code")
def _dataset_that_this_site_has_not(case: Case) -> None:
    case.lab()
    wrong = case.chance.choice(["dp9", "drp", "prompt", "dr1"])
    case.doctor_options = (f"data.{wrong if case.broken else 'dp1'}",)


@kind(r"Butler configuration", "platform")
def _butler_configuration_that_cannot_be_read(case: Case) -> None:
    # The service behind it refuses; what is mounted still names it.
    case.lab("gafaelfawr-down")
    case.doctor_options = ("data.dp1",)


@kind(r"websocket", "network")
def _websocket_that_a_proxy_stops(case: Case) -> None:
    case.lab()
    how = case.chance.choice(["refused", "late"]) if case.broken else "opened"
    outcome, took = asyncio.run(_knock(how))
    case.seen = json.dumps({"browser": {"websocket": outcome, "took_s": took}})
    case.doctor_options = ("--seen",)


class _Proxy(WebSocketHandler):
    """Lets a websocket through, refuses it, or never answers."""

    def initialize(self, how: str) -> None:
        self._how = how

    async def prepare(self) -> None:
        if self._how == "late":
            await asyncio.sleep(2 * _PATIENCE_S)
        if self._how != "opened":
            self.set_status(403)
            await self.finish()


async def _knock(how: str) -> tuple[str, float]:
    """Open a websocket through a proxy, and return what came of it."""
    server = HTTPServer(Application([("/", _Proxy, {"how": how})]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    begin = time.monotonic()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            port = sockets[0].getsockname()[1]
            connection = await websocket_connect(f"ws://127.0.0.1:{port}/")
        connection.close()
        outcome = "opened"
    except HTTPClientError:
        outcome = "refused"
    except TimeoutError:
        outcome = "late"
    finally:
        server.stop()
    return outcome, time.monotonic() - begin


@kind(r"nobody used it", "your_lab")
def _kernel_that_was_culled(case: Case) -> None:
    case.ask = lambda: asyncio.run(_left_alone(case))


async def _left_alone(case: Case) -> Told:
    """Let a kernel be culled; its twin is shut down by its user."""
    async with LightKernels(case.folder) as light:
        light.deaths.take_place()
        await happen(light, "culled" if case.broken else "shut down")
    if not light.told:
        return Told("nothing")
    event = light.told[0]
    return Told(
        "stated",
        f"{event['message']} {event['next_step']}",
        event["whose"],
        event["cause"],
        failures=1,
        explanations=1,
    )


WORK = [
    _query_that_waits_in_the_queue,
    _query_that_works_for_hours,
    _query_that_ended_with_an_error,
    _dataset_that_this_site_has_not,
    _butler_configuration_that_cannot_be_read,
    _websocket_that_a_proxy_stops,
    _kernel_that_was_culled,
]
"""Kinds that are asked of the playbook, the check or the notice for them."""
