"""What counts as a change of a notebook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.notebooks.content import content_sha256, what_runs
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable


def _first(content: dict[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = content["cells"][0]
    return cell


def _saved_by_an_editor(content: dict[str, Any]) -> None:
    content["metadata"]["language_info"] = {"name": "python", "version": "3"}
    content["metadata"]["widgets"] = {"state": {}}
    content["nbformat_minor"] = 5
    _first(content)["id"] = "another"


def _run(content: dict[str, Any]) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    _first(content)["outputs"] = [output]
    _first(content)["execution_count"] = 3
    _first(content)["metadata"]["execution"] = {"iopub.status.idle": "now"}
    _first(content)["metadata"]["collapsed"] = True


def _in_lines(content: dict[str, Any]) -> None:
    source = _first(content)["source"]
    _first(content)["source"] = source.splitlines(keepends=True)


def _kernel_written_down(content: dict[str, Any]) -> None:
    content["metadata"]["kernelspec"]["language"] = "python"


def _no_kernel(content: dict[str, Any]) -> None:
    del content["metadata"]["kernelspec"]


SAME = [
    _saved_by_an_editor,
    _run,
    _in_lines,
    _kernel_written_down,
    _no_kernel,
]


def _other_source(content: dict[str, Any]) -> None:
    _first(content)["source"] += " "


def _other_kind(content: dict[str, Any]) -> None:
    _first(content)["cell_type"] = "raw"


def _tagged(content: dict[str, Any]) -> None:
    _first(content)["metadata"]["tags"] = ["raises-exception"]


def _allowed(content: dict[str, Any]) -> None:
    content["metadata"]["execution"] = {"allow_errors": True}


def _moved(content: dict[str, Any]) -> None:
    content["cells"].reverse()


def _other_kernel(content: dict[str, Any]) -> None:
    content["metadata"]["kernelspec"]["name"] = "lsst"


def _requires(content: dict[str, Any]) -> None:
    content["metadata"]["mobu"] = {"required_applications": ["tap"]}


def _text_added(content: dict[str, Any]) -> None:
    content["cells"].append({"cell_type": "markdown", "source": "More."})


OTHER = [
    _other_source,
    _other_kind,
    _tagged,
    _allowed,
    _moved,
    _other_kernel,
    _requires,
    _text_added,
]


def _after(change: Callable[[dict[str, Any]], None]) -> tuple[str, str]:
    content = json.loads(notebook("a = 1\nb = 2", "c"))
    before = content_sha256(content)
    change(content)
    return before, content_sha256(content)


@pytest.mark.parametrize("change", SAME)
def test_what_comes_and_goes_is_no_change(
    change: Callable[[dict[str, Any]], None],
) -> None:
    before, after = _after(change)
    assert before == after


@pytest.mark.parametrize("change", OTHER)
def test_what_somebody_changed(
    change: Callable[[dict[str, Any]], None],
) -> None:
    before, after = _after(change)
    assert before != after


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "text",
        {},
        {"cells": None},
        {"cells": [None, 1, {"source": {}, "metadata": 3}]},
        {"cells": [{"cell_type": [], "source": "\ud800"}], "metadata": []},
    ],
)
def test_what_is_no_notebook_has_a_digest_too(content: Any) -> None:
    assert len(content_sha256(content)) == 64
    assert what_runs(content) is None or content_sha256(content) != (
        content_sha256(None)
    )
