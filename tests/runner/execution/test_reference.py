"""Our executed copies equal nbclient's, on ordinary notebooks of all kinds.

What nbclient makes of them is recorded in ``reference.json``, because a peer
that loses a message under load says nothing of us. To record it again:
``python -m tests.runner.record_reference``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.runner.ordinary import NOTEBOOKS
from tests.runner.reference import RECORDED, normal

if TYPE_CHECKING:
    from rsp_health.runner.models import RunDocument

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pairs(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Both executed copies of each notebook: nbclient's, and ours."""
    from rsp_health.platform.environment import LabEnvironment
    from rsp_health.runner.options import RunOptions
    from rsp_health.runner.planning.call import RunCall
    from rsp_health.runner.planning.plan import make_plan
    from rsp_health.runner.run_here import run_here

    scratch = tmp_path_factory.mktemp("reference")
    (scratch / "ours").mkdir()
    for name, data in NOTEBOOKS.items():
        (scratch / "ours" / f"{name}.ipynb").write_bytes(data)
    theirs = json.loads(RECORDED.read_text())["notebooks"]
    document: RunDocument = run_here(
        make_plan([scratch / "ours"]),
        RunCall(paths=(scratch / "ours",), options=RunOptions(jobs=2)),
        data_dir=scratch / "data",
        root=scratch,
        environment=LabEnvironment.from_process(),
    )
    ours = {}
    for entry in document.notebooks:
        assert entry.executed_path is not None, entry.reason
        text = (scratch / entry.executed_path).read_text()
        ours[entry.path.removesuffix(".ipynb")] = json.loads(text)
    assert theirs.keys() == NOTEBOOKS.keys(), "record the reference again"
    return {name: (theirs[name], ours[name]) for name in NOTEBOOKS}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(NOTEBOOKS))
def test_executed_copy_equals_nbclients(
    name: str, pairs: dict[str, tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    theirs, ours = pairs[name]
    assert normal(ours) == theirs


def test_there_are_enough_notebooks() -> None:
    assert len(NOTEBOOKS) >= 30
