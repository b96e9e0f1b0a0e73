"""Every rule of the linter, on a fault and on what only looks like one."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.cleaning.lint.findings import RULES
from rsp_health.cleaning.lint.linter import lint
from rsp_health.cleaning.lint.notebook import lint_notebook

from ..notebooks import canonical, code_cell, document

if TYPE_CHECKING:
    from pathlib import Path


def found(
    data: Any, *, head: Any = None, known: set[str] | None = None
) -> list[tuple[int, str, str]]:
    findings = lint_notebook(
        "n.ipynb",
        data if isinstance(data, bytes) else canonical(data),
        old=None if head is None else canonical(head),
        applications=None if known is None else frozenset(known),
    )
    assert all(finding.rule in RULES for finding in findings)
    return [(f.line, f.rule, f.level) for f in findings]


def cell(source: str, id: str | None) -> dict[str, Any]:
    return {**code_cell(id=id), "source": source}


# What a notebook says to mobu


def test_a_good_notebook() -> None:
    good = document(
        code_cell(), mobu={"required_applications": ["tap"], "extra": 1}
    )
    assert found(good, head=good, known={"tap", "sia"}) == []


def test_the_old_name_of_required_applications() -> None:
    bad = document(code_cell(), mobu={"required_services": ["tap"]})
    assert found(bad) == [(17, "required-services", "error")]


@pytest.mark.parametrize("names", ["tap", [1], [""], {"tap": 1}, None])
def test_required_applications_that_are_no_list(names: Any) -> None:
    bad = document(code_cell(), mobu={"required_applications": names})
    assert [f[1] for f in found(bad)] == ["required-applications"]


def test_metadata_that_is_no_object() -> None:
    bad = document(code_cell(), mobu=["tap"])
    assert [f[1] for f in found(bad)] == ["required-applications"]


def test_applications_are_doubted_only_if_they_are_known() -> None:
    bad = document(
        code_cell(), mobu={"required_applications": ["tap", "typo", "tpa"]}
    )
    assert found(bad) == []
    assert [f[1] for f in found(bad, known={"tap"})] == [
        "unknown-application",
        "unknown-application",
    ]


@pytest.mark.parametrize("data", [b"", b"{", b"[]"])
def test_a_broken_notebook(data: bytes) -> None:
    assert found(data) == [(1, "broken-notebook", "error")]


# Cell ids


def test_missing_ids_are_worse_if_head_had_them() -> None:
    none = document(cell("a", None), cell("b", None), minor=4)
    some = document(cell("a", "x"), cell("b", None))
    full = document(cell("a", "x"), cell("b", "y"))
    assert [f[1:] for f in found(none)] == [("cell-id-missing", "warning")]
    assert [f[1:] for f in found(some)] == [("cell-id-missing", "warning")]
    assert [f[1:] for f in found(none, head=none)] == [
        ("cell-id-missing", "warning")
    ]
    assert [f[1:] for f in found(none, head=full)] == [
        ("cell-id-missing", "error")
    ]


def test_duplicate_ids() -> None:
    bad = document(cell("a", "x"), cell("b", "x"))
    assert [f[1:] for f in found(bad)] == [("cell-id-duplicate", "error")]


def test_renumbered_ids_are_found() -> None:
    # As nbstripout does it.
    head = document(cell("a", "5f1c"), cell("b", "99aa"), cell("c", "07b1"))
    now = document(cell("a", "0"), cell("b", "1"), cell("c", "2"))
    assert [f[1] for f in found(now, head=head)] == ["cell-id-changed"] * 3


def test_ordinary_edits_are_no_change_of_ids() -> None:
    head = document(cell("a", "1"), cell("b", "2"), cell("c", "3"))
    for now in (
        document(cell("a", "1"), cell("B", "2"), cell("c", "3")),
        document(cell("c", "3"), cell("a", "1"), cell("b", "2")),
        document(cell("a", "1"), cell("new", "9"), cell("b", "2")),
        document(cell("a", "1")),
        document(cell("", "8"), cell("a", "1"), cell("a", "9")),
    ):
        assert found(now, head=now) == []
        assert found(now, head=head) == []


def test_one_of_two_equal_cells_with_a_new_id() -> None:
    head = document(cell("a", "1"), cell("a", "2"))
    now = document(cell("a", "1"), cell("a", "9"))
    assert [f[1] for f in found(now, head=head)] == ["cell-id-changed"]


def test_a_broken_head_is_no_head() -> None:
    good = document(code_cell())
    findings = lint_notebook("n", canonical(good), old=b"{")
    assert findings == []


# Files and HEAD


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [
            "git",
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.com",
            *arguments,
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
    )


def test_a_repository_against_its_head(tmp_path: Path) -> None:
    (tmp_path / "sub é").mkdir()
    paths = [tmp_path / "a.ipynb", tmp_path / "sub é" / "b c.ipynb"]
    for path in paths:
        path.write_bytes(canonical(document(cell("a", "1"), cell("b", "2"))))
    (tmp_path / "mobu.yaml").write_text("exclude: [a]\n")
    (tmp_path / "sub é" / "mobu.yaml").write_text("{}")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    paths[1].write_bytes(canonical(document(cell("a", "1"), cell("b", "0"))))
    (tmp_path / "new.ipynb").write_bytes(canonical(document(cell("b", "9"))))
    findings, files = lint([tmp_path, tmp_path / "sub é" / "mobu.yaml"])
    shown = [
        (os.path.relpath(finding.path, tmp_path), finding.rule)
        for finding in findings
    ]
    assert files == 5
    assert shown == [
        ("sub é/b c.ipynb", "cell-id-changed"),
        ("mobu.yaml", "mobu-yaml-unknown-key"),
        ("sub é/mobu.yaml", "mobu-yaml-place"),
    ]


def test_a_missing_file_and_no_repository(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(json.dumps(document(code_cell())))
    findings, files = lint([tmp_path, tmp_path / "none.ipynb"])
    assert files == 2
    [finding] = findings
    assert finding.message == "it cannot be read: no such file or directory"
