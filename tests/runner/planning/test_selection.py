"""mobu's documented rules, as a table, and what differs from mobu."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.notebooks.mobu_yaml import read_mobu_yaml
from rsp_health.runner.planning.selection import (
    attribute,
    find_notebooks,
    required_applications,
    select,
)
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

TREE = (
    "top.ipynb",
    "a/one.ipynb",
    "a/two.ipynb",
    "a/deep/er/three.ipynb",
    "b/one.ipynb",
    "b/.hidden/four.ipynb",
    "some-other-dir/five.ipynb",
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in TREE:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook("1"))
    return tmp_path


def chosen(
    root: Path, *, applications: frozenset[str] | None = None
) -> set[str]:
    candidates = select(
        find_notebooks(root),
        rules=read_mobu_yaml(root),
        applications=applications,
    )
    return {c.relative.as_posix() for c in candidates if c.selected}


def rule(kind: str, *patterns: str) -> dict[str, Any]:
    return {"type": kind, "patterns": list(patterns)}


EVERYTHING = set(TREE)
A = {"a/one.ipynb", "a/two.ipynb", "a/deep/er/three.ipynb"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param({}, EVERYTHING, id="no rules: all"),
        pytest.param(
            {"exclude_dirs": ["some-other-dir"]},
            EVERYTHING - {"some-other-dir/five.ipynb"},
            id="exclude_dirs",
        ),
        pytest.param(
            {"exclude_dirs": ["a"]}, EVERYTHING - A, id="exclude_dirs deep"
        ),
        pytest.param(
            {"exclude_dirs": ["a/"]}, EVERYTHING - A, id="trailing slash"
        ),
        pytest.param(
            {"collection_rules": [rule("intersect_union_of", "a/**")]},
            A,
            id="intersect keeps the union",
        ),
        pytest.param(
            {
                "collection_rules": [
                    rule("intersect_union_of", "a/*.ipynb", "b/*.ipynb")
                ]
            },
            {"a/one.ipynb", "a/two.ipynb", "b/one.ipynb"},
            id="union of patterns",
        ),
        pytest.param(
            {
                "collection_rules": [
                    rule("intersect_union_of", "a/**"),
                    rule("intersect_union_of", "**/one.ipynb"),
                ]
            },
            {"a/one.ipynb"},
            id="two intersections",
        ),
        pytest.param(
            {
                "collection_rules": [
                    rule("exclude_union_of", "a/**", "top.ipynb")
                ]
            },
            EVERYTHING - A - {"top.ipynb"},
            id="exclude removes the union",
        ),
        pytest.param(
            {
                "collection_rules": [
                    rule("exclude_union_of", "a/**"),
                    rule("intersect_union_of", "a/**", "b/**"),
                ]
            },
            {"b/one.ipynb", "b/.hidden/four.ipynb"},
            id="nothing comes back",
        ),
        pytest.param(
            {
                "exclude_dirs": ["a/deep"],
                "collection_rules": [rule("intersect_union_of", "a/**")],
            },
            {"a/one.ipynb", "a/two.ipynb"},
            id="exclude_dirs is last",
        ),
        pytest.param(
            {"collection_rules": [rule("intersect_union_of")]},
            set(),
            id="an empty union keeps nothing",
        ),
    ],
)
def test_rules_are_mobus(
    repository: Path, config: dict[str, Any], expected: set[str]
) -> None:
    (repository / "mobu.yaml").write_text(json.dumps(config))
    assert read_mobu_yaml(repository).problems == []
    assert chosen(repository) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("extra: 1", "unknown key 'extra'"),
        ("exclude_dirs: 5", "exclude_dirs is not a list"),
        ("collection_rules: 5", "collection_rules is not a list"),
        ("collection_rules: [5]", "rule is not a mapping"),
        (
            "collection_rules: [{type: exclude, patterns: ['**']}]",
            "the rule type 'exclude'",
        ),
        (
            "collection_rules: [{type: exclude_union_of}]",
            "has no 'patterns'",
        ),
        (
            "collection_rules: [{type: intersect_union_of, patterns: ['/x']}]",
            "it is absolute",
        ),
        (
            "collection_rules: [{type: intersect_union_of, patterns: [1]}]",
            "patterns holds what is not a name",
        ),
        ("[1, 2", "is not YAML"),
        ("- 1", "it is not a mapping"),
        ("", "it is empty"),
    ],
)
def test_a_bad_rule_spoils_only_itself(
    repository: Path, text: str, problem: str
) -> None:
    (repository / "mobu.yaml").write_text(text)
    problems = read_mobu_yaml(repository).problems
    assert len(problems) == 1
    assert problem in problems[0]
    assert chosen(repository) == EVERYTHING


def test_an_exclusion_quotes_its_rule(repository: Path) -> None:
    config = {
        "collection_rules": [
            rule("intersect_union_of", "**"),
            rule("exclude_union_of", "a/*.ipynb"),
        ]
    }
    (repository / "mobu.yaml").write_text(json.dumps(config))
    candidates = select(
        find_notebooks(repository),
        rules=read_mobu_yaml(repository),
        applications=None,
    )
    reasons = {c.relative.as_posix(): c.reason for c in candidates}
    assert reasons["a/one.ipynb"] == (
        "Excluded by mobu.yaml rule 2: exclude_union_of ['a/*.ipynb']."
    )
    assert reasons["b/one.ipynb"] is None


def _with_mobu(path: Path, mobu: Any) -> None:
    content = json.loads(notebook("1"))
    content["metadata"]["mobu"] = mobu
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("mobu", "expected"),
    [
        ({"required_applications": ["tap"]}, ["tap"]),
        # An old name, which mobu does not read any more.
        ({"required_services": ["tap", "sia"]}, []),
        (
            {"required_applications": ["a"], "required_services": ["b"]},
            ["a"],
        ),
        ({}, []),
        ({"required_applications": "tap"}, []),
        ([], []),
        (None, []),
    ],
)
def test_required_applications(
    tmp_path: Path, mobu: Any, expected: list[str]
) -> None:
    path = tmp_path / "n.ipynb"
    _with_mobu(path, mobu)
    assert list(required_applications(path).applications) == expected


def test_only_what_is_deployed_is_run(repository: Path) -> None:
    _with_mobu(
        repository / "a/one.ipynb", {"required_applications": ["tap", "sia"]}
    )
    _with_mobu(repository / "b/one.ipynb", {"required_applications": ["tap"]})
    assert chosen(repository, applications=frozenset({"tap"})) == (
        EVERYTHING - {"a/one.ipynb"}
    )
    assert chosen(repository, applications=None) == EVERYTHING
    candidates = select(
        find_notebooks(repository),
        rules=read_mobu_yaml(repository),
        applications=frozenset({"tap"}),
    )
    reasons = [c.reason for c in candidates if not c.selected]
    assert reasons == ["sia is not deployed here."]


def test_a_broken_notebook_spoils_only_itself(repository: Path) -> None:
    (repository / "a/one.ipynb").write_text('{"mobu": ')
    assert chosen(repository) == EVERYTHING


def test_checkpoints_and_git_are_no_notebooks(repository: Path) -> None:
    for folder in (".ipynb_checkpoints", ".git", "a/.ipynb_checkpoints"):
        (repository / folder).mkdir()
        (repository / folder / "x.ipynb").write_bytes(notebook("1"))
    assert chosen(repository) == EVERYTHING


@pytest.mark.parametrize(
    ("stem", "required", "expected"),
    [
        ("tap", [], "tap"),
        ("tap-async", [], "tap"),
        ("tapestry", [], None),
        ("vo-cutouts", [], "vo-cutouts"),
        ("vo_cutouts_async", [], "vo-cutouts"),
        ("vo", [], "vo"),
        ("nublado_dask_cluster", [], "nublado"),
        ("unknown", ["sia"], "sia"),
        ("tap", ["sia"], "sia"),
        ("tap", ["sia", "tap"], "tap"),
    ],
)
def test_attribution(
    stem: str, required: list[str], expected: str | None
) -> None:
    deployed = frozenset({"tap", "vo", "vo-cutouts", "nublado", "sia"})
    assert attribute(stem, required, deployed) == expected
