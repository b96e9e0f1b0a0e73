"""What failed in a run, and what its executed copies add."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.doctor.explain.run_failures import failures_of
from rsp_health.errors import NotFoundError
from rsp_health.runner.models import RunDocument
from rsp_health.runner.timings.lookup import Timings

if TYPE_CHECKING:
    from pathlib import Path

NONE = Timings({})


def run(*notebooks: dict[str, Any]) -> RunDocument:
    return RunDocument.model_validate(
        {
            "run_id": "20261120T213341Z-3f9c",
            "state": "failed",
            "started_at": "2026-11-20T21:33:41Z",
            "notebooks": list(notebooks),
        }
    )


def cell(index: int, state: str, **more: Any) -> dict[str, Any]:
    return {
        "index": index,
        "id": f"c{index}",
        "source_sha256": "",
        "source": "first line",
        "state": state,
        **more,
    }


FAILED: dict[str, Any] = {
    "path": "a.ipynb",
    "state": "failed",
    "application": "tap",
    "executed_path": "a-executed.ipynb",
    "cells": [
        cell(1, "passed"),
        cell(
            2,
            "failed",
            started_at="2026-11-20T21:34:00Z",
            duration_s=2.0,
            error={"ename": "KeyError", "evalue": "'a'", "traceback": ""},
        ),
        cell(3, "not_run"),
    ],
}


def test_a_failure_is_of_the_cell_at_its_time(tmp_path: Path) -> None:
    passed = {
        "path": "b.ipynb",
        "state": "passed",
        "cells": [cell(1, "passed")],
    }

    (found,) = failures_of(
        run(passed, FAILED), root=tmp_path, home="/h", timings=NONE
    )

    assert (found.notebook, found.cell_index, found.cell_id) == (
        "a.ipynb",
        2,
        "c2",
    )
    assert found.source == "first line"
    assert found.application == "tap"
    assert found.at is not None
    assert found.at.isoformat() == "2026-11-20T21:34:02+00:00"


def test_the_executed_copy_knows_the_source_and_the_kernel(
    tmp_path: Path,
) -> None:
    code: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": f"whole source of {n}",
        }
        for n in (1, 2, 3)
    ]
    (tmp_path / "a-executed.ipynb").write_text(
        json.dumps(
            {
                "cells": code,
                "metadata": {"kernelspec": {"name": "lsst"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )

    (found,) = failures_of(run(FAILED), root=tmp_path, home="/h", timings=NONE)

    assert (found.source, found.kernel) == ("whole source of 2", "lsst")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", None])
def test_a_copy_that_is_none_is_left_out(
    tmp_path: Path, content: bytes | None
) -> None:
    copy = tmp_path / "a-executed.ipynb"
    if content is None:
        copy.mkdir()
    else:
        copy.write_bytes(content)

    (found,) = failures_of(run(FAILED), root=tmp_path, home="/h", timings=NONE)

    assert found.source == "first line"


def test_a_notebook_without_a_cell_has_its_reason(tmp_path: Path) -> None:
    broken = {
        "path": "c.ipynb",
        "state": "error",
        "reason": "There is no kernel named 'x' here.",
    }

    (found,) = failures_of(run(broken), root=tmp_path, home="/h", timings=NONE)

    assert found.sentence == "There is no kernel named 'x' here."


@pytest.mark.parametrize(
    ("notebook", "index", "code"),
    [("no.ipynb", None, "no_such_notebook"), ("a.ipynb", 9, "no_such_cell")],
)
def test_what_the_run_does_not_have_is_told(
    tmp_path: Path, notebook: str, index: int | None, code: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        failures_of(
            run(FAILED),
            root=tmp_path,
            home="/h",
            timings=NONE,
            notebook=notebook,
            cell_index=index,
        )

    assert caught.value.code == code


def test_the_most_memory_of_its_kernel_is_known(tmp_path: Path) -> None:
    cells = [
        cell(1, "passed", peak_memory_bytes=300),
        cell(2, "failed", peak_memory_bytes=None),
    ]
    document = run({"path": "a.ipynb", "state": "failed", "cells": cells})
    document.environment.memory_limit_bytes = 1000

    (found,) = failures_of(document, root=tmp_path, home="/h", timings=NONE)

    assert (found.peak_bytes, found.memory_bytes) == (300, 1000)
    assert found.is_small
