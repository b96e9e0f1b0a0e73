"""The rules of the package, and those that a repository adds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.explain.rules import own_rules, packaged

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[[rule]]
id = "ours.flats"
rank = "code"
whose = "your_code"
hypothesis = "There are no flats of {night}."
next_step = "Choose another night."
confirm = ["failure"]
[rule.when]
message = ["no flats for {night}"]
"""


def write(folder: Path, text: str | bytes, name: str = "a.toml") -> None:
    place = folder / "troubleshooting"
    place.mkdir(exist_ok=True)
    data = text.encode() if isinstance(text, str) else text
    (place / name).write_bytes(data)


def test_the_packaged_rules_are_sound_and_many() -> None:
    rules = packaged()

    ids = [rule.id for rule in rules]
    assert len(ids) == len(set(ids)) >= 50
    for rule in rules:
        # What a check found is a sentence, too.
        told = rule.hypothesis.removesuffix(" {found}")
        assert told.endswith("."), rule.id
        assert rule.next_step.endswith("."), rule.id


def test_a_repository_adds_its_own(tmp_path: Path) -> None:
    write(tmp_path, GOOD)

    rules, problems = own_rules(tmp_path)

    assert [rule.id for rule in rules] == ["ours.flats"]
    assert problems == []


def test_without_a_folder_there_is_nothing(tmp_path: Path) -> None:
    assert own_rules(tmp_path) == ([], [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[rule", "it is not TOML"),
        ("x = 1", "is not a list of [[rule]]"),
        ("rule = 3", "is not a list of [[rule]]"),
        (b"\xff\xfe", "it is not UTF-8"),
        ("rule = " + "[" * 5000, "nested too deeply"),
        (GOOD.replace("ours.flats", "Nö"), "rule 1: id"),
        (GOOD.replace("ours.flats", "code.syntax"), "a rule code.syntax alre"),
        (GOOD.replace("{night}.", "{day}."), "is named 'day'"),
        (GOOD.replace('"failure"', '"check:nothing:ok"'), "no check named"),
        (GOOD.replace('"failure"', '"sure"'), "'sure' is not"),
        (GOOD.replace("message", "massage"), "massage"),
        (GOOD.replace('["no flats for {night}"]', "[]"), "named 'night'"),
        (GOOD.replace('message = ["no flats for {night}"]', ""), "rule 1"),
        (GOOD.replace("no flats for {night}", "*****"), "1 to 200"),
        (GOOD.replace('"code"', '"elsewhere"'), "rank"),
        ("# " + "x" * 200_000, "larger than"),
    ],
)
def test_what_is_wrong_is_told_and_the_others_are_used(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    write(tmp_path, text)
    write(tmp_path, GOOD.replace("ours.flats", "ours.other"), "b.toml")

    rules, problems = own_rules(tmp_path)

    assert [rule.id for rule in rules] == ["ours.other"]
    (problem,) = problems
    assert "troubleshooting/a.toml" in problem
    assert told in problem


def test_what_is_no_file_of_the_repository_is_not_read(
    tmp_path: Path,
) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text(GOOD)
    repository = tmp_path / "repository"
    (repository / "troubleshooting").mkdir(parents=True)
    (repository / "troubleshooting" / "a.toml").symlink_to(outside)
    os.mkfifo(repository / "troubleshooting" / "b.toml")

    rules, problems = own_rules(repository)

    assert rules == []
    assert len(problems) == 2


def test_too_many_files_and_rules_are_told(tmp_path: Path) -> None:
    for number in range(22):
        write(tmp_path, "rule = []", f"{number:02}.toml")
    write(
        tmp_path,
        "".join(GOOD.replace("flats", f"f{n}", 1) for n in range(210)),
        "00.toml",
    )

    rules, problems = own_rules(tmp_path)

    assert len(rules) == 200
    assert [p.partition(" has ")[2] for p in problems] == [
        "more than 200 rules.",
        "more than 20 files; the others are not read.",
    ]


def test_a_site_adds_its_own_behind_those_of_the_repository(
    tmp_path: Path,
) -> None:
    repository, site = tmp_path / "repository", tmp_path / "site"
    for folder in (repository, site):
        folder.mkdir()
    write(repository, GOOD)
    write(site, GOOD, name="a.toml")
    write(site, GOOD.replace("ours.flats", "site.flats"), name="b.toml")

    rules, problems = own_rules(repository, site)

    assert [rule.id for rule in rules] == ["ours.flats", "site.flats"]
    assert len(problems) == 1
    assert "there is a rule ours.flats already" in problems[0]
