"""What is seen of a cell's output while it runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from rsp_health.redaction import Redactor
from rsp_health.runner.execution.live import LiveTail
from rsp_health.runner.execution.outputs import OutputCollector
from rsp_health.runner.options import Limits
from rsp_health.runner.record.output_tail import plain_tail
from rsp_health.runner.record.run_document import read_document
from rsp_health.runner.record_lines import CellOutput
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument
    from rsp_health.runner.record_lines import RecordLine


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\n", "a\nb"),
        ("a\r\nb", "a\nb"),
        ("10 %\r50 %\r\x1b[32m100 %\x1b[0m\n", "100 %"),
        ("50 %\r", "50 %"),
        ("\x1b]0;title\x07a\x00\x08\x9bb\u2028c", "abc"),
        ("\tindented\n  too", "\tindented\n  too"),
        (
            "".join(f"{n}\n" for n in range(100)),
            "\n".join(map(str, range(80, 100))),
        ),
        ("\n\n", ""),
    ],
)
def test_a_tail_is_plain_text(text: str, shown: str) -> None:
    assert plain_tail(text) == shown


def test_what_a_silent_cell_said_before_is_seen(
    tmp_path: Path, run: Callable[..., RunDocument], data: Path
) -> None:
    gate = tmp_path / "seen"
    source = f"""
import os, time
print("\\x1b[1msubmitted\\x1b[0m job 7", flush=True)
while not os.path.exists({str(gate)!r}):
    time.sleep(0.02)
"""
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook("print('quick')", source))
    seen: list[tuple[str | None, ...]] = []

    def listen(line: RecordLine) -> None:
        if line.kind == "cell_output":
            (record,) = data.glob("runs/*/record.jsonl")
            document = read_document(record)
            assert document is not None
            cells = document.notebooks[0].cells
            seen.append(tuple(cell.output_tail for cell in cells))
            gate.touch()

    # Were it not seen, the cell would run into its limit.
    document = run(path, listener=listen, limits=Limits(cell_timeout_s=30.0))
    assert document.state == "passed"
    assert seen == [(None, "submitted job 7")]
    assert [c.output_tail for c in document.notebooks[0].cells] == [None, None]


def test_the_last_words_of_a_cut_off_cell_stay(
    tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    path = tmp_path / "a.ipynb"
    source = "print('at step 3', flush=True)\nimport time\ntime.sleep(600)"
    path.write_bytes(notebook(source))
    (cell,) = run(path, limits=Limits(cell_timeout_s=1.5)).notebooks[0].cells
    assert (cell.state, cell.output_tail) == ("timed_out", "at step 3")


def test_the_record_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    outputs = OutputCollector(
        cell_limit=1 << 30, budget=[1 << 30], redactor=Redactor()
    )
    shown: list[tuple[float, int]] = []

    def listen(line: RecordLine) -> None:
        assert isinstance(line, CellOutput)
        shown.append((now[0], len(line.text)))

    tail = LiveTail(
        "a.ipynb",
        outputs,
        listen,
    )
    tail.start()
    for second in range(20_000):
        now[0] = float(second)
        outputs._tail = f"{second:05}\n" * 340
        tail.show_if_due(1)
    times = [at for at, _ in shown]
    assert times[0] == 1.0
    assert sum(size for _, size in shown) < 260 * 1024
    assert max(size for _, size in shown) <= 2048
    # Half an hour in, it still moves.
    assert any(1500 < at < 1800 for at in times)
