"""What of the runs goes into a bundle, and what the list of files says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rsp_health.doctor.bundle import material as material_of
from rsp_health.doctor.bundle.material import Material, pieces
from rsp_health.doctor.report import make_report
from rsp_health.runner.models import RunDocument

if TYPE_CHECKING:
    import pytest

    from ..conftest import Lab


def _cell(index: int, state: str, **more: object) -> dict[str, object]:
    return {
        "index": index,
        "id": f"c{index}",
        "source_sha256": "",
        "source": f"line of {index}",
        "state": state,
        "output_tail": f"output of {index}",
        **more,
    }


def test_of_code_only_the_first_line_of_what_failed_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = {"ename": "KeyError", "evalue": "'a'", "traceback": "--> 1 code"}
    run = RunDocument.model_validate(
        {
            "run_id": "20261120T213341Z-3f9c",
            "state": "failed",
            "started_at": "2026-11-20T21:33:41Z",
            "notebooks": [
                {
                    "path": "a.ipynb",
                    "state": "failed",
                    "cells": [
                        _cell(1, "passed"),
                        _cell(2, "failed", error=error),
                        _cell(3, "not_run"),
                    ],
                },
                {
                    "path": "b.ipynb",
                    "state": "timed_out",
                    "cells": [_cell(1, "timed_out")],
                },
            ],
        }
    )
    monkeypatch.setattr(material_of, "_runs", lambda _: [run])
    found = Material(context=lab.context(), report=make_report([], None))

    (piece,) = [p for p in pieces(found) if p.name == "runs.json"]
    text = piece.make()

    cells = [
        cell["source"]
        for notebook in json.loads(text)[0]["notebooks"]
        for cell in notebook["cells"]
    ]
    assert cells == ["", "line of 2", "", "line of 1"]
    assert "output of" not in text
    assert "--> 1 code" not in text
    assert piece.about == (
        "the last runs of notebooks, with the first line of each cell that "
        "failed; no other code and no outputs"
    )
