from __future__ import annotations

import json
from typing import Any

import pytest

from rsp_health.redaction import Redactor
from rsp_health.runner.execution.outputs import OutputCollector
from rsp_health.runner.kernels.wire import Message, Wire

TOKEN = "gt-8Bqf7mEzEUCxPLrWmS4YUQ.aaaaaaaaaaaaaaaaaaaaaa"
#: Ours, so that parts of it are known as well.
SECRET = "gt-8Bqf7mEzEUCxPLrWmS4YUQ.h1iKLM2o3p4q5r6s7tABCQ"


def message(kind: str, **content: Any) -> Message:
    data = json.dumps(content).encode()
    return Message(kind, "", "", {}, data)


def stream(text: str, name: str = "stdout") -> Message:
    return message("stream", name=name, text=text)


def collector_of(limit: int, budget: list[int]) -> OutputCollector:
    return OutputCollector(
        cell_limit=limit, budget=budget, redactor=Redactor([SECRET])
    )


def collect(
    *messages: Message, limit: int = 1 << 20, budget: int = 1 << 30
) -> tuple[list[dict[str, Any]], OutputCollector]:
    collector = collector_of(limit, [budget])
    cell: dict[str, Any] = {}
    collector.start(cell)
    for entry in messages:
        collector.add(entry)
    collector.finish()
    return cell["outputs"], collector


def test_texts_of_a_stream_join() -> None:
    outputs, _ = collect(
        stream("a"), stream("b"), stream("c", "stderr"), stream("d")
    )
    assert [(o["name"], o["text"]) for o in outputs] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


def test_output_beyond_the_limit_is_counted_and_dropped() -> None:
    outputs, collector = collect(
        stream("x" * 500), stream("y" * 5000), stream("z"), limit=1000
    )
    assert outputs[0]["text"] == "x" * 500
    assert "were not kept" in outputs[1]["text"]
    assert "z" not in outputs[1]["text"]
    assert collector.truncated
    assert collector.bytes > 5500


def display(text: str, kind: str = "display_data") -> Message:
    return message(
        kind, data={"text/plain": text}, transient={"display_id": "d"}
    )


def test_what_was_cleared_counts_no_longer() -> None:
    """An animation: many frames, of which one is there at a time."""
    frames = [
        entry
        for number in range(50)
        for entry in (
            message("clear_output", wait=True),
            stream(f"{number}" + "x" * 400),
        )
    ]
    budget = [1500]
    collector = collector_of(1000, budget)
    cell: dict[str, Any] = {}
    collector.start(cell)
    for entry in frames:
        collector.add(entry)
    collector.finish()
    assert [o["text"] for o in cell["outputs"]] == ["49" + "x" * 400]
    assert not collector.truncated
    assert collector.bytes > 20_000
    assert 900 < budget[0] < 1200
    # What was cut off before is as gone as the rest.
    outputs, collector = collect(
        stream("x" * 5000), *frames[-2:], stream("y"), limit=1000
    )
    assert [o["text"] for o in outputs] == ["49" + "x" * 400 + "y"]
    assert not collector.truncated


def test_updates_count_by_what_they_leave() -> None:
    updates = [display("x" * 500, "update_display_data")] * 50
    outputs, collector = collect(display("a"), *updates, limit=1000)
    assert outputs[0]["data"] == {"text/plain": "x" * 500}
    assert not collector.truncated
    outputs, collector = collect(
        display("a"), display("x" * 5000, "update_display_data"), limit=1000
    )
    assert outputs[0]["data"] == {"text/plain": "a"}
    assert collector.truncated


def test_the_state_of_widgets_has_a_limit() -> None:
    state = message("comm_open", comm_id="c", data={"state": {"value": "v"}})
    state.buffers = [b"x" * 2000]
    _, collector = collect(state, limit=1000)
    assert collector.widget_metadata() is None
    assert collector.truncated


