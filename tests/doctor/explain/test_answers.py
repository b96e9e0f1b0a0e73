"""What is not stated: who may as well be innocent of it."""

from __future__ import annotations

from typing import Any

import pytest

from .test_explanation import (
    HEALTHY,
    PYVO,
    SICK,
    TAP,
    explain,
    failure,
    first,
    seen,
)


@pytest.mark.parametrize(
    "text",
    [
        "DALQueryError: Qserv: No space left on device",
        "DALQueryError: ERROR: permission denied for schema uws",
        "DALServiceError: Cannot allocate memory",
        f"HTTPError: 500 Server Error at {TAP}: Disk quota exceeded",
        "DatabaseError: permission denied for table visit",
        "GitCommandError: git@github.com: Permission denied (publickey).",
    ],
)
def test_the_words_of_an_answer_do_not_speak_of_this_lab(text: str) -> None:
    report = explain(failure(text), services=[seen()])

    told = {c.rule for c in report.explanations[0].causes}
    assert not told & {
        *("disk.full", "disk.quota", "file.denied", "memory.refused"),
        "memory.request",
    }


def test_what_the_lab_itself_met_on_its_way_is_told() -> None:
    text = "RuntimeError: [Errno 28] No space left on device: 'x.fits'"

    cause = first(explain(failure(text), findings={"home.space": HEALTHY}))

    assert cause.rule == "disk.full"
    # Another disk may be meant.
    assert "home.space" in {e.source for e in cause.evidence}
    assert "df -h" in cause.next_step


@pytest.mark.parametrize(
    ("status", "rule", "whose"),
    [
        ("401 Unauthorized", "elsewhere.refused", "your_code"),
        ("403 Forbidden", "elsewhere.refused", "your_code"),
        ("429 Too Many Requests", "elsewhere.limited", "your_code"),
        ("503 Service Unavailable", "elsewhere.failed", "application"),
    ],
)
def test_the_answer_of_another_site_says_nothing_of_the_platform(
    status: str, rule: str, whose: str
) -> None:
    found = failure(
        f"HTTPStatusError: error '{status}' for url "
        "'https://api.example.org/x'",
        source="import httpx",
    )
    looked: dict[str, dict[str, Any]] = {"token": HEALTHY}

    (told,) = explain(found, services=[seen()], findings=looked).explanations

    cause = told.causes[0]
    assert (cause.rule, cause.whose) == (rule, whose)
    assert "api.example.org" in cause.sentence
    assert {c.rule for c in told.causes if c.certainty != "refuted"} == {rule}


@pytest.mark.parametrize("status", ["401 Unauthorized", "503 Unavailable"])
def test_a_butler_that_is_not_reached_is_not_a_wrong_name(status: str) -> None:
    found = failure(
        "FileNotFoundError: Failed to load Butler config: Server Error "
        f"'HTTP {status}' for url '{TAP.replace('tap', 'butler')}/dp1'"
    )

    report = explain(found, services=[seen(("butler", "down"))])

    told = report.explanations[0].causes
    assert "butler.repository" not in {c.rule for c in told}


def test_a_package_of_ones_own_may_be_right_to_complain() -> None:
    found = failure(
        traceback="Cell In[1], line 1\nFile ~/.local/lib/python3.13/"
        "site-packages/mine/x.py:3, in f\nValueError: no such visit\n",
        ename="ValueError",
        evalue="no such visit",
    )

    # The check found another package that hides one.
    cause = first(explain(found, findings={"python.shadow": SICK}))

    assert (cause.rule, cause.certainty) == ("package.own", "possible")


@pytest.mark.parametrize(
    ("error", "check", "rule"),
    [
        ("token", "token", "token.rejected"),
        ("login page", "token", "login.page"),
        ("cut", "net.path", "connection.cut"),
    ],
)
def test_what_is_only_doubtful_proves_nothing(
    error: str, check: str, rule: str
) -> None:
    # A login that ends in some hours; a clock that is a minute late.
    doubtful = {check: SICK | {"state": "attention"}}

    (told,) = explain(failure(PYVO[error]), findings=doubtful).explanations

    by_rule = {c.rule: c.certainty for c in told.causes}
    assert by_rule[rule] == "possible"
