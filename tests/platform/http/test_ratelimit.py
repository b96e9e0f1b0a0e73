from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp_health.platform.http.ratelimit import (
    RateLimit,
    rate_limit,
    retry_after,
)

_NOW = 1_800_000_000


def _date(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        # Gafaelfawr sends a date; only its distance from Date counts.
        ({"date": _date(_NOW), "retry-after": _date(_NOW + 40)}, 40.0),
        ({"date": _date(5), "retry-after": _date(45)}, 40.0),
        ({"retry-after": "17"}, 17.0),
        ({"retry-after": " 17 "}, 17.0),
        ({}, 60.0),
        ({"retry-after": "tomorrow"}, 60.0),
        ({"retry-after": "-5"}, 60.0),
        ({"retry-after": "0"}, 1.0),
        ({"date": _date(_NOW), "retry-after": _date(0)}, 1.0),
        ({"date": _date(_NOW), "retry-after": _date(4e9)}, 3600.0),
        ({"retry-after": "9" * 30}, 60.0),
        ({"retry-after": "٣"}, 60.0),
    ],
)
def test_the_wait_is_between_a_second_and_an_hour(
    headers: dict[str, str], seconds: float
) -> None:
    assert retry_after(headers) == seconds


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_header_breaks_the_wait(date: str, after: str) -> None:
    assert 1.0 <= retry_after({"date": date, "retry-after": after}) <= 3600.0


def test_quota_headers_are_read() -> None:
    headers = {
        "date": _date(_NOW),
        "x-ratelimit-limit": "35",
        "x-ratelimit-remaining": "30",
        "x-ratelimit-used": "5",
        "x-ratelimit-reset": str(_NOW + 12),
        "x-ratelimit-resource": "vo-cutouts",
    }

    assert rate_limit(headers) == RateLimit(
        service="vo-cutouts", limit=35, remaining=30, resets_in_s=12.0
    )


def test_without_a_service_name_there_is_no_quota() -> None:
    assert rate_limit({"x-ratelimit-limit": "35"}) is None
    assert rate_limit({"x-ratelimit-resource": "tap"}) is None


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "date",
                "x-ratelimit-limit",
                "x-ratelimit-remaining",
                "x-ratelimit-reset",
                "x-ratelimit-resource",
            ]
        ),
        st.text(max_size=30) | st.integers().map(str),
    )
)
def test_no_headers_break_the_quota(headers: dict[str, str]) -> None:
    found = rate_limit(headers)

    assert found is None or 0 <= (found.resets_in_s or 0) <= 3600
