from __future__ import annotations

from typing import TYPE_CHECKING

from rsp_health.doctor.bundle.summary import MOST, summary
from rsp_health.doctor.bundle.why import explain_run
from rsp_health.doctor.models import (
    Evidence,
    attention,
    fault,
    not_applicable,
    ok,
)
from rsp_health.doctor.report import make_report
from rsp_health.runner.models import RunDocument
from rsp_health.wire import utc_now

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
    assert "## Well, as far as each line says\n\n- ✓ token: Well." in text
    assert "(home.space; you can change it: this lab)" in text
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


def _timed_out() -> RunDocument:
    error = {"ename": "KeyboardInterrupt", "evalue": "", "traceback": ""}
    cell = {
        "index": 2,
        "id": "c2",
        "source_sha256": "",
        "state": "timed_out",
        "error": error,
    }
    return RunDocument.model_validate(
        {
            "run_id": "20261120T213341Z-3f9c",
            "state": "timed_out",
            "started_at": "2026-11-20T21:33:41Z",
            "notebooks": [
                {
                    "path": "a.ipynb",
                    "kernel": "python3",
                    "state": "timed_out",
                    "reason": "Cell 2 ran longer than 3 s.",
                    "cells": [cell],
                }
            ],
        }
    )


def test_what_is_seen_beside_a_failed_notebook_is_not_told_as_its_cause(
    lab: Lab,
) -> None:
    seen = Evidence(source="cgroup", value="3.9 of 4 cores")
    busy = attention("It is busy.", seen, whose="your_lab", next_step="Wait.")
    report = make_report([busy.model_copy(update={"check": "lab.cpu"})], None)
    run = _timed_out()
    why = explain_run(run, report, lab.context())

    text = summary(report, lab.context(), [run], why)

    head, _, rest = text.partition("## Failed notebooks")
    assert head.index("Notebooks failed.") < head.index("Seen beside it")
    assert "not known to be its cause: It is busy." in head
    assert "Wait." not in text
    assert rest.index("## Why they failed") < rest.index("## Seen beside it")
    assert "KeyboardInterrupt" not in text
    assert "- a.ipynb (python3): timed_out: Cell 2 ran longer" in text


def test_a_finding_that_shows_the_cause_is_told_with_it(lab: Lab) -> None:
    seen = Evidence(source="~/notebooks/.user_setups, line 2", value="exit 2")
    leaves = attention(
        "It ends on line 2.",
        seen,
        whose="your_environment",
        next_step="Take line 2 out.",
    ).model_copy(update={"check": "kernel.setups"})
    report = make_report([leaves], None)
    run = _ended_at_start()
    why = explain_run(run, report, lab.context())

    text = summary(report, lab.context(), [run], why)

    head, _, rest = text.partition("## Failed notebooks")
    assert head.startswith(
        "## What is wrong\n\nNotebooks failed. The kernel did not start. "
        "It ends on line 2.\n\nAdvised: Take line 2 out."
    )
    assert "not known to be its cause" not in head
    assert "Seen with it: It ends on line 2." in head
    assert "## Found" in rest
    assert "## Seen beside it" not in rest


def _ended_at_start() -> RunDocument:
    return RunDocument.model_validate(
        {
            "run_id": "20261120T213341Z-3f9c",
            "state": "error",
            "started_at": utc_now(),
            "finished_at": utc_now(),
            "notebooks": [
                {
                    "path": "a.ipynb",
                    "kernel": "lsst",
                    "state": "error",
                    "reason": "The kernel process exited with code 2.",
                }
            ],
        }
    )


def test_what_was_not_looked_at_is_told_with_the_reason(lab: Lab) -> None:
    seen = Evidence(source="statvfs", value="0 bytes are free")
    nowhere = not_applicable("No platform is known here.")
    report = make_report(
        [
            ok("Well.", seen).model_copy(update={"check": "home.space"}),
            nowhere.model_copy(update={"check": "net.path"}),
            nowhere.model_copy(update={"check": "token"}),
        ],
        None,
    )

    text = summary(report, lab.context(), [])

    told = text.partition("## Not looked at\n\n")[2]
    assert told.startswith(
        "- net.path, token: No platform is known here.\n"
        "- tap.jobs: only if you ask: rsp-health doctor tap.jobs\n"
    )


def test_an_error_without_words_has_no_colon(lab: Lab) -> None:
    run = _timed_out()
    run.notebooks[0].state = "failed"
    report = make_report([], None)

    text = summary(report, lab.context(), [run], None)

    assert "failed, cell 2: KeyboardInterrupt\n" in text
