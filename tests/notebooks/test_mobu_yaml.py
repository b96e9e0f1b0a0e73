"""``mobu.yaml``: what of it is used, also of a hostile one."""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rsp_health.notebooks.mobu_yaml import parse_mobu_yaml, read_mobu_yaml

if TYPE_CHECKING:
    from pathlib import Path


def test_good_patterns_of_a_rule_are_used_beside_bad_ones() -> None:
    found = parse_mobu_yaml(
        b"collection_rules:\n- type: exclude_union_of\n"
        b"  patterns: [/x, 1, 'a/**', '']\n"
    )
    [rule] = found.rules
    assert rule.patterns == ("a/**",)
    assert found.excluding(PurePosixPath("a/b.ipynb")) == rule
    assert found.excluding(PurePosixPath("b.ipynb")) is None
    assert [fault.line for fault in found.faults] == [3, 3, 3]


def test_a_rule_of_bad_patterns_alone_keeps_everything() -> None:
    found = parse_mobu_yaml(
        b"collection_rules:\n- {type: intersect_union_of, patterns: [/x]}\n"
    )
    assert found.rules == ()


def test_no_more_patterns_than_are_worth_the_time() -> None:
    patterns = ", ".join(f"'a{n}*'" for n in range(1500))
    names = ", ".join(f"b{n}.ipynb" for n in range(1500))
    found = parse_mobu_yaml(
        f"collection_rules:\n- type: exclude_union_of\n"
        f"  patterns: [{patterns}, {names}]\n".encode()
    )
    assert len(found.rules[0].patterns) == 2000
    assert "more than 500 with wildcards" in found.problems[0]
    # A name costs nothing: all of them are used.
    assert found.excluding(PurePosixPath("b1499.ipynb")) is not None


def test_a_folder_of_a_name_is_not_the_file_of_that_name() -> None:
    for patterns in ("[x.ipynb, x.ipynb/]", "[x.ipynb/, x.ipynb]"):
        rules = f"- type: exclude_union_of\n  patterns: {patterns}\n"
        found = parse_mobu_yaml(f"collection_rules:\n{rules}".encode())
        assert found.excluding(PurePosixPath("x.ipynb")) is not None


def test_what_is_no_file_of_the_repository_is_told(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    assert read_mobu_yaml(root).problems == []
    os.mkfifo(root / "mobu.yaml")
    assert "not a regular file" in read_mobu_yaml(root).problems[0]
    (root / "mobu.yaml").unlink()
    (tmp_path / "other.yaml").write_text("exclude_dirs: [a]\n")
    (root / "mobu.yaml").symlink_to(tmp_path / "other.yaml")
    found = read_mobu_yaml(root)
    assert found.rules == ()
    assert "outside" in found.problems[0]
