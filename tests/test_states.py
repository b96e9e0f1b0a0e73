"""Each state has one definition, and each place that shows it uses that."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from rsp_health import states
from rsp_health.doctor.models import State as FindingState
from rsp_health.runner.models import CellState, NotebookState, RunState
from rsp_health.status.models import PlatformVerdict, ServiceState

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("table", "known"),
    [
        (states.SERVICE_STATES, get_args(ServiceState)),
        (
            states.RUN_STATES,
            {
                *get_args(NotebookState),
                *get_args(CellState),
                *get_args(RunState),
            },
        ),
        (
            states.VERDICT_STATES,
            get_args(PlatformVerdict.model_fields["state"].annotation),
        ),
        (states.FINDING_STATES, get_args(FindingState)),
    ],
)
def test_every_state_of_the_wire_is_in_its_table(
    table: dict[str, states.Look], known: Any
) -> None:
    assert table.keys() == set(known)


def test_every_look_can_be_shown() -> None:
    for table in (
        states.SERVICE_STATES,
        states.RUN_STATES,
        states.VERDICT_STATES,
        states.FINDING_STATES,
    ):
        words = [look.word for look in table.values()]
        assert len(set(words)) == len(words)
        for look in table.values():
            assert look.sign
            assert look.style


def test_what_is_worst_is_also_a_problem() -> None:
    assert states.worst_of({"passed", "failed", "stopped"}, "skipped") == (
        "failed"
    )
    assert states.worst_of(set(), "skipped") == "skipped"
    assert states.is_problem("interrupted")
    assert not states.is_problem("stopped")


def test_no_other_place_orders_or_names_states() -> None:
    """A second list of states would drift from the first."""
    own = {ROOT / "rsp_health" / "states.py"}
    for path in (ROOT / "rsp_health").rglob("*.py"):
        if path in own or path.name == "models.py":
            continue
        text = path.read_text(encoding="utf-8")
        for word in ('"not probed"', '"not deployed"', '"timed out"'):
            assert word not in text, path
    for path in (ROOT / "labextension" / "src").rglob("*.ts*"):
        if "generated" in path.parts or "__tests__" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert "__('timed out')" not in text, path
        assert "__('not deployed')" not in text, path


def test_signs_are_characters_that_plain_fonts_have() -> None:
    """Pictures of watches are empty boxes on paper and two columns wide."""
    pictures = {*range(0x231A, 0x2400), *range(0x2600, 0x2700)}
    assert not {ord(x) for x in states.SIGNS.values()} & pictures
    assert all(ord(sign) < 0x1F000 for sign in states.SIGNS.values())
