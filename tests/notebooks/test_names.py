"""Names of files as text: no two are one, and each leads back to its file."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp_health.notebooks.names import from_text, to_text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"a.ipynb", "a.ipynb"),
        ("caf\xe9 \u661f.ipynb".encode(), "caf\xe9 \u661f.ipynb"),
        (b"a\xff.ipynb", r"a\xff.ipynb"),
        (rb"a\xff.ipynb", r"a\x5cxff.ipynb"),
        (rb"a\x5c.ipynb", r"a\x5cx5c.ipynb"),
        (rb"a\b\x41.ipynb", r"a\b\x41.ipynb"),
        (b"\\\xff/\xe9\xfe", r"\\xff/\xe9\xfe"),
    ],
)
def test_a_name_and_its_text(name: bytes, text: str) -> None:
    assert to_text(os.fsdecode(name)) == text
    assert os.fsencode(from_text(text)) == name


@given(st.lists(st.sampled_from([*b"\\x5cf8a/", 0xFF, 0x80, 0xC3, 0xA9])))
def test_every_name_comes_back(numbers: list[int]) -> None:
    name = bytes(numbers)
    text = to_text(os.fsdecode(name))
    text.encode()
    assert os.fsencode(from_text(text)) == name
