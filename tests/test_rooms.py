"""The rooms of the house: none too full, and each tested in its own folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rsp_health"
#: Rooms with one small file for each entry of a registry.
REGISTRIES = {Path("cli/commands")}
#: What tests/ has beside the mirror of the package.
OWN = {"benchmarks", "faults", "support"}


def _rooms(folder: Path) -> list[Path]:
    return [
        folder,
        *(path.parent for path in sorted(folder.glob("*/**/__init__.py"))),
    ]


@pytest.mark.parametrize(
    "room", _rooms(PACKAGE), ids=lambda room: str(room.relative_to(ROOT))
)
def test_a_room_is_not_too_full(room: Path) -> None:
    modules = [path for path in room.glob("*.py") if path.stem != "__init__"]
    registry = room.relative_to(PACKAGE) in REGISTRIES
    assert len(modules) <= (20 if registry else 12)


def test_the_tests_mirror_the_rooms() -> None:
    tests = ROOT / "tests"
    folders = {
        path.parent.relative_to(tests)
        for path in tests.rglob("test_*.py")
        if path.relative_to(tests).parts[0] not in OWN
    }
    assert {f for f in folders if not (PACKAGE / f).is_dir()} == set()
    full = {
        f
        for f in folders - REGISTRIES
        if len(list((tests / f).glob("*.py"))) > 15
    }
    assert full == set()


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^ +(\w+)/ ", text, flags=re.MULTILINE))
    assert {room.name for room in _rooms(PACKAGE)[1:]} - named == set()
