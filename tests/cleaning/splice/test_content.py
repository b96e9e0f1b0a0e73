"""What is stripped on save is what a clean of the saved file would strip."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsp_health.cleaning.core import Cleaner
from rsp_health.cleaning.policy import DEFAULT_POLICY, Policy
from rsp_health.cleaning.splice.content import strip_content
from rsp_health.cleaning.splice.notebook_text import BrokenNotebookError

from ..notebooks import CASES, Case, code_cell, document
from .test_random_notebooks import decoded, documents, profile

CLEANER = Cleaner()


def is_content(case: Case) -> bool:
    """Whether a browser could send it: JSON proper, of version 4."""
    try:
        text = case.before.decode().removeprefix("\ufeff")
        return bool(json.loads(text, parse_constant=_fail)["nbformat"] == 4)
    except ValueError:
        return False


def _fail(constant: str) -> None:
    raise ValueError(constant)


def shown(found: Any) -> Any:
    """Without what nbformat takes out of every file that it writes."""
    for cell in found["cells"]:
        cell["metadata"].pop("trusted", None)
    return found


@pytest.mark.parametrize(
    "case", [c for c in CASES if is_content(c)], ids=lambda c: c.name
)
def test_as_the_file_would_be_cleaned(case: Case) -> None:
    content = decoded(case.before)
    before = copy.deepcopy(content)
    stripped = shown(strip_content(content, DEFAULT_POLICY))
    assert stripped == shown(decoded(case.after))
    if "trusted" not in case.name:
        assert content == before


SHARED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data/policy-cases.json").read_text("utf-8")
)
"""What the front end is held to as well (`sharedpolicy.spec.ts`)."""


def test_the_shared_table_is_of_our_default() -> None:
    assert SHARED["default_policy"] == json.loads(
        json.dumps(asdict(DEFAULT_POLICY))
    )


@pytest.mark.parametrize(
    "case", SHARED["cases"], ids=lambda case: case["name"]
)
def test_one_policy_for_files_saves_and_open_notebooks(
    case: dict[str, Any],
) -> None:
    changed: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in case.get("policy", {}).items()
    }
    policy = replace(DEFAULT_POLICY, **changed)
    before, after = case["before"], case["after"]
    assert strip_content(before, policy) == after
    data = CLEANER.clean_bytes(json.dumps(before, indent=1).encode(), policy)
    assert json.loads(data.data) == after
    assert data.data == json.dumps(after, indent=1).encode()


def test_the_table_has_enough_of_them() -> None:
    assert sum(map(is_content, CASES)) >= 40


@pytest.mark.timeout(1800)
@profile
@given(st.data())
def test_random_content_as_its_file(data: st.DataObject) -> None:
    content = decoded(json.dumps(data.draw(documents())).encode())
    before = copy.deepcopy(content)
    stripped = strip_content(content, DEFAULT_POLICY)
    assert content == before
    file = CLEANER.clean_bytes(json.dumps(content).encode())
    assert shown(stripped) == shown(decoded(file.data))


def test_other_settings() -> None:
    policy = Policy(
        keep_output_tags=("mine",),
        drop_cell_metadata=("tags",),
        drop_notebook_metadata=(),
        strip_language_version=True,
    )
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    content = document(
        code_cell(output, tags=["mine"]),
        code_cell(output, tags=["keep_output"]),
    )
    content["metadata"] = {"widgets": 1, "language_info": {"version": "3"}}
    stripped = strip_content(content, policy)
    assert [cell["outputs"] for cell in stripped["cells"]] == [[output], []]
    assert [cell["metadata"] for cell in stripped["cells"]] == [{}, {}]
    assert stripped["metadata"] == {"widgets": 1, "language_info": {}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "not a notebook (no JSON object)"),
        ([], "not a notebook (no JSON object)"),
        ({}, "not a notebook of version 4"),
        ({"nbformat": 3, "worksheets": []}, "not a notebook of version 4"),
        ({"nbformat": 4}, "not a notebook (no cells)"),
        ({"nbformat": 4, "cells": {}}, "not a notebook (no cells)"),
    ],
)
def test_what_cannot_be_judged_says_so(content: Any, message: str) -> None:
    with pytest.raises(BrokenNotebookError) as caught:
        strip_content(content, DEFAULT_POLICY)
    assert str(caught.value) == message


def test_odd_parts_stay() -> None:
    content = {
        "nbformat": 4,
        "metadata": [],
        "cells": [1, {"metadata": None, "outputs": "x", "source": []}],
    }
    stripped = strip_content(content, DEFAULT_POLICY)
    assert stripped == {
        "nbformat": 4,
        "metadata": [],
        "cells": [1, {"metadata": None, "outputs": [], "source": []}],
    }
