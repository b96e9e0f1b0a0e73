from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from rsp_health.doctor.checks import CHECKS, ON_REQUEST, chosen, load
from rsp_health.doctor.models import (
    Evidence,
    Finding,
    Fix,
    attention,
    cannot_tell,
    fault,
    not_applicable,
    ok,
)
from rsp_health.doctor.report import make_report
from rsp_health.errors import BadInputError

DOCS = Path(__file__).parents[2] / "docs"
SEEN = Evidence(source="a file", value="a line")
FAULT = fault("It broke.", SEEN, whose="your_lab", next_step="Do this.")
ATTENTION = attention("It may.", SEEN, whose="your_lab", next_step="Do that.")
OK = ok("Well.", SEEN)
BLIND = cannot_tell("No answer.", next_step="Try again.")


def _report(*findings: Finding) -> object:
    ids = list(CHECKS)
    named = [
        f.model_copy(update={"check": id, "title": id.upper()})
        for id, f in zip(ids, findings, strict=False)
    ]
    return make_report(reversed(named), None).verdict.model_dump(
        exclude_defaults=True
    )


def test_the_first_cause_is_told_and_then_what_is_not_known() -> None:
    a, b, c = list(CHECKS)[:3]

    assert _report(ATTENTION, FAULT, BLIND) == {
        "state": "fault",
        "sentence": f"It broke. Look also at: {a.upper()}. "
        f"Not known: {c.upper()}.",
        "whose": "your_lab",
        "next_step": "Do this.",
        "check": b,
    }


@pytest.mark.parametrize(
    ("findings", "state", "sentence"),
    [
        ((OK, OK), "ok", "Nothing wrong was found by 2 checks."),
        (
            (OK, BLIND),
            "cannot_tell",
            "Nothing wrong was found by one check. Not known: ",
        ),
        (
            (BLIND, BLIND),
            "cannot_tell",
            "Nothing could be looked at. No answer.",
        ),
        (
            (not_applicable("Not here."),),
            "cannot_tell",
            "There was nothing to look at.",
        ),
    ],
)
def test_no_fault_is_not_said_where_nobody_looked(
    findings: tuple[Finding, ...], state: str, sentence: str
) -> None:
    verdict = _report(*findings)

    assert isinstance(verdict, dict)
    assert verdict["state"] == state
    assert verdict["sentence"].startswith(sentence)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "ok"},
        {"state": "fault", "whose": "platform", "next_step": "Wait."},
        {"state": "fault", "evidence": [SEEN], "next_step": "Wait."},
        {"state": "fault", "evidence": [SEEN], "whose": "platform"},
        {"state": "ok", "evidence": [SEEN], "whose": "platform"},
        {
            "state": "ok",
            "evidence": [SEEN],
            "fix": Fix(title="Do it"),
        },
    ],
)
def test_a_finding_without_what_it_needs_is_refused(
    fields: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        Finding(sentence="So it is.", **fields)


def _named(id: str, finding: Finding) -> Finding:
    return finding.model_copy(update={"check": id, "title": id})


@pytest.mark.parametrize("id", ["data.dp1", "service.tap", "service", "token"])
@pytest.mark.parametrize("broken", [True, False])
def test_behind_a_broken_way_nothing_is_a_fault_of_its_own(
    id: str, broken: bool
) -> None:
    found = FAULT if "." in id else BLIND

    report = make_report(
        [_named("net.path", FAULT if broken else OK), _named(id, found)], None
    )

    (other,) = [f for f in report.findings if f.check == id]
    if not broken:
        assert other.sentence == found.sentence
        return
    assert other.state == "cannot_tell"
    assert other.sentence == (
        "Not known: the way to the platform is broken (net.path)."
    )
    assert other.evidence[0].value == found.sentence
    assert report.verdict.sentence.startswith(FAULT.sentence)
    assert "Look also at" not in report.verdict.sentence


def test_a_fault_in_front_of_a_broken_way_stays_one() -> None:
    report = make_report(
        [_named("net.path", FAULT), _named("token", FAULT)], None
    )

    assert [f.state for f in report.findings] == ["fault", "fault"]


@pytest.mark.parametrize("id", CHECKS)
def test_each_check_has_its_id_a_title_a_test_and_a_line_for_users(
    id: str,
) -> None:
    check = load(id)
    room, module, _ = CHECKS[id].split(".")
    tests = Path(__file__).parent / "checks" / room

    assert check.id == id
    assert check.title
    assert (tests / f"test_{module}.py").exists()
    page = DOCS / "users" / "troubleshooting.md"
    assert f"| `{check.id}` |" in page.read_text(encoding="utf-8")


def test_checks_are_chosen_by_id_and_by_group() -> None:
    assert chosen([]) == [id for id in CHECKS if id not in ON_REQUEST]
    assert chosen(["kernel.setups", "home"]) == ["home.space", "kernel.setups"]
    assert chosen(["dask", "service.tap"]) == ["service.tap", "dask"]
    assert chosen(["tap"]) == ["tap.jobs"]
    with pytest.raises(BadInputError, match="no check named 'ker'"):
        chosen(["ker"])
