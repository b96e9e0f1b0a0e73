"""What is said beside the list of runs."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.bot.models import BotState
from rsp_health.runner.bot.notices import bot_notices
from rsp_health.runner.bot.store import BotStore
from rsp_health.runner.sinks.outbox import Outbox
from rsp_health.services import ServiceBuilder
from rsp_health.settings import HealthSettings
from rsp_health.wire import utc_now
from tests.runner.reports.runs import EVERY_END

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_of_the_bot(tmp_path: Path) -> None:
    store = BotStore(tmp_path)
    assert bot_notices(tmp_path) == []
    soon = utc_now() + timedelta(minutes=5)
    state = BotState(started_at=utc_now(), every_s=600, next_at=soon)
    store.write(state)
    assert bot_notices(tmp_path) == []  # nobody is at work
    with store.lock():
        assert bot_notices(tmp_path) == [
            f"Your test bot is at work. Its next run is at {soon:%H:%M} UTC."
        ]
        store.write(
            state.model_copy(update={"phase": "quiet", "reason": "Announced."})
        )
        assert bot_notices(tmp_path) == ["Your test bot waits. Announced."]
    store.pause()
    (text,) = bot_notices(tmp_path)
    assert text.startswith("Your test bot is paused since 20")


def test_on_a_home_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the bot of another lab left its lock."""
    store = BotStore(tmp_path)
    store.write(BotState(started_at=utc_now(), every_s=600))
    lock = store.lock()
    lock.acquire()
    owner = json.loads(lock.path.read_text())
    lock.release()
    owner["process"] |= {"host": "other", "boot_id": "other"}
    lock.path.write_text(json.dumps(owner))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    builder = ServiceBuilder(
        settings=HealthSettings(),
        environment=LabEnvironment(variables={}),
        data_dir=tmp_path,
    )
    runner = builder.runner(tmp_path)
    assert runner.list().notices == ["Your test bot is at work."]
    os.utime(lock.path, (1, 1))
    assert runner.list().notices == []


def test_of_what_could_not_be_sent(tmp_path: Path) -> None:
    settings = HealthSettings(sasquatch_topics="lsst.example")
    environment = LabEnvironment(variables={"HOME": str(tmp_path)})
    builder = ServiceBuilder(
        settings=settings, environment=environment, data_dir=tmp_path
    )
    runner = builder.runner(tmp_path)
    assert runner.list().notices == []
    outbox = builder.outbox()
    assert isinstance(outbox, Outbox)
    outbox.put(EVERY_END)
    assert runner.list().notices == []  # it is on its way
    (tmp_path / "sinks" / "sasquatch" / "notes.json").write_text(
        '{"problem": "Sasquatch answered HTTP 503", "dropped": 7}'
    )
    (text,) = runner.list().notices
    assert text.endswith(
        " events wait for sasquatch: Sasquatch answered HTTP 503. Lost "
        "for lack of room: 7 events."
    )
