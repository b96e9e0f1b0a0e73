"""What notebooks may do which a run takes unasked."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from rsp_health.effects import (
    EFFECTS,
    LOADS,
    Allowance,
    Declared,
    read_declared,
)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, ("passive", "light")),
        (None, ("passive", "light")),
        ([], ("passive", "light")),
        ({"rsp_health": {"effects": "writes"}}, ("writes", "light")),
        ({"rsp_health": {"load": "heavy", "x": 1}}, ("passive", "heavy")),
    ],
)
def test_what_a_notebook_says(
    metadata: Any, expected: tuple[str, str]
) -> None:
    declared = read_declared(metadata)
    assert (declared.effects, declared.load) == expected
    assert declared.problems == ()


@pytest.mark.parametrize("word", ["Passive", "", None, 3, ["passive"], {}])
def test_a_word_that_is_not_known_is_the_worst(word: Any) -> None:
    declared = read_declared({"rsp_health": {"effects": word, "load": word}})
    assert (declared.effects, declared.load) == ("hardware", "heavy")
    assert declared.problems == (
        (
            "rsp_health.effects is not passive, writes or hardware; it is "
            "taken for hardware."
        ),
        (
            "rsp_health.load is not light, moderate or heavy; it is taken "
            "for heavy."
        ),
    )


@pytest.mark.parametrize("own", ["hardware", None, ["hardware"], 3, True])
def test_a_shape_that_is_not_known_is_the_worst(own: Any) -> None:
    declared = read_declared({"rsp_health": own})
    assert (declared.effects, declared.load) == ("hardware", "heavy")
    assert declared.problems == (
        "rsp_health is not an object; it is taken for hardware and heavy.",
    )


def test_every_pair() -> None:
    pairs = list(itertools.product(EFFECTS, LOADS))
    for given, said in itertools.product(pairs, pairs):
        allowance = Allowance(effects=given[0], load=given[1])
        declared = Declared(effects=said[0], load=said[1])
        fits = EFFECTS.index(said[0]) <= EFFECTS.index(
            given[0]
        ) and LOADS.index(said[1]) <= LOADS.index(given[1])
        assert (allowance.refusal(declared) is None) == fits
        assert allowance.with_(declared).refusal(declared) is None


def test_the_reason_names_all_of_it() -> None:
    declared = Declared(effects="hardware", load="heavy")
    assert Allowance().refusal(declared) == (
        "It sends commands to hardware and is a heavy load. To run it: "
        "--effects hardware --load heavy, or in the lab run it by itself."
    )
    assert Allowance(load="heavy").refusal(declared) == (
        "It sends commands to hardware. To run it: --effects hardware, or in "
        "the lab run it by itself."
    )
