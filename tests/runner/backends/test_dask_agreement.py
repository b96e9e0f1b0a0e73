from __future__ import annotations

import pytest

from rsp_health.errors import EnvironmentFailureError
from rsp_health.runner.backends.dask_agreement import (
    WorkerView,
    agreement,
    differences,
)

OURS = {
    "python": "3.13.2.final.0",
    "rsp_health": "1.0",
    "dask": "2026.8.0",
}
NOTEBOOKS = {"/home/a.ipynb": "1", "/home/b.ipynb": "2"}
WELL = WorkerView(versions=OURS, seen=["1", "2"])


def test_a_cluster_that_fits_has_nothing_to_tell() -> None:
    found = agreement(
        OURS, OURS, {"tcp://a": WELL, "tcp://b": WELL}, NOTEBOOKS
    )

    assert (found.problems, found.workers) == ([], {})


def test_other_versions_are_told_once_for_all_that_differ_alike() -> None:
    other = WorkerView(versions=OURS | {"dask": "2025.1.0"}, seen=["1", "2"])

    found = agreement(
        OURS,
        OURS | {"python": "3.12.1.final.0"},
        {"tcp://a": other, "tcp://b": WELL, "tcp://c": other},
        NOTEBOOKS,
    )

    assert found.problems == [
        "The Dask scheduler has python 3.12 instead of 3.13 here.",
        (
            "The Dask worker tcp://a and 1 more: dask 2025.1.0 instead of "
            "2026.8.0 here."
        ),
    ]
    assert found.workers == {}


def test_a_notebook_goes_to_the_workers_that_see_it() -> None:
    found = agreement(
        OURS,
        OURS,
        {
            "tcp://a": WELL,
            "tcp://b": WorkerView(versions=OURS, seen=[None, "other"]),
            "tcp://c": WorkerView(versions=OURS, seen=["1", None]),
        },
        NOTEBOOKS,
    )

    assert found.workers == {
        "/home/a.ipynb": ["tcp://a", "tcp://c"],
        "/home/b.ipynb": ["tcp://a"],
    }
    assert found.problems == [
        "The Dask worker tcp://b does not see /home/a.ipynb.",
        "The Dask worker tcp://b sees another file at /home/b.ipynb.",
        "The Dask worker tcp://c does not see /home/b.ipynb.",
    ]


def test_a_worker_that_was_too_slow_is_told_and_used() -> None:
    found = agreement(
        OURS, OURS, {"tcp://a": WELL, "tcp://b": WorkerView()}, NOTEBOOKS
    )

    assert found.workers == {}
    (told,) = found.problems
    assert told == (
        "The Dask worker tcp://b did not say in time whether it sees the "
        "notebooks."
    )


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (
            WorkerView(problem="does not have rsp-health."),
            "tcp://a does not have rsp-health.",
        ),
        (
            WorkerView(seen=[None, None]),
            "tcp://a does not see /home/a.ipynb and 1 more.",
        ),
        (
            WorkerView(seen=["3", "4"]),
            "tcp://a sees another file at /home/a.ipynb and 1 more.",
        ),
    ],
    ids=["bare", "blind", "elsewhere"],
)
def test_no_worker_at_all_is_told_before_the_run(
    view: WorkerView, why: str
) -> None:
    with pytest.raises(EnvironmentFailureError) as error:
        agreement(OURS, OURS, {"tcp://a": view}, NOTEBOOKS)

    assert error.value.message == (
        f"No Dask worker can run these notebooks. The Dask worker {why}"
    )


def test_a_cluster_without_workers_is_told_and_waited_for() -> None:
    (told,) = agreement(OURS, OURS, {}, NOTEBOOKS).problems

    assert "has no workers: the notebooks wait for one" in told


def test_many_that_do_not_fit_are_told_shortly() -> None:
    blind = {
        f"tcp://{number}": WorkerView(seen=[None, None]) for number in range(9)
    }

    found = agreement(OURS, OURS, {"tcp://a": WELL, **blind}, NOTEBOOKS)

    assert len(found.problems) == 4
    assert found.problems[-1] == (
        "Further Dask workers see other files as well (6)."
    )


def test_what_one_side_does_not_tell_is_not_compared() -> None:
    assert differences(OURS, {"dask": "2026.8.0"}) == ""
    assert differences({}, OURS) == ""
