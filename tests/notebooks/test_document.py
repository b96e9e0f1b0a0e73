from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from rsp_health.notebooks.document import (
    InvalidNotebookError,
    read_notebook,
    write_notebook,
)
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path


def _rich() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(notebook("a\nb\n\nc", "η"))
    content["metadata"]["orig_nbformat"] = 3
    content["metadata"]["signature"] = "sha256:0"
    content["cells"][0]["metadata"]["trusted"] = True
    content["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x\ny\n"},
        {
            "output_type": "display_data",
            "data": {
                "text/plain": "p\nq",
                "image/svg+xml": "<svg>\n</svg>",
                "image/png": "AAAA\nBBBB\n",
                "application/json": {"a": "b\nc"},
                "application/javascript": "1\n2",
            },
            "metadata": {},
        },
        {
            "output_type": "error",
            "ename": "E",
            "evalue": "v\nw",
            "traceback": ["t\nu"],
        },
    ]
    content["cells"].append(
        {
            "cell_type": "markdown",
            "id": "md",
            "metadata": {},
            "source": ["# t\n", "x"],
            "attachments": {"a": {"text/plain": "p\nq", "image/png": "A\n"}},
        }
    )
    return content


def test_writes_what_nbformat_writes(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(_rich()))
    ours = write_notebook(read_notebook(path))
    book = nbformat.read(path, as_version=4)
    expected = nbformat.writes(book)
    assert ours.decode() == expected + "\n"


def test_code_cells_are_counted_as_mobu_counts(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    content = _rich()
    content["cells"].insert(
        0, {"cell_type": "raw", "id": "r", "metadata": {}, "source": "x"}
    )
    path.write_text(json.dumps(content))
    cells = read_notebook(path).cells
    assert [(cell.index, cell.id) for cell in cells] == [
        (1, "cell-0"),
        (2, "cell-1"),
    ]
    assert [cell.first_line for cell in cells] == ["a", "η"]


def test_a_pipe_is_no_notebook(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    os.mkfifo(path)
    with pytest.raises(InvalidNotebookError, match="regular file"):
        read_notebook(path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    with path.open("wb") as file:
        file.truncate(500_000_000)
    with pytest.raises(InvalidNotebookError, match="larger than 268 MB"):
        read_notebook(path)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x00" * 10, b"1", b'""'])
def test_other_bytes_are_no_notebook(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(data)
    with pytest.raises(InvalidNotebookError):
        read_notebook(path)


@pytest.mark.parametrize("name", ["metadata", "outputs", "source"])
def test_a_wrong_part_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "n.ipynb"
    content = json.loads(notebook("1"))
    content["cells"][0][name] = 5
    path.write_text(json.dumps(content))
    with pytest.raises(InvalidNotebookError, match=r"cell 1 has"):
        read_notebook(path)
