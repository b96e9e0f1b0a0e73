"""A whole site on one page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rsp_health.cli.main import main
from rsp_health.cli.site.models import CheckLine
from rsp_health.cli.site.page import render
from rsp_health.cli.site.report import site_document
from rsp_health.runner.models import CellError, RunEnvironment
from rsp_health.sandbox.app import SandboxServer
from rsp_health.status.models import (
    DiscoveryStatus,
    PlatformVerdict,
    ServiceStatus,
    StatusDocument,
)
from rsp_health.wire import utc_now
from tests.faults.runner.cases import notebook
from tests.runner.timings.runs import book, make_run

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.cli.site.models import SiteDocument
    from rsp_health.runner.models import NotebookResult
    from rsp_health.status.models import ServiceState


def _row(name: str, state: ServiceState) -> ServiceStatus:
    return ServiceStatus(
        id=name,
        title=name.upper(),
        application=name,
        state=state,
        state_age_s=1.0,
        evidence="<b>says so</b>",
        age_s=1.0 if state in {"up", "down"} else None,
    )


def _report(
    *notebooks: NotebookResult,
    tap: ServiceState = "up",
    applications: frozenset[str] | None = frozenset({"tap", "sia", "argocd"}),
) -> SiteDocument:
    status = StatusDocument(
        instance="data.example.com",
        observed_at=utc_now(),
        discovery=DiscoveryStatus(state="fresh"),
        verdict=PlatformVerdict(
            state="well",
            word="all well",
            sentence="All well.",
            told="2 services are up.",
        ),
        services=[_row("tap", tap), _row("sia", "up")],
    )
    run = make_run(1, *notebooks) if notebooks else None
    return site_document(
        status,
        run,
        environment=RunEnvironment(image="r/lab:w_2026_45"),
        applications=applications,
    )


def _book(name: str, state: str = "passed") -> NotebookResult:
    found = book(1.0, path=f"{name}.ipynb", state=state)
    found.application = name
    return found


def test_what_is_deployed_without_a_check_is_named() -> None:
    report = _report(_book("tap"))
    assert report.well
    assert report.sentence == "2 services are up. 1 check passed."
    assert report.unchecked is not None
    assert [(x.application, x.probed) for x in report.unchecked] == [
        ("argocd", ""),
        ("sia", "up"),
    ]


def test_a_check_that_was_skipped_has_checked_nothing() -> None:
    skipped = _book("tap", "skipped")
    skipped.reason = "no dp1 here"
    report = _report(skipped, _book("sia"))
    assert [x.reason for x in report.checks] == [None, "no dp1 here"]
    assert report.unchecked is not None
    assert "tap" in [x.application for x in report.unchecked]


def test_what_is_wrong_comes_first_and_is_not_well() -> None:
    bad = _book("tap", "failed")
    bad.cells[0].error = CellError(ename="E", evalue="<i>", traceback="")
    report = _report(_book("sia"), bad)
    assert not report.well
    assert report.checks[0].error == "E: <i>"
    assert "1 of 2 checks did not pass" in report.sentence
    assert not _report(tap="down").well


@pytest.mark.parametrize(
    ("reason", "error", "why"),
    [
        ("Cell 1: KeyError: 'x'", "KeyError: 'x'", "Cell 1: KeyError: 'x'"),
        ("Cell 1 failed.", "KeyError: 'x'", "Cell 1 failed. KeyError: 'x'"),
        (None, "KeyError: 'x'", "KeyError: 'x'"),
        ("Excluded.", None, "Excluded."),
        (None, None, ""),
    ],
)
def test_an_error_is_told_once(
    reason: str | None, error: str | None, why: str
) -> None:
    line = CheckLine(
        notebook="a.ipynb",
        application="a",
        state="failed",
        reason=reason,
        duration_s=1.0,
        error=error,
    )
    assert line.why == why


def test_without_checks_it_is_said() -> None:
    report = _report(applications=None)
    assert report.well
    assert report.sentence.endswith("No checks were run.")
    assert report.unchecked is None


@pytest.mark.parametrize("applications", [None, frozenset({"tap"})])
def test_the_page_holds_no_markup_of_others(
    applications: frozenset[str] | None,
) -> None:
    bad = _book("tap", "failed")
    bad.reason = "<script>alert(1)</script>"
    page = render(_report(bad, applications=applications)).decode()
    assert "<script" not in page
    assert "<b>says" not in page
    assert "&lt;b&gt;says so" in page


def test_one_command_on_a_whole_site(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checks = tmp_path / "checks"
    checks.mkdir()
    (checks / "tap.ipynb").write_bytes(notebook("1"))
    page = tmp_path / "site.html"
    with SandboxServer() as sandbox:
        for name, value in sandbox.lab_environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(
                [
                    "site",
                    str(checks),
                    "--html",
                    str(page),
                    "--json",
                    "--root",
                    str(tmp_path),
                    "--data-dir",
                    str(tmp_path / "data"),
                ]
            )
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "rsp-health.site/1"
    assert [one["state"] for one in found["checks"]] == ["passed"]
    assert ended.value.code == (0 if found["well"] else 1)
    assert any(row["state"] == "up" for row in found["status"]["services"])
    names = [one["application"] for one in found["unchecked"]]
    assert "gafaelfawr" in names
    assert "Deployed without a check" in page.read_text()
