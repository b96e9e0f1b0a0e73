"""Notebooks that nobody thought of: what goes goes, and sources never change.

``RSP_HEALTH_EXAMPLES=10000 pytest tests/cleaning/splice/test_random_notebooks.py``
runs the number that a release needs; ``make faults`` does so too.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsp_health.cleaning.core import Cleaner
from rsp_health.cleaning.splice.notebook_text import BrokenNotebookError

from ..oracle import by_the_book

EXAMPLES = int(os.environ.get("RSP_HEALTH_EXAMPLES", "200"))
CLEANER = Cleaner()

pytestmark = pytest.mark.timeout(1800)
profile = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# Lone surrogates are JSON, as escapes: Python and browsers write them.
letters = st.text(max_size=12)
surrogates = st.text(st.characters(categories=["Cs", "Lu", "Po"]), max_size=4)
texts = st.one_of(
    letters,
    surrogates,
    st.sampled_from(["outputs", '"outputs": [1],', "\\", '\\"', "\ufeff"]),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    texts,
)
keys = st.one_of(
    letters,
    st.sampled_from(
        [
            "cells",
            "collapsed",
            "execution",
            "execution_count",
            "language_info",
            "metadata",
            "outputs",
            "papermill",
            "signature",
            "source",
            "trusted",
            "version",
            "widgets",
        ]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(keys, inner, max_size=3),
    ),
    max_leaves=6,
)
sources = st.one_of(texts, st.lists(texts, max_size=3))
tags = st.one_of(
    st.lists(st.sampled_from(["keep_output", "a", "é"]), max_size=2),
    st.just("keep_output"),
)


@st.composite
def metadata(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(st.dictionaries(keys, values, max_size=4))
    found.pop("language_info", None)
    if draw(st.booleans()):
        found["tags"] = draw(tags)
    if draw(st.booleans()):
        found["mobu"] = draw(values)
    if draw(st.booleans()):
        hidden = st.sampled_from(["outputs_hidden", "source_hidden"])
        found["jupyter"] = draw(
            st.one_of(st.dictionaries(hidden, st.booleans()), values)
        )
    return found


@st.composite
def outputs(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {
        "output_type": draw(st.sampled_from(["stream", "execute_result"])),
        "data": draw(values),
    }
    if draw(st.booleans()):
        found["execution_count"] = draw(
            st.one_of(st.none(), st.integers(0, 99))
        )
    return found


@st.composite
def cells(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["code", "code", "markdown", "raw"]))
    cell: dict[str, Any] = {"cell_type": kind, "metadata": draw(metadata())}
    if draw(st.booleans()):
        cell["id"] = draw(st.text("abc-_09", min_size=1, max_size=4))
    if kind == "code":
        cell["execution_count"] = draw(
            st.one_of(st.none(), st.integers(0, 99))
        )
        cell["outputs"] = draw(st.lists(outputs(), max_size=3))
    if draw(st.booleans()):
        cell["attachments"] = draw(
            st.dictionaries(letters, st.just({}), max_size=1)
        )
    cell["source"] = draw(sources)
    order = draw(st.permutations(list(cell)))
    return {key: cell[key] for key in order}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(metadata())
    if draw(st.booleans()):
        found["language_info"] = draw(
            st.dictionaries(st.sampled_from(["name", "version"]), texts)
        )
    document = {
        "cells": draw(st.lists(cells(), max_size=4)),
        "metadata": found,
        "nbformat": 4,
        "nbformat_minor": draw(st.integers(0, 6)),
    }
    order = draw(st.permutations(list(document)))
    return {key: document[key] for key in order}


@st.composite
def writings(draw: st.DrawFn, document: Any) -> bytes:
    """Write a document in one of the ways that programs write JSON."""
    ascii_only = draw(st.booleans())
    text = json.dumps(
        document,
        indent=draw(st.sampled_from([None, 1, 2, "\t"])),
        separators=draw(st.sampled_from([(",", ":"), (" , ", " : ")])),
        ensure_ascii=ascii_only,
    )
    if not ascii_only and any("\ud800" <= c <= "\udfff" for c in text):
        # Only escapes can carry lone surrogates in UTF-8.
        text = json.dumps(document, indent=1)
    end = draw(st.sampled_from(["", "\n", "\n\n "]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return (mark + text + end).encode()


def decoded(data: bytes) -> Any:
    return json.loads(data.decode().removeprefix("\ufeff"))


@pytest.mark.slow
@profile
@given(st.data())
def test_what_goes_goes_and_nothing_else(data: st.DataObject) -> None:
    before = data.draw(writings(data.draw(documents())))
    # Not what was drawn: two lone surrogates, once written, may be a pair.
    document = decoded(before)
    cleaned = CLEANER.clean_bytes(before)
    after = decoded(cleaned.data)
    assert after == by_the_book(document)
    # Sources, ids and order once more, in words of their own.
    for old, new in zip(document["cells"], after["cells"], strict=True):
        assert old["source"] == new["source"]
        assert old.get("id") == new.get("id")
        gone = {"attachments"} if old["cell_type"] == "code" else set()
        assert [key for key in old if key not in gone] == list(new)
    assert list(document) == list(after)
    again = CLEANER.clean_bytes(cleaned.data)
    assert again.data is cleaned.data
    assert (cleaned.data is before) == (by_the_book(document) == document)


@profile
@given(st.data())
def test_damaged_files_are_told_and_never_crash(data: st.DataObject) -> None:
    before = bytearray(data.draw(writings(data.draw(documents()))))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(before) - 1))
        match data.draw(st.sampled_from(["cut", "flip", "drop", "insert"])):
            case "cut":
                del before[at + 1 :]
            case "flip":
                before[at] ^= data.draw(st.integers(1, 255))
            case "drop":
                del before[at : at + 2]
            case _:
                before[at:at] = data.draw(st.binary(max_size=3))
        if not before:
            break
    damaged = bytes(before)
    try:
        cleaned = CLEANER.clean_bytes(damaged)
    except BrokenNotebookError as exc:
        message = str(exc)
    else:
        message = "clean"
        assert CLEANER.clean_bytes(cleaned.data).data is cleaned.data
    assert len(message.splitlines()) == 1
