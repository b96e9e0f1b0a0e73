from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from ...conftest import Lab

DISK = 'mount -t tmpfs -o "$1" tmpfs "$HOME"; shift'


def test_a_home_with_room_is_well_and_stays_as_it_was(lab: Lab) -> None:
    found = lab.look("home.space")

    assert found.state == "ok"
    assert [e.value for e in found.evidence][1] == "1 MB could be written"
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


def test_after_an_abnormal_start_the_own_home_is_looked_at(
    lab: Lab, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    lab.variables["ABNORMAL_STARTUP"] = "TRUE"

    found = lab.look("home.space", account_home=own)

    assert found.state == "fault"
    assert found.evidence[0].source == f"statvfs {own}"
