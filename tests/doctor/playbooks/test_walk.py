from __future__ import annotations

import pytest

from rsp_health.doctor.checks import registered
from rsp_health.doctor.models import (
    Evidence,
    Finding,
    attention,
    cannot_tell,
    fault,
    not_applicable,
    ok,
)
from rsp_health.doctor.playbooks.walk import named, symptoms, walk
from rsp_health.doctor.report import make_report
from rsp_health.errors import BadInputError

SEEN = Evidence(source="a file", value="a line")


def _of(check: str, finding: Finding) -> Finding:
    return finding.model_copy(update={"check": check, "title": check.upper()})


def _fault(check: str) -> Finding:
    return _of(
        check,
        fault(f"{check} broke.", SEEN, whose="platform", next_step="Wait."),
    )


def _well(*checks: str) -> list[Finding]:
    return [_of(check, ok("Well.", SEEN)) for check in checks]


@pytest.mark.parametrize("id", [one.id for one in symptoms()])
def test_each_playbook_names_checks_that_exist(id: str) -> None:
    book = named(id)

    for check in book.checks:
        registered(check)
    assert book.title
    assert book.then
    assert book.otherwise
    result = walk(book, _well(*book.checks))
    assert [s.outcome for s in result.steps] == ["ruled_out"] * len(book.steps)
    assert result.verdict.state == "ok"
    assert result.verdict.next_step == book.otherwise


def test_a_fault_is_the_cause_and_what_it_explains_is_not_another() -> None:
    book = named("query-hangs")
    findings = [
        *_well("site.known", "net.path"),
        _fault("token"),
        _fault("service.tap"),
        *_well("quota.tap", "tap.jobs"),
    ]

    result = walk(book, findings)

    assert [s.outcome for s in result.steps] == [
        "ruled_out",
        "ruled_out",
        "cause",
        "follows",
        "ruled_out",
        "ruled_out",
    ]
    assert result.causes == ["token"]
    assert result.verdict.sentence == "token broke."
    assert result.then == book.then


def test_what_is_not_broken_is_a_possible_cause_only() -> None:
    soon = attention("It may.", SEEN, whose="your_lab", next_step="Do.")
    book = named("home-full")

    result = walk(book, [_of("home.space", soon), *_well("lab.start")])

    assert result.verdict.state == "attention"
    assert result.verdict.sentence == "A possible cause: It may."


def test_what_could_not_be_looked_at_is_left_and_named() -> None:
    book = named("home-full")

    result = walk(
        book,
        [
            _of("home.space", cannot_tell("No answer.")),
            _of("lab.start", not_applicable("Not here.")),
            *_well("identity"),
        ],
    )

    assert result.verdict.state == "cannot_tell"
    assert "Left: HOME.SPACE." in result.verdict.sentence
    assert result.verdict.next_step.endswith("rsp-health doctor home.space")
    assert [s.outcome for s in result.steps] == [
        "not_known",
        "not_here",
        "ruled_out",
    ]


def test_a_service_is_found_among_those_of_its_family() -> None:
    result = walk(named("red-row"), [_fault("service.tap")])

    assert result.causes == ["service.tap"]


def test_the_report_has_the_playbooks_verdict() -> None:
    report = make_report([_fault("home.space")], None, named("home-full"))

    assert report.playbook is not None
    assert report.verdict == report.playbook.verdict
    assert {s.id for s in report.symptoms} >= {"slow-lab", "dead-kernel"}


def test_a_symptom_that_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInputError, match="no symptom named 'gloom'"):
        named("gloom")
