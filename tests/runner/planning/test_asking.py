"""What a run must be asked for: left out of folders, refused by name."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from rsp_health.effects import BY_DEFAULT, Allowance
from rsp_health.runner.options import RunOptions
from rsp_health.runner.planning.asking import MustAskError, refuse_unasked
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.planning.plan import make_plan
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument
    from rsp_health.runner.planning.plan import RunPlan

ALL = Allowance(effects="hardware", load="heavy")


def call(*paths: Path, allowance: Allowance = BY_DEFAULT) -> RunCall:
    return RunCall(paths=paths, options=RunOptions(allowance=allowance))


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


def taken_by(plan: RunPlan) -> set[str]:
    return {x.relative.removesuffix(".ipynb") for x in plan.selected}


@pytest.mark.parametrize("everything", [False, True])
def test_a_run_takes_what_it_may(folder: Path, *, everything: bool) -> None:
    def taken(allowance: Allowance) -> set[str]:
        plan = make_plan([folder], everything=everything, allowance=allowance)
        left = [x for x in plan.notebooks if not x.selected]
        assert all("To run it: --" in str(x.reason) for x in left)
        return taken_by(plan)

    assert taken(Allowance()) == {"plain", "writer"}
    assert taken(Allowance(effects="passive")) == {"plain"}
    assert taken(Allowance(load="heavy")) == {"plain", "writer", "big"}
    assert taken(ALL) == {"plain", "writer", "big", "mover", "odd"}


def test_a_name_is_no_permission(folder: Path) -> None:
    plan = make_plan([folder / "mover.ipynb"])
    assert taken_by(plan) == set()
    assert taken_by(make_plan([folder / "mover.ipynb"], allowance=ALL)) == {
        "mover"
    }


def test_an_unknown_word_is_told(folder: Path) -> None:
    (problem,) = make_plan([folder]).problems
    assert problem.startswith("odd.ipynb: rsp_health.effects is not passive")


def test_who_can_be_asked_is_asked(folder: Path) -> None:
    paths = sorted(folder.glob("*.ipynb"))
    with pytest.raises(MustAskError) as caught:
        refuse_unasked(call(*paths))
    assert caught.value.needed == ALL
    assert caught.value.message == (
        "Is a heavy load: big.ipynb. "
        "Sends commands to hardware: mover.ipynb, odd.ipynb."
    )
    refuse_unasked(call(*paths, allowance=ALL))
    refuse_unasked(call(folder))


def test_the_question_names_all_that_the_answer_lets_run(
    folder: Path,
) -> None:
    beside = folder / "beside"
    beside.mkdir()
    for name in ("mover", "big", "plain"):
        shutil.copy(folder / f"{name}.ipynb", beside / f"{name}-2.ipynb")
    (beside / "mobu.yaml").write_text("exclude_dirs: [out]")
    (beside / "out").mkdir()
    shutil.copy(folder / "mover.ipynb", beside / "out" / "mover-3.ipynb")
    with pytest.raises(MustAskError) as caught:
        refuse_unasked(call(folder / "mover.ipynb", beside))
    assert caught.value.needed == Allowance(effects="hardware")
    assert caught.value.message == (
        "Sends commands to hardware: mover.ipynb, beside/mover-2.ipynb."
    )


def test_a_large_notebook_says_what_it_does_as_well(folder: Path) -> None:
    path = folder / "mover.ipynb"
    with path.open("ab") as file:
        file.write(b" " * (65 * 1024**2))
    with pytest.raises(MustAskError, match=r"hardware: mover\.ipynb"):
        refuse_unasked(call(path))


_CHANGES_ITSELF = """
import json, pathlib
path = pathlib.Path("n.ipynb")
content = json.loads(path.read_text())
content["metadata"]["rsp_health"] = {"effects": "hardware"}
path.write_text(json.dumps(content))
1 / 0
"""


def test_what_is_read_again_must_be_asked_for_again(
    tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(_CHANGES_ITSELF))
    (found,) = run(path, retries=1).notebooks
    assert found.state == "error"
    assert "It was changed: It sends commands to hardware." in str(
        found.reason
    )
    # And so is what the plan could not see.
    text = path.read_text().replace('"rsp_health"', '"rsp\\u005fhealth"')
    path.write_text(text)
    (found,) = run(path).notebooks
    assert found.state == "skipped"
    assert "To run it: --effects hardware" in str(found.reason)
