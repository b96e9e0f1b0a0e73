"""The rooms of the house: none too full, and each tested in its own folder."""

from __future__ import annotations

import ast
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


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of its code: no docstring, no comment, nothing empty."""
    docstring = ast.get_docstring(function, clean=False) is not None
    body = function.body[1:] if docstring else function.body
    lines: set[int] = {function.lineno}
    for part in (function.args, *body):
        for node in ast.walk(part):
            if isinstance(node, ast.expr | ast.stmt | ast.arg):
                lines |= {node.lineno, node.end_lineno or node.lineno}
    return len(lines)


def test_no_function_is_too_long() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {node.name}": _lines(node)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: n for name, n in found.items() if n > 80} == {}


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
