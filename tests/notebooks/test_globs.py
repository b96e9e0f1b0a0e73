"""Patterns mean what they mean on the Python that mobu runs on."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from rsp_health.notebooks.globs import InvalidPatternError, parse_glob


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**", "a/b.ipynb", True),
        ("a/**", "a/b.ipynb", True),
        ("a/**", "a/b/c/d.ipynb", True),
        ("a/**", "ab/c.ipynb", False),
        ("**/*.ipynb", "x.ipynb", True),
        ("**/*.ipynb", "a/b/x.ipynb", True),
        ("*.ipynb", "a/x.ipynb", False),
        ("*", "x.ipynb", True),
        ("*/*", "a/x.ipynb", True),
        ("a/**/x.ipynb", "a/x.ipynb", True),
        ("a/**/x.ipynb", "a/b/c/x.ipynb", True),
        ("a**/x.ipynb", "abc/x.ipynb", True),
        ("a**/x.ipynb", "a/b/x.ipynb", False),
        ("*/x.ipynb", ".hidden/x.ipynb", True),
        ("[ab]/x.ipynb", "b/x.ipynb", True),
        ("[!ab]/x.ipynb", "b/x.ipynb", False),
        ("?.ipynb", "x.ipynb", True),
        ("?.ipynb", "xy.ipynb", False),
        ("X.ipynb", "x.ipynb", False),
        ("./a/x.ipynb", "a/x.ipynb", True),
        ("a//x.ipynb", "a/x.ipynb", True),
        ("a/x.ipynb/", "a/x.ipynb", False),
        ("a[1].ipynb", "a[1].ipynb", False),
        ("a[[]1].ipynb", "a[1].ipynb", True),
        # What stands before the last "**" is a folder.
        ("*/**", "x.ipynb", False),
        ("*/**", "a/x.ipynb", True),
        ("1*/**", "1.ipynb", False),
        ("**/1*/**", "a/1.ipynb", False),
        ("**/1*/**", "1.ipynb", False),
        ("**/1*/**", "a/1/x.ipynb", True),
        ("x/d.ipynb/**", "x/d.ipynb", False),
        ("**/**", "x.ipynb", True),
    ],
)
def test_globs_are_those_of_new_pythons(
    pattern: str, path: str, expected: bool
) -> None:
    assert parse_glob(pattern).matches(PurePosixPath(path)) is expected


@pytest.mark.parametrize(
    "pattern", ["", "/a/*", ".", "./", "a\0b", "a" * 4097]
)
def test_patterns_that_pathlib_refuses(pattern: str) -> None:
    with pytest.raises(InvalidPatternError):
        parse_glob(pattern)


def test_a_pattern_of_many_stars_is_matched_at_once() -> None:
    pattern = "/".join(["**", "*"] * 500)
    assert not parse_glob(pattern).matches(PurePosixPath("a/" * 400 + "b"))
    assert parse_glob(pattern).matches(PurePosixPath("a/" * 600 + "b"))
