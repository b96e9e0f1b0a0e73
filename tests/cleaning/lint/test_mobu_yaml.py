"""What the linter says of ``mobu.yaml``."""

from __future__ import annotations

import pytest
import yaml

from rsp_health.cleaning.lint.mobu_yaml import lint_mobu_yaml


@pytest.mark.parametrize(
    "text",
    [
        "{}\n",
        "collection_rules: []\n",
        (
            "collection_rules:\n"
            "  - type: exclude_union_of\n"
            "    patterns: [experiments/**, 'a b/*.ipynb']\n"
            "  - type: intersect_union_of\n"
            "    patterns:\n      - '**/*.ipynb'\n"
        ),
    ],
)
def test_a_good_mobu_yaml(text: str) -> None:
    assert lint_mobu_yaml("mobu.yaml", text.encode()) == []


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("- a\n", 1, "mobu-yaml-invalid"),
        # mobu's model takes a mapping, and nothing is none.
        ("", 1, "mobu-yaml-invalid"),
        ("# nothing yet\n", 1, "mobu-yaml-invalid"),
        (
            (
                "collection_rules:\n  - type: exclude_union_of\n"
                "    patterns: [a, /b]\n"
            ),
            3,
            "mobu-yaml-invalid",
        ),
        ("a: [\n", 2, "mobu-yaml-invalid"),
        ("\ta: 1\n", 1, "mobu-yaml-invalid"),
        ("exclude: [a]\n", 1, "mobu-yaml-unknown-key"),
        ("collection_rules: 1\n", 1, "mobu-yaml-invalid"),
        ("collection_rules:\n  - a\n", 2, "mobu-yaml-invalid"),
        (
            "collection_rules:\n  - type: exclude_union_of\n",
            2,
            "mobu-yaml-invalid",
        ),
        (
            # As an example in mobu's own documentation has it.
            "collection_rules:\n  - type: exclude\n    patterns: [a]\n",
            2,
            "mobu-yaml-rule-type",
        ),
        (
            "collection_rules:\n  - type: exclude_union_of\n    patterns: a\n",
            3,
            "mobu-yaml-invalid",
        ),
        (
            (
                "collection_rules:\n  - type: exclude_union_of\n"
                "    patterns: [a, 1]\n"
            ),
            3,
            "mobu-yaml-invalid",
        ),
        (
            (
                "collection_rules:\n  - type: exclude_union_of\n"
                "    patterns: [a]\n    note: b\n"
            ),
            4,
            "mobu-yaml-unknown-key",
        ),
    ],
)
def test_a_faulty_mobu_yaml(text: str, line: int, rule: str) -> None:
    [finding] = lint_mobu_yaml("mobu.yaml", text.encode())
    assert (finding.line, finding.rule, finding.level) == (line, rule, "error")


def test_bytes_that_are_no_text() -> None:
    [finding] = lint_mobu_yaml("mobu.yaml", b"a: \xff")
    assert finding.rule == "mobu-yaml-invalid"


def test_exclude_dirs_is_deprecated_and_takes_no_patterns() -> None:
    findings = lint_mobu_yaml("m", b"exclude_dirs:\n  - a\n  - 'b*'\n")
    assert [(f.line, f.rule, f.level) for f in findings] == [
        (1, "mobu-yaml-deprecated", "warning"),
        (3, "mobu-yaml-pattern", "warning"),
    ]


def found(text: str) -> list[tuple[int, str, str]]:
    findings = lint_mobu_yaml("mobu.yaml", text.encode())
    assert all(finding.message.isprintable() for finding in findings)
    assert not any("Node(" in finding.message for finding in findings)
    return [(f.line, f.rule, f.message) for f in findings]


MERGE = """\
collection_rules:
  - &first
    type: exclude_union_of
    patterns: [a/**]
  - <<: *first
    patterns: [b/**]
  - <<: [*first, {type: intersect_union_of}]
  - &third
    <<: {type: exclude_union_of}
    patterns: &names [c/**]
  - {<<: *third, patterns: *names}
"""


