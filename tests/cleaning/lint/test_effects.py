"""What a notebook says that it does, and cells that do more."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest

from rsp_health.cleaning.lint.notebook import lint_notebook


def found(source: str, own: Any = None) -> list[tuple[str, str, int]]:
    cell = nbformat.v4.new_code_cell(source, id="one")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    if own is not None:
        notebook.metadata["rsp_health"] = own
    data = nbformat.writes(notebook).encode()
    return [
        (finding.rule, finding.level, finding.line)
        for finding in lint_notebook("n.ipynb", data)
    ]


COMMANDS = [
    "await remote.cmd_enable.set_start(timeout=5)",
    "await mtmount . cmd_moveToTarget.start()",
    "x = 1\nawait salobj.set_summary_state(remote, State.ENABLED)",
    "await atcs.slew_icrs(ra=1, dec=2)",
    "await mtcs.point_azel(az=0, el=80)",
    "await latiss.take_bias(1)",
    "from lsst.ts.standardscripts.auxtel import LatissTakeFlats",
]


@pytest.mark.parametrize("source", COMMANDS)
@pytest.mark.parametrize(
    "own", [None, {"effects": "passive"}, {"load": "heavy"}]
)
def test_a_command_to_hardware_is_told(source: str, own: Any) -> None:
    ((rule, level, line),) = found(source, own)
    assert (rule, level) == ("hardware-command", "warning")
    assert line > 1


@pytest.mark.parametrize("source", COMMANDS)
def test_who_says_so_is_not_warned(source: str) -> None:
    assert found(source, {"effects": "hardware"}) == []


@pytest.mark.parametrize(
    "source",
    [
        "# await remote.cmd_enable.set_start()",
        "remote.evt_summaryState.get()",
        "tel = await remote.tel_position.next(flush=True)",
        "from lsst.ts import salobj",
        "start(); cmd = 'ls'; take_bias = 3",
        "%%bash\nls # .cmd_x",
    ],
)
def test_looking_is_no_command(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    ("own", "taken"),
    [
        ({"effects": "harware"}, "hardware"),
        ({"effects": None}, "hardware"),
        ({"load": ["heavy"]}, "heavy"),
    ],
)
def test_a_word_that_is_not_known(own: Any, taken: str) -> None:
    cell = nbformat.v4.new_code_cell("1", id="one")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["rsp_health"] = own
    data = json.dumps(notebook, indent=1).encode()
    (finding,) = lint_notebook("n.ipynb", data)
    assert (finding.rule, finding.level) == ("effects-unknown", "error")
    assert finding.message.endswith(f"taken for {taken}")
    line = data.decode().splitlines()[finding.line - 1]
    assert "rsp_health" in line
