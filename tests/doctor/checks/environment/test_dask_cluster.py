from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ...talking import closed_port, talking

if TYPE_CHECKING:
    from ...conftest import Lab

OURS = {"python": "3.13.2.final.0", "dask": "2026.8.0", "msgpack": "1.1"}


@pytest.fixture
def told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Look at a cluster that says what the test tells."""

    def look(found: dict[str, Any]) -> Any:
        monkeypatch.setattr(
            "rsp_health.doctor.checks.environment.dask_cluster._versions",
            lambda *_: found,
        )
        with talking(b"") as port:
            address = f"tcp://127.0.0.1:{port}"
            lab.variables["DASK_SCHEDULER_ADDRESS"] = address
            return lab.look("dask")

    return look


def test_the_same_versions_are_well(told: Any) -> None:
    other = OURS | {"python": "3.13.5.final.0"}

    found = told(
        {"client": OURS, "scheduler": OURS, "workers": {"tcp://w": other}}
    )

    assert found.state == "ok"
    assert "1 worker" in found.sentence


def test_other_versions_are_told(told: Any) -> None:
    other = OURS | {"msgpack": "0.6"}

    found = told(
        {"client": OURS, "scheduler": OURS, "workers": {"tcp://w": other}}
    )

    assert (found.state, found.whose) == ("attention", "your_environment")
    assert "msgpack 0.6 instead of 1.1" in found.sentence


def test_no_workers_is_told(told: Any) -> None:
    found = told({"client": OURS, "scheduler": OURS, "workers": {}})

    assert "no workers" in found.sentence


def test_one_that_does_not_say_is_not_known(told: Any) -> None:
    assert told({}).state == "cannot_tell"


@pytest.mark.parametrize(
    "address",
    [f"tcp://127.0.0.1:{closed_port()}", "tcp://:nonsense", "//"],
    # A port is another one in each worker of pytest; an id may not be.
    ids=["refused", "nonsense", "empty"],
)
def test_one_that_is_not_there_is_a_fault(lab: Lab, address: str) -> None:
    lab.variables["DASK_SCHEDULER_ADDRESS"] = address

    found = lab.look("dask")

    assert (found.state, found.whose) == ("fault", "your_environment")


def test_without_a_cluster_there_is_nothing_to_look_at(lab: Lab) -> None:
    assert lab.look("dask").state == "not_applicable"
