"""Patterns: words, stars and names."""

from __future__ import annotations

import pytest

from rsp_health.doctor.explain.patterns import compile_pattern, names_in


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("No module named '{module}'", "no module  named 'a.b'", "a.b"),
        ("No module named {module}", "No module named a.b.", "a.b"),
        ("*lsst*", "LSST", None),
        ("a*z", "a middle z", None),
        ("a.b", "a.b", None),
    ],
)
def test_a_pattern_fits(pattern: str, text: str, found: str | None) -> None:
    match = compile_pattern(pattern).search(text)

    assert match is not None
    assert list(match.groupdict().values()) == ([found] if found else [])


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("a.b", "axb"), ("a*z", "a\nz"), ("a(b)+", "abb"), ("x{n}", "x ")],
)
def test_a_pattern_does_not_fit(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).search(text) is None


@pytest.mark.parametrize("pattern", ["", "*", " * ", "*a*b*c*d*", "x" * 201])
def test_what_fits_everything_or_takes_for_ever_is_refused(
    pattern: str,
) -> None:
    with pytest.raises(ValueError, match="pattern has"):
        compile_pattern(pattern)


def test_names_are_found() -> None:
    assert names_in("{a} and {b_c}, not {} or {D}") == {"a", "b_c"}


@pytest.mark.parametrize(
    "pattern", ["a*a*a*b", "a{x}a{y}a{z}b", "*a*a*b", " a * b"]
)
@pytest.mark.parametrize("unit", ["a", "a ", " "])
def test_a_hostile_pattern_on_a_hostile_text_ends(
    pattern: str, unit: str
) -> None:
    assert compile_pattern(pattern).search(unit * 8000) is None
