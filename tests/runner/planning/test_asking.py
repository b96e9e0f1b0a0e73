"""What a run must be asked for: left out of folders, refused by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rsp_health.effects import Allowance
from rsp_health.runner.planning.asking import MustAskError, refuse_unasked
from rsp_health.runner.planning.plan import make_plan
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.planning.plan import RunPlan

ALL = Allowance(effects="hardware", load="heavy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, own in (
        ("plain", None),
        ("writer", {"effects": "writes"}),
        ("mover", {"effects": "hardware"}),
        ("big", {"load": "heavy"}),
        ("odd", {"effects": "moves"}),
    ):
        content = json.loads(notebook("1"))
        if own is not None:
            content["metadata"]["rsp_health"] = own
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(content))
    return tmp_path


def run(plan: RunPlan) -> set[str]:
    return {x.relative.removesuffix(".ipynb") for x in plan.selected}


@pytest.mark.parametrize("everything", [False, True])
def test_a_run_takes_what_it_may(folder: Path, *, everything: bool) -> None:
    def taken(allowance: Allowance) -> set[str]:
        plan = make_plan([folder], everything=everything, allowance=allowance)
        left = [x for x in plan.notebooks if not x.selected]
        assert all(
            "a run must be asked for that." in str(x.reason) for x in left
        )
        return run(plan)

    assert taken(Allowance()) == {"plain", "writer"}
    assert taken(Allowance(effects="passive")) == {"plain"}
    assert taken(Allowance(load="heavy")) == {"plain", "writer", "big"}
    assert taken(ALL) == {"plain", "writer", "big", "mover", "odd"}


def test_a_name_is_no_permission(folder: Path) -> None:
    plan = make_plan([folder / "mover.ipynb"])
    assert run(plan) == set()
    assert run(make_plan([folder / "mover.ipynb"], allowance=ALL)) == {"mover"}


def test_an_unknown_word_is_told(folder: Path) -> None:
    (problem,) = make_plan([folder]).problems
    assert problem.startswith("odd.ipynb: rsp_health.effects is not passive")


def test_who_can_be_asked_is_asked(folder: Path) -> None:
    paths = sorted(folder.glob("*.ipynb"))
    with pytest.raises(MustAskError) as caught:
        refuse_unasked(paths, Allowance())
    assert caught.value.needed == ALL
    assert caught.value.message == (
        "big.ipynb: It is a heavy load; a run must be asked for that. "
        "mover.ipynb, odd.ipynb: It sends commands to hardware; a run must be "
        "asked for that."
    )
    refuse_unasked(paths, ALL)
    refuse_unasked([folder], Allowance())
