"""From lines of a record to events."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from rsp_health.runner.record_lines import Heartbeat
from rsp_health.server.jobs.run_events import RunEventPublisher, event_of
from rsp_health.server.lazy import Lazy
from tests.support.record_lines import lines_of

if TYPE_CHECKING:
    from rsp_health.runner.record_lines import RecordLine
    from rsp_health.runner.service import RunnerService


class Records:
    """Records that the test writes, behind the runner's interface."""

    def __init__(self) -> None:
        self.lines: dict[str, list[dict[str, Any]]] = {}
        self.running: list[str] = []
        self.looks = 0

    def active(self) -> list[str]:
        self.looks += 1
        return list(self.running)

    def follow(self, run_id: str, offset: int) -> tuple[list[RecordLine], int]:
        lines = self.lines.get(run_id, [])
        return lines_of(*lines[offset:]), len(lines)


class Followed:
    """A publisher whose steps the test takes."""

    def __init__(self) -> None:
        self.records = Records()
        self.events: list[dict[str, Any]] = []
        self.activity = 0
        self.ends = 0
        self.publisher = RunEventPublisher(
            runner=Lazy(lambda: cast("RunnerService", self.records)),
            publish=self.events.append,
            on_activity=self._on_activity,
            on_end=self._on_end,
            log=logging.getLogger("test"),
        )

    def _on_activity(self) -> None:
        self.activity += 1

    def _on_end(self) -> None:
        self.ends += 1


def test_a_run_from_start_to_end() -> None:
    followed_run = Followed()
    assert not followed_run.publisher.step()
    assert followed_run.activity == 0
    followed_run.records.running = ["r1"]
    followed_run.records.lines["r1"] = [
        {"kind": "run_started", "run_id": "r1"}
    ]
    assert followed_run.publisher.step()
    followed_run.records.lines["r1"] += [
        {"kind": "cell_started", "notebook": "a.ipynb", "cell_index": 1},
        {"kind": "heartbeat"},
    ]
    assert followed_run.publisher.step()
    followed_run.records.lines["r1"] += [
        {"kind": "run_finished", "state": "passed"}
    ]
    followed_run.records.running = []
    assert not followed_run.publisher.step()
    assert followed_run.events == [
        {"run_id": "r1", "kind": "run_started"},
        {
            "run_id": "r1",
            "kind": "cell_started",
            "notebook": "a.ipynb",
            "cell_index": 1,
        },
        {"run_id": "r1", "kind": "run_finished", "state": "passed"},
    ]
    assert (followed_run.activity, followed_run.ends) == (2, 1)
    assert not followed_run.publisher.step()
    assert followed_run.ends == 1


def test_reading_on_is_no_look() -> None:
    followed_run = Followed()
    followed_run.records.running = ["r1"]
    followed_run.records.lines["r1"] = [
        {"kind": "run_started", "run_id": "r1"}
    ]
    assert followed_run.publisher.step()
    for index in range(1, 11):
        followed_run.records.lines["r1"] += [
            {"kind": "cell_started", "notebook": "n", "cell_index": index}
        ]
        assert followed_run.publisher.step(look=False)
    followed_run.records.lines["r1"] += [{"kind": "run_finished"}]
    assert not followed_run.publisher.step(look=False)
    assert followed_run.records.looks == 1
    assert len(followed_run.events) == 12
    # Its folder may say for a moment that it is under way: nothing twice.
    assert not followed_run.publisher.step()
    assert len(followed_run.events) == 12


def test_a_run_whose_supervisor_died() -> None:
    followed_run = Followed()
    followed_run.records.running = ["r1"]
    followed_run.records.lines["r1"] = [
        {"kind": "run_started", "run_id": "r1"}
    ]
    assert followed_run.publisher.step()
    assert followed_run.publisher.followed == ["r1"]
    followed_run.records.running = []
    assert followed_run.publisher.step(look=False)
    assert not followed_run.publisher.step()
    assert (followed_run.publisher.followed, followed_run.ends) == ([], 1)
    assert followed_run.events[1:] == [
        {"run_id": "r1", "kind": "run_finished", "state": "interrupted"}
    ]


def test_overtaken_cell_starts_are_dropped() -> None:
    followed_run = Followed()
    followed_run.records.running = ["r1"]
    followed_run.records.lines["r1"] = [
        {"kind": kind, "notebook": "a.ipynb", "cell_index": index}
        for index in range(1, 101)
        for kind in ("cell_started", "cell_output", "cell_finished")
    ] + [{"kind": "cell_started", "notebook": "a.ipynb", "cell_index": 101}]
    followed_run.publisher.step()
    kinds = [event["kind"] for event in followed_run.events]
    assert kinds == ["cell_finished"] * 100 + ["cell_started"]


def test_output_is_announced_but_not_told() -> None:
    line = {
        "kind": "cell_output",
        "notebook": "a.ipynb",
        "cell_index": 3,
        "text": "secret",
        "output_bytes": 6,
    }
    assert event_of("r1", *lines_of(line)) == {
        "run_id": "r1",
        "kind": "cell_output",
        "notebook": "a.ipynb",
        "cell_index": 3,
    }


def test_events_carry_no_content() -> None:
    line = {
        "kind": "cell_finished",
        "at": "2026-11-20T21:33:41.123Z",
        "notebook": "a.ipynb",
        "cell_index": 3,
        "state": "failed",
        "duration_s": 1,
        "error": {"evalue": "secret", "traceback": "secret"},
        "source": "secret",
        "reason": "Cell 3 raised ValueError: secret",
    }
    assert event_of("r1", *lines_of(line)) == {
        "run_id": "r1",
        "kind": "cell_finished",
        "at": "2026-11-20T21:33:41.123Z",
        "notebook": "a.ipynb",
        "cell_index": 3,
        "state": "failed",
        "duration_s": 1,
    }
    assert event_of("r1", Heartbeat()) is None
