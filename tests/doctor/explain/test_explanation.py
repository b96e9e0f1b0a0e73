"""Which cause is told of which failure, and how surely."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.doctor.explain.explanation import Explainer
from rsp_health.doctor.explain.failure import Failure, read_failure
from rsp_health.doctor.models import Evidence, Finding, Whose
from rsp_health.runner.models import SeenService, SeenServices
from rsp_health.wire import utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rsp_health.doctor.explain.models import Cause, ExplanationReport

HOST = "data.example.com"
TAP = f"https://{HOST}/api/tap"
HEALTHY = {"state": "ok"}
SICK = {"state": "fault", "whose": "your_lab", "next_step": "Do it."}


def failure(text: str = "", **known: Any) -> Failure:
    """An error in one line, as its last one reads; a minute old."""
    ename, _, evalue = text.partition(": ")
    options: dict[str, Any] = {
        "ename": ename,
        "evalue": evalue,
        "traceback": f"Cell In[1], line 1\n----> 1 x()\n\n{text}\n",
        "at": utc_now() - timedelta(seconds=60),
        "kernel": "lsst",
        "notebook": "a.ipynb",
    }
    return read_failure(**(options | known))


def seen(*troubled: tuple[str, str], **more: Any) -> SeenServices:
    """The platform a minute ago: what is named was in that state."""
    options: dict[str, Any] = {
        "observed_at": utc_now() - timedelta(seconds=50),
        "verdict": "service" if troubled else "well",
        "up": [] if troubled else ["tap", "sia:dp1", "butler"],
        "troubled": [
            SeenService(
                id=id,
                title=id.upper(),
                application=id,
                state=state,
                evidence="as was seen",
                source=f"https://{HOST}/api/{id}/availability",
            )
            for id, state in troubled
        ],
    }
    return SeenServices(**(options | more))


def explain(
    *failures: Failure,
    services: Iterable[SeenServices] = (),
    findings: dict[str, dict[str, Any]] | None = None,
    repository: Path | None = None,
    secrets: Iterable[str] = (),
) -> ExplanationReport:
    def look(ids: list[str]) -> list[Finding]:
        return [
            Finding(
                check=id,
                title=id,
                sentence="So it is.",
                evidence=[Evidence(source="x", value="y")],
                **(findings or {})[id],
            )
            for id in ids
            if id in (findings or {})
        ]

    explainer = Explainer(platform=HOST, folders=[repository], secrets=secrets)
    return explainer.explain(failures, look=look, services=list(services))


def first(report: ExplanationReport) -> Cause:
    (explanation,) = report.explanations
    return explanation.causes[0]


CODE: Whose = "your_code"
LAB: Whose = "your_lab"
ENVIRONMENT: Whose = "your_environment"


@pytest.mark.parametrize(
    ("found", "rule", "whose"),
    [
        (
            failure(
                "ModuleNotFoundError: No module named 'lsst'", kernel="python3"
            ),
            "kernel.not_lsst",
            ENVIRONMENT,
        ),
        (
            failure("ModuleNotFoundError: No module named 'lsst.foo'"),
            "stack.package",
            ENVIRONMENT,
        ),
        (
            failure("ModuleNotFoundError: No module named 'sncosmo'"),
            "package.missing",
            ENVIRONMENT,
        ),
        (
            failure("OSError: [Errno 28] No space left on device: '/x'"),
            "disk.full",
            LAB,
        ),
        (
            failure("OSError: [Errno 122] Disk quota exceeded"),
            "disk.quota",
            LAB,
        ),
        (
            failure("OSError: [Errno 30] Read-only file system: '/x'"),
            "disk.read_only",
            LAB,
        ),
        (
            failure("PermissionError: [Errno 13] Permission denied: '/x'"),
            "file.denied",
            ENVIRONMENT,
        ),
        (
            failure("MemoryError: Unable to allocate 80.0 GiB for an array"),
            "memory.refused",
            LAB,
        ),
        (
            failure(
                reason="The kernel was killed by signal 9 (SIGKILL): the lab "
                "ran out of memory.",
                state="died",
            ),
            "memory.killed",
            LAB,
        ),
        (
            failure(
                reason="The kernel was killed by signal 11 (SIGSEGV).",
                state="died",
            ),
            "kernel.crashed",
            ENVIRONMENT,
        ),
        (
            failure(
                reason="Cell 3 called exit(): the kernel ended with 2 code "
                "cells left to run.",
                state="died",
            ),
            "kernel.exit_called",
            CODE,
        ),
        (
            failure(
                reason="There is no kernel named 'lsst-old' here.",
                state="error",
            ),
            "kernel.unknown",
            ENVIRONMENT,
        ),
        (
            failure("DALRateLimitError: 429 Too Many Requests for " + TAP),
            "quota.rate",
            CODE,
        ),
        (failure("TokenNotAvailableError: no"), "token.not_available", LAB),
        (
            failure("UnknownDatasetError: dp9 is not present in this env."),
            "dataset.unknown",
            CODE,
        ),
        (
            failure("lsst.daf.butler.MissingDatasetTypeError: visit_image"),
            "butler.dataset",
            CODE,
        ),
        (
            failure("FileNotFoundError: Failed to load Butler config: dp02"),
            "butler.repository",
            CODE,
        ),
        (
            failure("DALQueryError: Unknown column 'ra2'"),
            "tap.query",
            CODE,
        ),
        (failure("NameError: name 'df' is not defined"), "code.name", CODE),
        (
            failure(
                "UnitConversionError: 'deg' (angle) and 'm' (length) are not "
                "convertible"
            ),
            "code.units",
            CODE,
        ),
        (
            failure("SyntaxError: invalid syntax (1.py, line 1)"),
            "code.syntax",
            CODE,
        ),
        (
            failure("_IncompleteInputError: incomplete input (1.py, line 1)"),
            "code.syntax",
            CODE,
        ),
        (
            failure("OSError: Timed out trying to connect to tcp://x:8786"),
            "dask.unreachable",
            LAB,
        ),
        (failure("KeyboardInterrupt"), "code.interrupted", CODE),
        (
            failure(reason="It is no JSON.", state="invalid"),
            "code.invalid",
            CODE,
        ),
    ],
)
def test_what_proves_itself_is_stated(
    found: Failure, rule: str, whose: Whose
) -> None:
    cause = first(explain(found))

    assert (cause.rule, cause.certainty) == (rule, "stated")
    assert cause.whose == whose
    assert cause.evidence
    assert "{" not in cause.sentence + cause.next_step


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (failure("KeyError: 'ra'"), "code.key"),
        (failure("AssertionError"), "code.assertion"),
        (failure("TypeError: f() takes 1 argument"), "code.value"),
        (failure("AttributeError: 'Table' has no 'x'"), "code.attribute"),
        (failure("PapermillExecutionError: cell 3"), "code.papermill"),
        (failure("FileNotFoundError: [Errno 2] 'a.csv'"), "file.missing"),
        (
            failure("KilledWorker: Attempted to run task x 3 times"),
            "dask.worker_killed",
        ),
        (failure("HTTPError: HTTP Error 502: Bad Gateway"), "service.down"),
        (
            failure(
                reason="The kernel was killed by signal 9 (SIGKILL), "
                "probably for lack of memory.",
                state="died",
            ),
            "memory.perhaps",
        ),
        (
            failure("ImportError: numpy.core.multiarray failed to import"),
            "package.abi",
        ),
        (
            failure("ConnectError: [Errno -2] Name or service not known"),
            "name.resolution",
        ),
        (
            failure("sqlite3.OperationalError: database is locked"),
            "history.locked",
        ),
    ],
)
def test_what_nothing_confirms_is_only_possible(
    found: Failure, rule: str
) -> None:
    (explanation,) = explain(found).explanations

    assert rule in {c.rule for c in explanation.causes}
    assert {c.certainty for c in explanation.causes} == {"possible"}


#: As pyvo 1.9.1 wrote them, against the sandbox.
PYVO = {
    "login page": "DALFormatError: E19: None:2:0: E19: File does not appear "
    "to be a VOTABLE",
    "token": "DALServiceError: 401 Client Error: Unauthorized for url: "
    f"{TAP}/sync",
    "cut": "DALFormatError: ConnectionError: ('Connection aborted.', "
    "RemoteDisconnected('Remote end closed connection without response'))",
    "outage": "DALServiceError: 503 Server Error: Service Unavailable for "
    f"url: {TAP}/sync",
    "quota": f"DALRateLimitError: Rate limit exceeded (HTTP 429) for {TAP}/"
    "sync. Retry after 59 seconds (at Sun, 22 Nov 2026 04:39:05 GMT)",
}
SOURCE = 'service = get_tap_service("tap"); service.search("x")'


@pytest.mark.parametrize(
    ("error", "services", "findings", "rule"),
    [
        ("login page", seen(), {"token": SICK}, "login.page"),
        ("token", seen(), {"token": SICK}, "token.rejected"),
        ("cut", seen(), {"net.path": SICK}, "connection.cut"),
        ("outage", seen(("tap", "down")), {}, "service.down"),
        ("outage", seen(("tap", "maintenance")), {}, "service.maintenance"),
        ("quota", seen(), {}, "quota.rate"),
    ],
)
def test_pyvo_s_look_alikes_are_told_apart(
    error: str,
    services: SeenServices,
    findings: dict[str, dict[str, Any]],
    rule: str,
) -> None:
    found = failure(PYVO[error], source=SOURCE)

    cause = first(explain(found, services=[services], findings=findings))

    assert (cause.rule, cause.certainty) == (rule, "stated")
    assert cause.evidence


def test_a_cut_connection_is_no_job_that_was_aborted() -> None:
    (told,) = explain(failure(PYVO["cut"], source=SOURCE)).explanations

    assert "uws.job" not in {c.rule for c in told.causes}


def test_what_was_refuted_stays_and_comes_last() -> None:
    found = failure(PYVO["outage"], source=SOURCE)

    (explanation,) = explain(found, services=[seen()]).explanations

    by_rule = {c.rule: c.certainty for c in explanation.causes}
    assert by_rule["service.down"] == "refuted"
    assert explanation.causes[0].certainty == "possible"
    assert explanation.causes[-1].certainty == "refuted"


def test_what_is_so_now_says_nothing_of_then() -> None:
    old = failure(PYVO["login page"], at=utc_now() - timedelta(hours=3))

    cause = first(explain(old, findings={"token": SICK}, services=[seen()]))

    assert (cause.rule, cause.certainty) == ("login.page", "possible")
    assert any("not known" in why for why in cause.undecided)


def test_without_a_time_nothing_is_confirmed_by_a_look_now() -> None:
    found = failure(PYVO["outage"], at=None)

    causes = (
        explain(found, services=[seen(("tap", "down"))]).explanations[0].causes
    )

    assert {c.certainty for c in causes} == {"possible"}


def test_of_several_looks_the_nearest_counts() -> None:
    found = failure(PYVO["outage"])
    later = seen(observed_at=utc_now() + timedelta(minutes=9))

    cause = first(explain(found, services=[later, seen(("tap", "down"))]))

    assert (cause.rule, cause.certainty) == ("service.down", "stated")


def test_another_service_in_trouble_confirms_nothing() -> None:
    found = failure(PYVO["outage"], source=SOURCE)

    (explanation,) = explain(
        found, services=[seen(("butler", "down"))]
    ).explanations

    assert {c.certainty for c in explanation.causes} == {"possible"}


def test_a_shadow_in_the_frames_is_confirmed_by_its_check() -> None:
    found = failure(
        traceback="Cell In[1], line 1\nFile ~/.local/lib/python3.13/"
        "site-packages/astropy/x.py:3, in <module>\n"
        "ImportError: cannot import name 'y' from 'numpy'\n",
        ename="ImportError",
        evalue="cannot import name 'y' from 'numpy'",
    )

    sick = explain(found, findings={"python.shadow": SICK})
    well = explain(found, findings={"python.shadow": HEALTHY})

    assert first(sick).rule == "package.shadowed"
    assert first(sick).certainty == "stated"
    refuted = {c.rule: c.certainty for c in well.explanations[0].causes}[
        "package.shadowed"
    ]
    assert refuted == "refuted"


def test_one_cause_of_many_is_told_once() -> None:
    many = [
        failure(
            f"ModuleNotFoundError: No module named 'lsst.{name}'",
            kernel="python3",
            notebook=f"{name}.ipynb",
        )
        for name in ("rsp", "geom", "daf", "afw")
    ]
    other = failure("KeyError: 'ra'", notebook="own.ipynb")

    report = explain(other, *many)

    assert [len(e.failures) for e in report.explanations] == [4, 1]
    assert report.sentence.startswith(
        "4 of 5 failures are one: The notebook was run "
    )


def test_the_datasets_that_are_here_are_told_beside_one_that_is_not() -> None:
    unknown = failure("UnknownDatasetError: dp9 is not present in this env.")

    cause = first(explain(unknown, findings={"data": HEALTHY}))

    assert "data" in [e.source for e in cause.evidence]


@pytest.mark.parametrize("setups", [SICK, HEALTHY])
def test_a_kernel_that_did_not_start_is_told_with_what_shows_why(
    setups: dict[str, Any],
) -> None:
    ended = failure(
        reason="The kernel process exited with code 2.", state="error"
    )

    report = explain(ended, findings={"kernel.setups": setups})

    cause = first(report)
    assert cause.rule == "kernel.no_start"
    told = " So it is." if setups is SICK else ""
    assert cause.sentence == f"The kernel did not start.{told}"
    assert cause.next_step.startswith("Do it. " if told else "Look at ")


def test_a_check_knows_better_whose_a_cut_connection_is() -> None:
    cut = failure("ConnectionResetError: [Errno 104] Connection reset by peer")
    broken = {**SICK, "whose": "platform"}

    cause = first(explain(cut, findings={"net.path": broken}))

    assert (cause.rule, cause.certainty) == ("connection.cut", "stated")
    assert cause.whose == "platform"
    assert first(explain(cut)).whose == "network"


def test_a_cause_that_is_certain_is_told_before_one_that_is_possible() -> None:
    own = failure("AssertionError: wrong", notebook="own.ipynb")
    outage = failure(
        f"DALServiceError: 503 Server Error for url: {TAP}/sync",
        notebook="tap.ipynb",
    )

    report = explain(own, outage, services=[seen(("tap", "down"))])

    first, second = report.explanations
    assert first.causes[0].certainty == "stated"
    assert second.causes[0].certainty == "possible"
    assert "TAP did not work" in report.sentence


def test_the_same_unknown_error_is_told_once() -> None:
    report = explain(
        *(
            failure(
                f"OddThing: at 0x{n:x}",
                traceback="File /x/y.py:1, in f\n",
                notebook=f"{n}.ipynb",
            )
            for n in range(3)
        )
    )

    (explanation,) = report.explanations
    assert explanation.causes == []
    assert explanation.advice.startswith("No rule knows this error.")


def test_nothing_is_told_of_nothing() -> None:
    report = explain()

    assert (report.sentence, report.explanations) == ("Nothing failed.", [])


def test_a_repository_knows_its_notebooks_better(tmp_path: Path) -> None:
    folder = tmp_path / "troubleshooting"
    folder.mkdir()
    (folder / "own.toml").write_text(
        """
