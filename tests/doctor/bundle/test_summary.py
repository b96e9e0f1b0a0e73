from __future__ import annotations

from typing import TYPE_CHECKING

from rsp_health.doctor.bundle.summary import MOST, summary
from rsp_health.doctor.bundle.why import explain_run
from rsp_health.doctor.models import Evidence, fault, ok
from rsp_health.doctor.report import make_report
from rsp_health.runner.models import RunDocument

if TYPE_CHECKING:
    from ..conftest import Lab


def test_it_says_what_is_wrong_and_what_was_ruled_out(lab: Lab) -> None:
    seen = Evidence(source="statvfs", value="0 bytes are free", age_s=12.0)
    broken = fault("It is full.", seen, whose="your_lab", next_step="Tidy.")
    lab.variables["IMAGE_DESCRIPTION"] = "Weekly 2026_45"
    report = make_report(
        [
            broken.model_copy(update={"check": "home.space"}),
            ok("Well.", seen).model_copy(update={"check": "token"}),
        ],
        "data.example.org",
    )

    text = summary(report, lab.context(), [])

    assert "It is full." in text
    assert "Advised: Tidy." in text
    assert "- statvfs: 0 bytes are free (12 s ago)" in text
    assert "## Ruled out\n\n- ✓ token: Well." in text
    assert "- image\\_description: Weekly 2026\\_45" in text or (
        "- image_description: Weekly 2026\\_45" in text
    )


def test_it_is_no_markup_and_fits_a_post(lab: Lab) -> None:
    seen = Evidence(source="<b>x</b>", value="*y* [z](http://e) " * 400)
    broken = fault("a\n# b", seen, whose="your_lab", next_step="c")
    report = make_report(
        [broken.model_copy(update={"check": "home.space"})] * 30, None
    )

    text = summary(report, lab.context(), [])

    assert len(text) <= MOST
    assert "<b>" not in text.replace("\\<b", "")
    assert "\n# b" not in text


def test_a_failed_notebook_is_what_is_wrong_where_the_lab_is_well(
    lab: Lab,
) -> None:
    seen = Evidence(source="statvfs", value="0 bytes are free")
    report = make_report(
        [ok("Well.", seen).model_copy(update={"check": "token"})], None
    )
    error = {"ename": "NameError", "evalue": "name 'x' is not defined"}
    run = RunDocument.model_validate(
        {
            "run_id": "20261120T213341Z-3f9c",
            "state": "failed",
            "started_at": "2026-11-20T21:33:41Z",
            "notebooks": [
                {
                    "path": "a.ipynb",
                    "kernel": "python3",
                    "state": "failed",
                    "cells": [
                        {
                            "index": 1,
                            "id": "c1",
                            "source_sha256": "",
                            "source": "",
                            "state": "failed",
                            "error": {**error, "traceback": ""},
                        }
                    ],
                },
                {"path": "b.ipynb", "state": "error", "reason": "No kernel."},
            ],
        }
    )
    why = explain_run(run, report, lab.context())

    text = summary(report, lab.context(), [run], why)

    first = text.splitlines()[2]
    assert first.startswith("Notebooks failed. ")
    assert "Nothing is named x" in first
    assert "- a.ipynb (python3): failed, cell 1: NameError" in text
    assert "- b.ipynb (no kernel): error: No kernel." in text
    assert "- stated: Nothing is named x" in text