@pytest.mark.parametrize(
    "json_text",
    ["9" * 5000, "[" * 5000 + "]" * 5000, "[" * 99999 + "]" * 99999],
)
def test_what_python_cannot_read_is_counted_and_dropped(
    json_text: str,
) -> None:
    raw = f'{{"data": {{"application/json": {json_text}}}}}'
    entry = Message("display_data", "", "", {}, raw.encode())
    outputs, collector = collect(entry, stream("next"))
    assert [o["text"] for o in outputs if o["name"] == "stdout"] == ["next"]
    assert collector.dropped == len(raw)


def test_the_tail_goes_on_beyond_the_limit() -> None:
    collector = collector_of(100, [1000])
    collector.start({})
    for text in ("begun\n", "x" * 200, "turn 1\n", "turn 2\n"):
        collector.add(stream(text))
    assert collector.tail.endswith("turn 1\nturn 2\n")
    assert collector.shown_tail().endswith("turn 1\nturn 2\n")
    collector.start({})
    assert collector.tail == ""


def test_the_runs_budget_is_shared() -> None:
    budget = [600]
    kept = []
    for _ in range(3):
        collector = collector_of(1 << 20, budget)
        collector.start({})
        collector.add(stream("x" * 400))
        collector.finish()
        kept.append(not collector.truncated)
    assert kept == [True, False, False]


def test_the_next_cell_may_put_out_again() -> None:
    collector = collector_of(1000, [1 << 30])
    collector.start({})
    collector.add(stream("x" * 5000))
    collector.finish()
    cell: dict[str, Any] = {}
    collector.start(cell)
    collector.add(stream("again"))
    collector.finish()
    assert cell["outputs"][0]["text"] == "again"
    assert not collector.truncated


@pytest.mark.parametrize("transient", [None, {}, {"display_id": None}])
def test_a_display_without_an_id(transient: Any) -> None:
    outputs, _ = collect(
        message("display_data", data={"a/b": "x"}, transient=transient)
    )
    assert outputs[0]["data"] == {"a/b": "x"}


def test_an_exception_is_cut_behind_its_secrets() -> None:
    long = "x" * 65_520 + SECRET
    outputs, collector = collect(
        message("error", ename="E", evalue=long, traceback=[long])
    )
    assert outputs[0]["evalue"] == outputs[0]["traceback"][0]
    assert outputs[0]["evalue"].endswith("x[secret]")
    error = collector.plain_error()
    assert error is not None
    assert error.traceback.endswith("x[secret]")


def test_no_half_of_a_secret_is_left_where_the_limit_cuts() -> None:
    outputs, collector = collect(
        stream("x" * 100 + " " + SECRET[:9]), stream(SECRET[9:]), limit=160
    )
    assert outputs[0]["text"] == "x" * 100 + " "
    assert collector.shown_tail() == "[secret]"


def test_the_tail_waits_for_the_rest_of_a_secret() -> None:
    collector = collector_of(1 << 20, [1 << 20])
    for text in ("a" * 5000, f"\nis {SECRET[:20]}"):
        collector.add(stream(text))
    shown = collector.shown_tail()
    assert len(shown) <= 2048
    assert shown.endswith("a\nis [secret]")
    collector.add(stream(f"{SECRET[20:]}."))
    assert collector.shown_tail().endswith("a\nis [secret].")


def test_messages_are_signed_and_checked() -> None:
    wire = Wire(key="secret", verify=True)
    message_id, frames = wire.pack("execute_request", {"code": "\ud800"})
    found = wire.unpack([b"topic", *frames])
    assert found is not None
    assert found.header["msg_id"] == message_id
    assert wire.unpack([*frames[:-1], b'{"code": "other"}']) is None
    assert Wire(key="other", verify=True).unpack(frames) is None


@pytest.mark.parametrize(
    "frames",
    [[], [b"x"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{}", b"{", b"", b""]],
)
def test_broken_messages_are_dropped(frames: list[bytes]) -> None:
    assert Wire(key="", verify=False).unpack(frames) is None
