from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.evidence import patience

if TYPE_CHECKING:
    from pathlib import Path

    from ...conftest import Lab

DISK = 'mount -t tmpfs -o "$1" tmpfs "$HOME"; shift'


def test_a_home_with_room_is_well_and_stays_as_it_was(lab: Lab) -> None:
    found = lab.look("home.space")

    assert found.state == "ok"
    written = found.evidence[1].value
    assert written.startswith("1 MB could be written, in ")
    assert list(lab.home.iterdir()) == []


def test_a_full_home_is_a_fault_that_names_what_fills_it(lab: Lab) -> None:
    fill = (
        DISK + '; mkdir "$HOME/old" "$HOME/.cache";'
        'head -c 200000 /dev/zero > "$HOME/.cache/x";'
        'cat /dev/zero > "$HOME/old/data" 2>/dev/null || true'
    )

    found = lab.isolated("home.space", fill, "size=4m")

    assert found.state == "fault"
    assert found.sentence == "Your home is full: nothing can be saved."
    assert found.whose == "your_environment"
    told = [(e.source, e.value) for e in found.evidence]
    assert ("writing 1 MB", "ENOSPC: no space left on device") in told
    assert (str(lab.home / "old"), "takes at least 4.0 MB") in told
    assert "~/.cache" in found.next_step


def test_a_home_without_inodes_is_full(lab: Lab) -> None:
    fill = DISK + (
        '; (for i in 1 2 3 4 5 6 7; do : > "$HOME/$i"; done)'
        " 2>/dev/null || true"
    )

    found = lab.isolated("home.space", fill, "size=100m,nr_inodes=5")

    assert found.state == "fault"
    assert "room for 0 files" in found.evidence[0].value


def test_a_read_only_home_is_the_platforms(lab: Lab) -> None:
    found = lab.isolated("home.space", DISK, "size=100m,ro")

    assert (found.state, found.whose) == ("fault", "platform")
    assert found.evidence[1].value == "EROFS: read-only file system"


@pytest.mark.parametrize(
    ("options", "state"),
    [("size=100m", "ok"), ("size=30m", "attention")],
)
def test_little_room_is_told_before_it_is_none(
    lab: Lab, options: str, state: str
) -> None:
    found = lab.isolated("home.space", DISK, options)

    assert found.state == state


def test_a_home_that_hangs_is_a_fault(lab: Lab) -> None:
    found = lab.isolated(
        "home.space",
        'python=$1; shift; set -- "$python" -m tests.doctor.stalled_mount'
        ' "$HOME" "$@"',
        sys.executable,
    )

    assert (found.state, found.whose) == ("fault", "platform")
    assert found.sentence == "The file server of your home does not answer."


@pytest.mark.parametrize(
    ("took", "of_it_at_work", "state"),
    [
        ([0.01], 0.0, "ok"),
        # Once may be chance; all but a little was spent in a queue for a core.
        ([0.7, 0.02], 0.0, "ok"),
        ([1.5], 0.98, "ok"),
        ([0.7, 0.8], 0.0, "attention"),
        ([1.2], 0.0, "attention"),
    ],
)
def test_a_slow_home_is_told(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    took: list[float],
    of_it_at_work: float,
    state: str,
) -> None:
    now, each = [0.0], iter(took)

    def write_slowly(_: int) -> None:
        now[0] += next(each)

    monkeypatch.setattr(os, "fsync", write_slowly)
    monkeypatch.setattr(patience, "monotonic", lambda: now[0])
    monkeypatch.setattr(patience, "_at_work_s", lambda: now[0] * of_it_at_work)

    found = lab.look("home.space")

    assert found.state == state
    assert (found.sentence.startswith("Your home is slow")) == (
        state == "attention"
    )
    assert next(each, None) is None


def test_after_an_abnormal_start_the_own_home_is_looked_at(
    lab: Lab, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    lab.variables["ABNORMAL_STARTUP"] = "TRUE"

    found = lab.look("home.space", account_home=own)

    assert found.state == "fault"
    assert found.evidence[0].source == f"statvfs {own}"
