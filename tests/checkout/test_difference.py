"""What differs in a file, told to people; and what was only saved."""

from __future__ import annotations

import json
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.checkout.notebook_difference import notebook_difference
from rsp_health.errors import BadInputError
from tests.faults.checkout.homes import FILE, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

ID = "system-test"


def _edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def _save(content: dict[str, Any]) -> None:
    """Do what an editor does that opens a notebook, runs and saves it."""
    content["metadata"]["language_info"] = {"name": "python"}
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    content["cells"][0] |= {"outputs": [output], "execution_count": 1}


def _change(content: dict[str, Any]) -> None:
    content["cells"][0]["source"] = "mine = 1"


def _saved(service: CheckoutService) -> dict[str, bool]:
    found = service.inspect(ID)
    return {one.path: one.only_saved for one in found.changes}


def test_what_was_only_saved_is_told_from_what_was_changed(
    service: CheckoutService, tree: Path
) -> None:
    _edit(tree / "nb0.ipynb", _save)
    _edit(tree / FILE, _save)
    _edit(tree / FILE, _change)
    assert _saved(service) == {"nb0.ipynb": True, FILE: False}
    # It is the user's all the same, and moves to a backup.
    assert service.inspect(ID).at_risk


def test_what_cannot_be_compared_counts_as_changed(
    service: CheckoutService, tree: Path
) -> None:
    (tree / FILE).write_text("no notebook")
    assert _saved(service) == {FILE: False}


def test_a_notebook_is_compared_by_cell(
    service: CheckoutService, tree: Path
) -> None:
    _edit(tree / FILE, _save)
    assert service.difference(ID, FILE).text == ""
    _edit(tree / FILE, _change)
    found = service.difference(ID, FILE)
    assert found.kind == "notebook"
    assert "cell 1: changed" in found.text
    assert "+mine = 1" in found.text
    assert "language_info" not in found.text
    assert "outputs" not in found.text


def test_a_text_is_compared_as_git_does(
    service: CheckoutService, tree: Path
) -> None:
    (tree / ".gitignore").write_text("mine\n")
    found = service.difference(ID, ".gitignore")
    assert (found.kind, found.truncated) == ("text", False)
    assert "+mine" in found.text


def test_a_long_difference_is_cut(
    service: CheckoutService, tree: Path
) -> None:
    (tree / ".gitignore").write_text("mine mine mine\n" * 100_000)
    found = service.difference(ID, ".gitignore")
    assert found.truncated
    assert len(found.text) <= 100_000
    assert found.text.endswith("+mine mine mine")


@pytest.mark.parametrize(
    "path", ["../home", "/etc/passwd", ".git/config", "", "sub dir", "gone"]
)
def test_only_files_of_the_checkout_are_compared(
    service: CheckoutService, tree: Path, path: str
) -> None:
    (tree / "sub dir").mkdir(exist_ok=True)
    with pytest.raises(BadInputError):
        service.difference(ID, path)


def test_a_comparison_runs_nothing_of_the_tree_s(
    service: CheckoutService, tree: Path
) -> None:
    mark = tree.parent / "mark"
    script = tree.parent / "planted"
    script.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    script.chmod(0o755)
    git(tree, "config", "diff.x.textconv", str(script))
    git(tree, "config", "diff.x.command", str(script))
    git(tree, "config", "diff.external", str(script))
    (tree / ".gitattributes").write_text("* diff=x\n")
    (tree / ".gitignore").write_text("mine\n")
    assert "+mine" in service.difference(ID, ".gitignore").text
    assert not mark.exists()


def _notebook(*sources: str, **metadata: Any) -> dict[str, Any]:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}}
        for source in sources
    ]
    return {"cells": cells, "metadata": metadata}


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (("a", "b"), ("a", "x", "b"), "cell 2: new\n+x\n"),
        (("a", "b"), ("a",), "cell 2: deleted\n-b\n"),
    ],
)
def test_cells_that_come_and_go(
    old: tuple[str, ...], new: tuple[str, ...], text: str
) -> None:
    found = notebook_difference(_notebook(*old), _notebook(*new))
    without_places = [x for x in found.splitlines() if x[:2] != "@@"]
    assert without_places == text.splitlines()


def test_metadata_alone() -> None:
    found = notebook_difference(_notebook("a"), _notebook("a", mine=1))
    assert found == "Only the notebook's own settings differ (metadata).\n"
    assert notebook_difference(_notebook("a"), _notebook("a")) == ""


def _install(monkeypatch: pytest.MonkeyPatch, printer: Any) -> None:
    """Put a stand-in for nbdime where Python finds it."""
    modules = {
        "nbdime": {},
        "nbdime.diffing": {},
        "nbdime.diffing.notebooks": {"diff_notebooks": lambda a, b: (a, b)},
        "nbdime.prettyprint": {
            "PrettyPrintConfig": SimpleNamespace,
            "pretty_print_diff": printer,
        },
    }
    for name, fields in modules.items():
        module = ModuleType(name)
        vars(module).update(fields)
        monkeypatch.setitem(sys.modules, name, module)


def test_nbdime_says_it_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def print_diff(old: Any, diff: Any, path: str, config: Any) -> None:
        sources = [one["cells"][0]["source"] for one in diff]
        config.out.write(f"nbdime says {sources}")

    _install(monkeypatch, print_diff)
    found = notebook_difference(_notebook("a"), _notebook("b"))
    assert found == "nbdime says ['a', 'b']"


def test_a_version_of_nbdime_that_fails_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> None:
        raise TypeError("another signature")

    _install(monkeypatch, fail)
    found = notebook_difference(_notebook("a"), _notebook("b"))
    assert found.startswith("cell 1: changed")