[[rule]]
id = "own.flats"
rank = "code"
whose = "your_code"
hypothesis = "There are no flats of {night}."
next_step = "Choose another night."
confirm = ["failure"]
[rule.when]
message = ["no flats of {night}"]
"""
    )
    (folder / "bad.toml").write_text("[[rule]]")

    report = explain(
        failure("ValueError: no flats of 2026-11-20"), repository=tmp_path
    )

    assert first(report).sentence == "There are no flats of 2026-11-20."
    assert "troubleshooting/bad.toml, rule 1" in report.problems[0]


def test_no_secret_is_told() -> None:
    found = failure("KeyError: 's3cr3t-of-the-lab'")

    report = explain(found, secrets=["s3cr3t-of-the-lab"])

    assert "s3cr3t" not in report.model_dump_json()


@pytest.mark.parametrize("text", ["\x1b[31m{kernel}", "{", "\ud800" * 5, ""])
def test_a_hostile_error_breaks_nothing(text: str) -> None:
    report = explain(
        failure(f"ModuleNotFoundError: No module named '{text}'", kernel=text)
    )

    assert report.explanations[0].failures
    report.model_dump_json()


def test_a_package_of_ones_own_is_named_by_the_error_alone() -> None:
    # As Python 3.13 writes it: no frame is in the package.
    site = "/home/vrubin/.local/lib/python3.13/site-packages"
    found = failure(
        "ImportError: cannot import name 'AsyncClient' from 'httpx' "
        f"({site}/httpx/__init__.py)",
        home="/home/vrubin",
    )

    report = explain(found, findings={"python.shadow": SICK})

    assert first(report).rule == "package.shadowed"
    assert first(report).certainty == "stated"


def test_a_query_that_is_refused_is_no_outage() -> None:
    found = failure("DALQueryError: Table [dp1.Objekt] not found in TapSchema")

    (explanation,) = explain(found, services=[seen()]).explanations

    assert explanation.causes[0].rule == "tap.query"
    by_rule = {c.rule: c.certainty for c in explanation.causes}
    assert by_rule["service.down"] == "refuted"


def test_a_sentence_begins_with_a_capital() -> None:
    found = failure("HTTPError: HTTP Error 502: Bad Gateway")

    assert first(explain(found)).sentence.startswith("The service did not")


def test_a_notebook_on_another_kernel_is_told_so_whatever_it_imports() -> None:
    failures = [
        failure(error, kernel="python3", made_for="lsst", notebook=f"{n}")
        for n, error in enumerate(
            [
                "ModuleNotFoundError: No module named 'lsst'",
                "ModuleNotFoundError: No module named 'galsim'",
                "UsageError: Line magic function `%rubin` not found.",
                "RuntimeError: 'widget' is not a recognised GUI loop",
            ]
        )
    ]

    report = explain(*failures)

    assert len(report.explanations) == 1
    assert "made for the kernel lsst and run with python3" in report.sentence


KILLED = "The kernel was killed by signal 9 (SIGKILL)"
#: What a run keeps: a kernel that used little of its lab.
SMALL: dict[str, Any] = {
    "peak_bytes": 238_000_000,
    "memory_bytes": 8_600_000_000,
}


def test_memory_is_not_blamed_where_no_such_kill_was_counted() -> None:
    found = failure(reason=f"{KILLED}.", state="died", **SMALL)

    report = explain(found)

    (cause, *_) = report.explanations[0].causes
    assert (cause.rule, cause.whose) == ("kernel.killed", "unknown")
    assert "not for lack of memory" in cause.sentence
    assert "memory" not in cause.next_step
    told = {e.source: e.value for e in cause.evidence}
    assert told["killed for lack of memory"].startswith("none was counted")
    assert (
        told["memory of the kernel"] == "at most 238 MB of this lab's 8.6 GB"
    )
    assert "may have been" not in report.sentence


def test_a_cell_that_kills_is_named_beside() -> None:
    source = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    found = failure(reason=f"{KILLED}.", state="died", source=source)

    causes = explain(found).explanations[0].causes

    assert [c.rule for c in causes] == ["kernel.killed", "kernel.kills"]


def test_a_request_that_is_too_large_is_no_lack_of_the_lab_s_memory() -> None:
    cause = first(explain(failure("MemoryError", **SMALL)))

    assert (cause.rule, cause.whose) == ("memory.request", CODE)
    assert "limit that the cell itself set" in cause.sentence
    assert "shut down" not in cause.next_step
    assert "at most 238 MB of this lab's 8.6 GB" in {
        e.value for e in cause.evidence
    }


@pytest.mark.parametrize("of_cell", [True, False])
def test_a_limit_of_time_is_named_with_what_sets_it(of_cell: bool) -> None:
    what, option = (
        ("Cell 2", "--cell-timeout")
        if of_cell
        else ("The notebook", "--timeout")
    )
    reason = f"{what} ran longer than 3.5 s" + (
        "." if of_cell else ", in cell 2."
    )

    report = explain(
        failure("KeyboardInterrupt", reason=reason, state="timed_out")
    )

    (cause,) = report.explanations[0].causes
    assert "3.5 s" in report.sentence
    assert f"({option}" in cause.sentence
    assert [e.value for e in cause.evidence] == [reason]
    assert report.explanations[0].failures[0].error == reason


NO_HOST = "ConnectError: [Errno -2] Name or service not known"
ELSEWHERE = "httpx.get('https://gaia.esa.invalid/tap')"


def test_a_host_elsewhere_that_is_not_found_is_named() -> None:
    found = failure(NO_HOST, source=ELSEWHERE)

    (told,) = explain(found, findings={"net.path": HEALTHY}).explanations

    (cause,) = told.causes
    assert (cause.rule, cause.certainty) == ("name.unknown", "stated")
    assert "gaia.esa.invalid" in cause.sentence
    assert cause.evidence[0].source == "net.path"


def test_a_host_is_only_likely_where_no_name_was_found_beside() -> None:
    found = failure(NO_HOST, source=ELSEWHERE)

    for findings in ({}, {"net.path": SICK}):
        cause = first(explain(found, findings=findings))

        assert cause.certainty == "possible"


@pytest.mark.parametrize(
    "source",
    [
        f"httpx.get('https://{HOST}/api/tap')",
        "service = get_tap_service('tap')\n# see https://example.org/help",
        "value = 1",
    ],
)
def test_of_the_platform_s_own_name_no_other_is_blamed(source: str) -> None:
    causes = explain(failure(NO_HOST, source=source)).explanations[0].causes

    assert "name.unknown" not in {c.rule for c in causes}


@pytest.mark.parametrize(
    ("message", "traceback"),
    [
        (
            (
                "partially initialized module 'fits' from '/home/vrubin/"
                "notebooks/fits.py' has no attribute 'read' (most likely due "
                "to a circular import)"
            ),
            "",
        ),
        (
            (
                "partially initialized module 'fits' has no attribute 'read' "
                "(most likely due to a circular import)"
            ),
            "File ~/notebooks/fits.py:3\n----> 3 fits.read()\n",
        ),
        (
            (
                "module 'fits' has no attribute 'read' (consider renaming '"
                "/home/vrubin/notebooks/fits.py' since it has the same name "
                "as the library you intended to import)"
            ),
            "",
        ),
    ],
)
def test_a_file_named_like_a_package_is_named(
    message: str, traceback: str
) -> None:
    found = failure(
        f"AttributeError: {message}",
        traceback=f"{traceback}\nAttributeError: {message}\n",
        home="/home/vrubin",
    )

    cause = first(explain(found))

    assert cause.rule == "package.half"
    assert "notebooks/fits.py" in cause.sentence


FULL = "OSError: [Errno 28] No space left on device"


def test_the_disk_of_the_file_is_told_beside_the_home_s() -> None:
    found = failure(FULL, source="Path('/data/t.parquet').write_bytes(x)")

    (told,) = explain(
        found, findings={"file.place": SICK, "home.space": HEALTHY}
    ).explanations

    cause, other = told.causes
    assert "a file (the cell names /data/t.parquet)" in cause.sentence
    assert [e.source for e in cause.evidence] == [
        "the error itself",
        "file.place",
        "home.space",
    ]
    assert (other.rule, other.certainty) == ("disk.elsewhere", "stated")


def test_a_disk_that_nobody_names_is_said_not_to_be_named() -> None:
    cause = first(explain(failure(FULL, source="table.write(name)")))

    assert "a file that the error does not name" in cause.sentence


def test_a_file_that_is_denied_is_named() -> None:
    found = failure("PermissionError: [Errno 13] Permission denied: '/o.fits'")

    cause = first(explain(found, findings={"file.place": SICK}))

    assert "/o.fits" in cause.sentence
    assert "file.place" in {e.source for e in cause.evidence}
