"""Long changes to checkouts, with work that the test controls."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.checkout.models import LOOKING, STARTING, Operation
from rsp_health.errors import (
    ConflictError,
    EnvironmentFailureError,
    NotFoundError,
)
from tests.support.events import EventRecorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_server.serverapp import ServerApp

    from rsp_health.server.features import Features


class ControlledWork:
    """Work that reports and ends when the test says."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.release = threading.Event()
        self.started = threading.Event()

    def __call__(
        self,
        *,
        on_progress: Callable[[Operation], None],
        cancel: threading.Event,
        operation_id: str,
    ) -> Operation:
        self.started.set()
        fields: dict[str, Any] = {
            "id": operation_id,
            "kind": "checkout",
            "repository": "system-test",
            "directory": "notebooks/system-test",
        }
        for percent in range(101):
            on_progress(
                Operation(
                    state="running", phase="Cloning", percent=percent, **fields
                )
            )
        while not self.release.wait(0.01):
            if cancel.is_set():
                return Operation(state="cancelled", **fields)
        if self.error is not None:
            raise self.error
        return Operation(state="done", commit="c0ffee", **fields)


def start(features: Features, work: ControlledWork) -> Operation:
    return features.operations.start(
        "system-test", "checkout", work, directory="notebooks/system-test"
    )


async def test_progress_is_throttled_and_the_end_is_told(
    jp_serverapp: ServerApp, features: Features
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    work = ControlledWork()
    operation = start(features, work)
    assert (operation.state, operation.percent) == ("running", None)
    await asyncio.to_thread(work.started.wait, 10)
    with pytest.raises(ConflictError) as caught:
        start(features, ControlledWork())
    assert caught.value.code == "locked"
    assert list(features.operations.running()) == ["system-test"]
    # jupyter_server must not shut down for idleness now.
    assert jp_serverapp.extension_manager.any_activity()
    work.release.set()
    end = await recorder.until("checkout", lambda e: e["state"] != "running")
    assert end == {
        "schema": "rsp-health.operation/1",
        "id": operation.id,
        "kind": "checkout",
        "repository": "system-test",
        "state": "done",
        "phase": "",
        "percent": None,
        "directory": "notebooks/system-test",
        "backup": None,
        "commit": "c0ffee",
        "path": None,
        "up_to_date": False,
        "warning": None,
        "error": None,
    }
    assert 2 <= len(recorder.of("checkout")) <= 10
    assert features.operations.get("system-test").state == "done"
    assert features.operations.running() == {}
    assert not jp_serverapp.extension_manager.any_activity()


@pytest.mark.parametrize("phase", [STARTING, LOOKING])
async def test_what_is_refused_is_told_to_who_asked_alone(
    jp_serverapp: ServerApp, features: Features, phase: str
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    error = NotFoundError("It is gone.", hint="None.", code="gone")

    def work(
        *,
        on_progress: Callable[[Operation], None],
        cancel: threading.Event,
        operation_id: str,
    ) -> Operation:
        del cancel
        on_progress(
            Operation(
                id=operation_id,
                kind="remove",
                repository="system-test",
                directory="notebooks/system-test",
                state="running",
                phase=phase,
            )
        )
        raise error

    with pytest.raises(NotFoundError) as caught:
        await asyncio.to_thread(
            features.operations.start,
            "system-test",
            "remove",
            work,
            directory="notebooks/system-test",
        )
    assert caught.value is error
    assert recorder.of("checkout") == []
    assert features.operations.running() == {}
    with pytest.raises(NotFoundError, match="no operation"):
        features.operations.get("system-test")


async def test_cancel(jp_serverapp: ServerApp, features: Features) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    work = ControlledWork()
    start(features, work)
    await asyncio.to_thread(work.started.wait, 10)
    assert features.operations.cancel("system-test").state == "running"
    await recorder.until("checkout", lambda e: e["state"] == "cancelled")
    # Nothing is left to cancel: the last operation is told again.
    assert features.operations.cancel("system-test").state == "cancelled"


@pytest.mark.parametrize(
    ("error", "code", "logged"),
    [
        (
            EnvironmentFailureError(
                "The disk is full.", hint="Free some.", code="disk_full"
            ),
            "disk_full",
            False,
        ),
        (RuntimeError("https://user:s3cret@example.org"), "internal", True),
    ],
)
async def test_failure_is_told_without_foreign_text(
    jp_serverapp: ServerApp,
    features: Features,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: str,
    logged: bool,
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    work = ControlledWork(error)
    start(features, work)
    work.release.set()
    end = await recorder.until("checkout", lambda e: e["state"] == "failed")
    assert end["error"]["error"] == code
    errors = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert bool(errors) == logged
    assert "s3cret" not in caplog.text + str(end)


async def test_no_operation_yet(features: Features) -> None:
    with pytest.raises(NotFoundError):
        features.operations.get("system-test")
    with pytest.raises(NotFoundError):
        features.operations.cancel("system-test")


async def test_close_cancels(features: Features) -> None:
    work = ControlledWork()
    start(features, work)
    await asyncio.to_thread(work.started.wait, 10)
    await asyncio.to_thread(features.operations.close, 10.0)
    assert features.operations.running() == {}
    assert features.operations.get("system-test").state == "cancelled"
