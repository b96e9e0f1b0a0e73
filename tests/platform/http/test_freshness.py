"""An answer that a cache kept is not one of now."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from rsp_health.platform.http.answers import HttpResponse
from rsp_health.platform.http.freshness import AnswerAges

NOW = 1_800_000_000.0


def _answer(name: str, **headers: str) -> HttpResponse:
    return HttpResponse(
        url=f"https://data.example.org/{name}",
        status=200,
        headers=headers,
        body=b"",
        elapsed_s=0.1,
    )


def _dated(name: str, offset_s: float) -> HttpResponse:
    return _answer(name, date=formatdate(NOW + offset_s, usegmt=True))


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        ("86400", 86400.0),
        ("31", 31.0),
        ("30", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("9" * 400, None),
    ],
)
def test_an_age_says_it(age: str, kept: float | None) -> None:
    ages = AnswerAges(lambda: NOW)
    answer = _answer("tap", age=age)
    ages.observe(answer)

    assert ages.kept_s(answer) == kept


@pytest.mark.parametrize("ours_is_wrong_by", [0.0, -86400.0, 86400.0])
def test_a_date_behind_all_others_says_it(ours_is_wrong_by: float) -> None:
    ages = AnswerAges(lambda: NOW + ours_is_wrong_by)
    others = [_dated(name, 0.0) for name in "abc"]
    old, skewed = _dated("old", -86400.0), _dated("skewed", -60.0)
    for answer in (*others, old, skewed):
        ages.observe(answer)

    assert ages.kept_s(old) == 86400.0
    assert [ages.kept_s(a) for a in (*others, skewed)] == [None] * 4


def test_one_wrong_date_makes_nobody_old() -> None:
    ages = AnswerAges(lambda: NOW)
    answers = [_dated(name, 0.0) for name in "abc"]
    answers += [_dated("future", 86400.0), _dated("broken", -864000.0)]
    for answer in answers:
        ages.observe(answer)

    assert [ages.kept_s(a) for a in answers[:4]] == [None] * 4


def test_without_others_nothing_is_said_of_a_date() -> None:
    ages = AnswerAges(lambda: NOW)
    old = _dated("old", -86400.0)
    ages.observe(old)
    ages.observe(_dated("a", 0.0))

    assert ages.kept_s(old) is None
