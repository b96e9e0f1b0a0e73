"""The disk of a file that an error names: full, read-only, somebody else's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.checks.lab import file_place
from rsp_health.doctor.checks.lab.identity import owner_in_words

if TYPE_CHECKING:
    from pathlib import Path

    from ...conftest import Lab


def test_it_is_asked_only_where_an_error_names_a_file(lab: Lab) -> None:
    for places in ((), ("relative.txt",), ("/a\0b",)):
        found = lab.look("file.place", places=places)

        assert found.state == "not_applicable"


def test_the_nearest_folder_is_told_with_its_owner(lab: Lab) -> None:
    folder = lab.home / "results"
    folder.mkdir(mode=0o755)

    found = lab.look("file.place", places=("~/results/no/such/out.fits",))

    assert found.state == "ok"
    assert found.sentence.startswith("~/results is on your home, which has ")
    assert owner_in_words(folder.stat()) in found.sentence
    assert "drwxr-xr-x, owned by " in found.sentence


def test_a_full_disk_is_told_apart_from_the_home(lab: Lab) -> None:
    (lab.home / "results").mkdir()

    found = lab.isolated(
        "file.place",
        'mount -t tmpfs -o size=1m none "$HOME/results"; '
        'dd if=/dev/zero of="$HOME/results/x" bs=4k 2>/dev/null || true',
        places=("~/results/table.parquet",),
    )

    assert found.state == "fault"
    assert found.sentence.startswith(
        "The disk of ~/results is full, on another volume than your home: "
        "0 bytes of 1.0 MB are left"
    )


def test_a_read_only_volume_is_told(lab: Lab) -> None:
    (lab.home / "results").mkdir()

    found = lab.isolated(
        "file.place",
        'mount -t tmpfs -o ro,size=9m none "$HOME/results"',
        places=("~/results/a.txt",),
    )

    assert (found.state, "its volume is read-only" in found.sentence) == (
        "attention",
        True,
    )


def test_a_folder_that_is_not_yours_is_told_with_its_mode(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = lab.home / "theirs"
    folder.mkdir(mode=0o555)
    # Root may write everywhere.
    monkeypatch.setattr(
        "rsp_health.doctor.checks.lab.file_place.os.access",
        lambda path, _: path != folder,
    )

    found = lab.look("file.place", places=(str(folder / "out.fits"),))

    assert found.state == "attention"
    assert found.sentence.startswith(
        "You may not write to ~/theirs: it is dr-"
    )


def test_of_several_the_worst_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(path: Path, home: Path) -> file_place._Place:
        if path.name == "hangs":
            raise TimeoutError
        return real(path, home)

    real = file_place._place
    monkeypatch.setattr(file_place, "_place", place)

    found = lab.look("file.place", places=("~/a.txt", "/x/hangs"))

    assert found.sentence == "The file server of /x/hangs does not answer."


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_what_is_no_folder_is_looked_at_by_its_folder(lab: Lab) -> None:
    found = lab.look("file.place", places=("/dev/full",))

    assert "/dev" in found.sentence
