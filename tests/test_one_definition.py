"""Each name that others rely on is defined in one place, and used from there.

States are held by `tests/test_states.py`, events by `tests/server/test_events`;
commands, routes and settings are in the reference by `tests/test_docs.py`.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest
from click import Option

from rsp_health.cli.commands.run import command as run
from rsp_health.server.handlers import ROUTES
from rsp_health.settings import CELL_TIMEOUT_S, HealthTraits

ROOT = Path(__file__).parents[1]
FRONT_END = ROOT / "labextension/src"
SCHEMA = re.compile(r"rsp-health\.[a-z-]+/\d+")


def _own_files() -> list[Path]:
    return [
        path
        for path in FRONT_END.rglob("*.ts*")
        if not {"generated", "__tests__"} & set(path.parts)
    ]


def test_a_schema_s_name_is_defined_in_one_file() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "rsp_health").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = str(node.value) if isinstance(node, ast.Constant) else ""
            if SCHEMA.fullmatch(name):
                places[name].add(str(path.relative_to(ROOT)))
    assert len(places) > 20
    # What a pre-commit hook prints is made without pydantic.
    places["rsp-health.clean/1"].discard("rsp_health/cleaning/annotations.py")
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert twice == {}


def test_the_front_end_defines_no_name_of_the_wire() -> None:
    """It has types, states and events from the generated files."""
    wire = re.compile(rf"['\"](?:urn:rsp-health:|{SCHEMA.pattern})")
    found = [
        str(path.relative_to(ROOT))
        for path in _own_files()
        if wire.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("part", ["routes", "settings"])
def test_no_name_is_taken_twice(part: str) -> None:
    names = {
        "routes": [pattern for pattern, _ in ROUTES],
        "settings": list(HealthTraits.class_own_traits()),
    }[part]
    assert names
    assert len(set(names)) == len(names)


def test_the_front_end_asks_for_routes_that_exist() -> None:
    text = (FRONT_END / "api/api.ts").read_text(encoding="utf-8")
    asked = {
        re.sub(r"\$\{[^}]*\}.*", "x", found).partition("?")[0]
        for found in re.findall(r"_(?:get|post)\(\s*[`']([^`']+)", text)
    }
    assert len(asked) > 10
    patterns = [re.compile(pattern) for pattern, _ in ROUTES]
    for path in asked:
        assert any(
            pattern.match(f"/rsp-health/{path}") for pattern in patterns
        ), path


def test_a_day_and_a_time_are_written_in_one_way() -> None:
    written = "%Y-%m-%d %H:%M"
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "rsp_health").rglob("*.py")
        if written in path.read_text(encoding="utf-8")
    ]
    assert found == ["rsp_health/moments.py"]


def test_the_help_tells_the_limit_of_a_cell_that_holds() -> None:
    """It does not import the settings, which take longer than the help."""
    (option,) = [one for one in run.params if one.name == "cell_timeout"]
    assert isinstance(option, Option)
    assert f"else {CELL_TIMEOUT_S:g}]" in str(option.help)


def test_our_own_program_is_started_in_one_way() -> None:
    """By a list that begins ``python -m``, the user's modules would be ours."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "rsp_health").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.List | ast.Tuple)
        and "-m" in _words(node)
        and any(word.startswith("rsp_health") for word in _words(node))
    ]
    assert found == []


def _words(node: ast.List | ast.Tuple) -> list[str]:
    words = [getattr(word, "value", "") for word in node.elts]
    return [word for word in words if isinstance(word, str)]
