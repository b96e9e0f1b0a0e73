"""The quick half of the fault suite; all of it, often, is `make faults`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.runner.__main__ import problems, run_cases
from tests.faults.runner.cases import CASES, Case

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

QUICK = tuple(case for case in CASES if not case.slow)


@pytest.fixture(scope="module")
def outcome(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, Any], list[str]]:
    """All quick cases in one run: notebooks by path, and survivors."""
    scratch: Path = tmp_path_factory.mktemp("ends")
    return run_cases(scratch, QUICK, warm=True, jobs=6)


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.name)
def test_end_is_told_truthfully(
    case: Case, outcome: tuple[dict[str, Any], list[str]]
) -> None:
    found = outcome[0][case.name]
    assert problems(case, found) == []


def test_no_process_survives(
    outcome: tuple[dict[str, Any], list[str]],
) -> None:
    assert outcome[1] == []


def test_a_wrong_end_would_be_noticed(
    outcome: tuple[dict[str, Any], list[str]],
) -> None:
    case = next(case for case in QUICK if case.name == "raises")
    found = outcome[0]["raises"]
    for wrong in (
        replace(case, state="passed"),
        replace(case, cells=("passed",)),
        replace(case, reason="KeyError"),
    ):
        assert problems(wrong, found) != []


def test_suite_is_large_enough() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
