"""How the platform was when a notebook failed is kept with the run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from rsp_health.redaction import Redactor
from rsp_health.runner.models import SeenServices
from rsp_health.runner.record.run_document import reduce_lines
from rsp_health.runner.record.services_seen import ServicesWitness
from rsp_health.runner.record.writer import RecordWriter, read_lines
from tests.support.record_lines import lines_of

if TYPE_CHECKING:
    from pathlib import Path

SEEN: dict[str, Any] = {
    "observed_at": "2026-11-20T21:33:41.123Z",
    "verdict": "service",
    "sentence": "TAP is down.",
    "next_step": "Wait.",
    "up": ["sia:dp1"],
    "troubled": [
        {
            "id": "tap",
            "title": "TAP",
            "application": "tap",
            "state": "down",
            "evidence": "no answer, asked with s3cr3t-of-the-lab",
        }
    ],
}
FIRST: dict[str, Any] = {
    "kind": "run_started",
    "at": "2026-11-20T21:33:00Z",
    "run_id": "20261120T213341Z-3f9c",
    "notebooks": [],
}


def record(path: Path, *secrets: str) -> RecordWriter:
    return RecordWriter(path, redactor=Redactor(secrets), heartbeat_s=0)


def test_what_was_seen_is_in_the_document_without_secrets(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r"
    writer = record(path, "s3cr3t-of-the-lab")
    seen = SeenServices(**SEEN)
    writer.write(*lines_of(FIRST))
    witness = ServicesWitness(lambda: seen, writer, patience_s=30)
    witness.look()
    witness.close()
    writer.close()

    assert b"s3cr3t" not in path.read_bytes()
    document = reduce_lines(read_lines(path)[0])
    assert document is not None
    (kept,) = document.services
    assert (kept.verdict, kept.up) == ("service", ["sia:dp1"])
    assert kept.troubled[0].state == "down"


def test_one_look_serves_failures_that_come_together(tmp_path: Path) -> None:
    looks: list[None] = []
    writer = record(tmp_path / "r")
    witness = ServicesWitness(
        lambda: looks.append(None), writer, patience_s=30
    )
    for _ in range(3):
        witness.look()
    witness.close()
    witness.look()
    writer.close()

    assert len(looks) == 1


def test_who_looks_too_long_or_fails_keeps_no_run(tmp_path: Path) -> None:
    forever = threading.Event()
    path = tmp_path / "r"
    writer = record(path)
    slow = ServicesWitness(
        lambda: SeenServices(**SEEN) if forever.wait(60) else None,
        writer,
        patience_s=0.01,
    )
    slow.look()
    slow.close()
    forever.set()
    thread = slow._thread
    assert thread is not None
    thread.join(60)

    def fail() -> SeenServices:
        raise RuntimeError

    failing = ServicesWitness(fail, writer, patience_s=30)
    failing.look()
    failing.close()
    writer.close()

    assert path.read_bytes() == b""


def test_a_line_of_another_version_is_taken_as_far_as_it_is_known() -> None:
    odd: list[Any] = [
        {**SEEN, "more": 1, "sentence": 7, "up": ["tap", 3]},
        {
            "observed_at": SEEN["observed_at"],
            "troubled": [None, {"id": "tap"}, SEEN["troubled"][0]],
        },
        "nothing",
        None,
    ]
    lines = [FIRST, *({"kind": "services_seen", "services": o} for o in odd)]

    document = reduce_lines(lines_of(*lines))

    assert document is not None
    assert [s.up for s in document.services] == [["tap"], []]
    assert [t.id for t in document.services[1].troubled] == ["tap"]


def test_a_record_without_them_says_that_nothing_is_known() -> None:
    document = reduce_lines(lines_of(FIRST))

    assert document is not None
    assert document.services == []
