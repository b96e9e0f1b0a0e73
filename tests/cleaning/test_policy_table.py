"""The policy, one notebook after another, byte by byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rsp_health.cleaning.core import Cleaner
from rsp_health.cleaning.policy import DEFAULT_POLICY, Policy
from rsp_health.cleaning.splice.engine import NbClean
from rsp_health.cleaning.splice.notebook_text import BrokenNotebookError

from .notebooks import BROKEN, CASES, Case, code_cell, document
from .oracle import by_nb_clean

CLEANER = Cleaner()


def names(case: Case) -> str:
    return case.name


def test_the_table_is_large_enough_and_names_are_unique() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=names)
def test_outcome_is_as_specified(case: Case) -> None:
    assert CLEANER.clean_bytes(case.before).data == case.after


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_clean_notebook_is_the_very_same_object(case: Case) -> None:
    again = CLEANER.clean_bytes(case.after)
    assert again.data is case.after
    assert (again.line, again.removed_bytes) == (None, 0)


@pytest.mark.parametrize(
    "case", [c for c in CASES if not c.is_clean], ids=names
)
def test_what_goes_is_counted_and_placed(case: Case) -> None:
    cleaned = CLEANER.clean_bytes(case.before)
    assert cleaned.outputs + cleaned.execution_counts + cleaned.metadata > 0
    assert cleaned.removed_bytes == len(case.before) - len(case.after)
    # The first line that differs is the one named, or a later one of the
    # same edit: a member that goes takes the line break before it along.
    before, after = case.before.splitlines(), case.after.splitlines()
    pairs = enumerate(zip(before, after, strict=False), 1)
    first = next((i for i, (a, b) in pairs if a != b), len(after))
    assert cleaned.line is not None
    assert first <= cleaned.line <= first + 1


@pytest.mark.parametrize("case", CASES, ids=names)
def test_nothing_nb_clean_would_change_is_undone_but_by_policy(
    case: Case,
) -> None:
    data = case.before.removeprefix(b"\xef\xbb\xbf")
    theirs = by_nb_clean(data)
    if theirs is None:
        # Only what nb-clean cannot read is judged without it.
        before = json.loads(data)
        text = "".join(data.decode().split())
        marks = ("NaN", "Infinity", "\\ud", "\\uD", "[" * 100)
        assert before["nbformat"] < 4 or any(mark in text for mark in marks)
        return
    ours: Any = json.loads(case.after.removeprefix(b"\xef\xbb\xbf"))
    for ours_cell, their_cell in zip(
        ours["cells"], theirs["cells"], strict=True
    ):
        tags = ours_cell["metadata"].get("tags") or []
        if "keep_output" in tags:
            # The one thing that policy takes back.
            assert their_cell["outputs"] == []
            ours_cell["outputs"] = []
        if ours_cell["cell_type"] != "code" and "outputs" in their_cell:
            # The policy has no place for outputs there; nb-clean looks away.
            their_cell["outputs"] = []
            their_cell["execution_count"] = None
            ours_cell["execution_count"] = None
    assert _includes(theirs, ours)


def _includes(theirs: Any, ours: Any) -> bool:
    """Whether ours is theirs, but for fields that the policy drops too."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return ours.keys() <= theirs.keys() and all(
            _includes(theirs[key], value) for key, value in ours.items()
        )
    if isinstance(theirs, list) and isinstance(ours, list):
        return len(theirs) == len(ours) and all(map(_includes, theirs, ours))
    return bool(theirs == ours)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_notebook_is_told_in_one_line(name: str) -> None:
    with pytest.raises(BrokenNotebookError) as caught:
        CLEANER.clean_bytes(BROKEN[name])
    message = str(caught.value)
    assert message
    assert len(message.splitlines()) == 1
    assert "Traceback" not in message


def test_one_call_for_all_agrees_with_one_call_each() -> None:
    contents = [case.before.removeprefix(b"\xef\xbb\xbf") for case in CASES]
    contents += list(BROKEN.values())
    engine = NbClean()
    together = engine.judge_all(contents, DEFAULT_POLICY)
    alone = [engine.judge(data, DEFAULT_POLICY) for data in contents]
    assert together == alone


@pytest.mark.parametrize(
    ("whole", "stripped"),
    [
        ({"name": "python", "version": "3.13"}, {"name": "python"}),
        ({"version": "3.13"}, {}),
    ],
)
def test_the_language_version_goes_only_if_asked_for(
    whole: dict[str, str], stripped: dict[str, str]
) -> None:
    def cleaned(policy: Policy, language: dict[str, str]) -> object:
        given = document(code_cell(count=1), language_info=language)
        data = CLEANER.clean_bytes(json.dumps(given).encode(), policy).data
        return json.loads(data)

    def clean(language: dict[str, str]) -> object:
        return document(code_cell(), language_info=language)

    assert cleaned(Policy(), whole) == clean(whole)
    strict = Policy(strip_language_version=True)
    assert cleaned(strict, whole) == clean(stripped)


def test_a_policy_of_other_tags_sizes_and_fields() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["é" * 10]}
    size = len(json.dumps([output], ensure_ascii=False).encode())
    size -= json.dumps([output]).count(": ") + json.dumps([output]).count(", ")
    size -= 2  # the list of strings counts as one string
    dirty = document(
        code_cell(output, tags=["figure"], execution={"kept": 1}, mine=1),
        widgets={"kept": 1},
        toc=1,
    )
    policy = Policy(
        keep_output_tags=("other", "figure"),
        keep_output_max_bytes=size,
        drop_cell_metadata=("mine",),
        drop_notebook_metadata=("toc",),
    )
    data = json.dumps(dirty).encode()
    cleaned = CLEANER.clean_bytes(data, policy)
    assert json.loads(cleaned.data) == document(
        code_cell(output, tags=["figure"], execution={"kept": 1}),
        widgets={"kept": 1},
    )
    assert (cleaned.kept_outputs, cleaned.oversized) == (1, 0)
    smaller = Policy(
        keep_output_tags=("figure",), keep_output_max_bytes=size - 1
    )
    cleaned = CLEANER.clean_bytes(data, smaller)
    assert json.loads(cleaned.data)["cells"][0]["outputs"] == []
    assert (cleaned.kept_outputs, cleaned.oversized) == (0, 1)