def test_merge_keys_are_what_a_safe_loader_makes_of_them() -> None:
    assert len(yaml.safe_load(MERGE)["collection_rules"]) == 5
    assert found(MERGE) == []


def test_what_is_merged_must_be_right_too() -> None:
    bad = MERGE.replace("type: exclude_union_of}", "kind: 1}")
    [first, second, third] = found(bad)
    assert first == (8, "mobu-yaml-invalid", "a collection rule has no 'type'")
    assert second[:2] == (9, "mobu-yaml-unknown-key")
    assert third[:2] == (11, "mobu-yaml-invalid")


def test_of_two_keys_the_last_counts() -> None:
    assert found("collection_rules: 1\ncollection_rules: []\n") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1: 2\n", "unknown key '1'; mobu knows "),
        ("true: 2\n", "unknown key 'true'; "),
        ("? !!int 1\n: 2\n", "unknown key '1'; "),
        (
            "? !!python/object:os.system x\n: 2\n",
            "it is not YAML: could not deter",
        ),
        ("? [a, b]\n: 2\n", "it is not YAML: found unhashable key"),
        ("? {a: b}\n: 2\n", "it is not YAML: found unhashable key"),
        ("? !!null\n: 2\n", "unknown key ''; "),
        (
            "collection_rules:\n- ? [type]\n  : 1\n",
            "it is not YAML: found unh",
        ),
        (
            "collection_rules:\n- {type: [a], patterns: []}\n",
            "the rule type a",
        ),
        ('"\\e[31m": 2\n', "unknown key '\\x1b[31m'; "),
        ("!!binary aGk=: 2\n", "unknown key 'aGk='; "),
        ("a: !foo b\n", "it is not YAML: could not determine a constructor"),
        ("a: 2026-13-45\n", "it is not YAML: a value is not what its tag"),
        ("a: !!int ''\n", "it is not YAML: a value is not what its tag"),
        ("a: !!bool x\n", "it is not YAML: a value is not what its tag"),
        ("a: !!timestamp x\n", "it is not YAML: a value is not what its tag"),
        ("a: *none\n", "it is not YAML: found undefined alias 'none'"),
        ("a: 1\n---\nb: 1\n", "it is not YAML: but found another document"),
        ("a: \x01\n", "it is not YAML: special characters are not allowed"),
        ("<<: 3\n", "it is not YAML: expected a mapping or list of mappings"),
        ("<<: [3]\n", "it is not YAML: expected a mapping for merging"),
        ("a: &a {<<: *a}\n", "a list or mapping holds itself"),
        ("a: &a {b: &b {<<: *a}, <<: *b}\n", "a list or mapping holds itself"),
        ("a: " + "[" * 3000 + "]" * 3000, "it is nested too deeply"),
        ("a: " + "{a: " * 3000 + "}" * 3000, "it is nested too deeply"),
    ],
)
def test_odd_keys_and_values(text: str, message: str) -> None:
    [(_, rule, said)] = found(text)
    assert rule in (
        "mobu-yaml-invalid",
        "mobu-yaml-rule-type",
        "mobu-yaml-unknown-key",
    )
    assert said.startswith(message)
    if rule == "mobu-yaml-invalid" and "holds itself" not in said:
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it has
            yaml.safe_load(text)


def test_a_list_that_holds_itself() -> None:
    [(_, rule, _)] = found("collection_rules: &a [*a]\n")
    assert rule == "mobu-yaml-invalid"
    [(_, _, said)] = found("collection_rules: []\nexclude_dirs: &a [*a]\n")
    assert said == "a list or mapping holds itself"


def test_merges_of_merges_are_counted_before_they_are_made() -> None:
    lines = ["a0: &a0 {k: 1}"]
    lines += [
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}"
        for n in range(1, 40)
    ]
    [(_, rule, said)] = found("\n".join(lines))
    assert (rule, said) == (
        "mobu-yaml-invalid",
        "aliases and merges repeat too much",
    )
