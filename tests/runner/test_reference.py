"""Our executed copies equal nbclient's, on ordinary notebooks of all kinds."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.runner.ordinary import NOTEBOOKS

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

# Not beside test_killed: both start kernels by the dozen.
pytestmark = pytest.mark.xdist_group("many-kernels")

_VARIABLE = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0xADDRESS"),
    (re.compile(r"ipykernel_\d+/\d+\.py"), "ipykernel_FILE"),
    (re.compile(r"<Figure size [^>]*>"), "<Figure>"),
)


def normal(content: dict[str, Any]) -> dict[str, Any]:
    """Leave out what may differ: times, addresses, and how texts are cut."""
    for cell in content["cells"]:
        cell.pop("id", None)
        timing = cell["metadata"].get("execution")
        if timing is not None:
            cell["metadata"]["execution"] = sorted(timing)
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell["outputs"] = joined(cell["outputs"])
    text = json.dumps(content, sort_keys=True)
    for pattern, replacement in _VARIABLE:
        text = pattern.sub(replacement, text)
    found: dict[str, Any] = json.loads(text)
    return found


def joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join texts of a stream that follow one another, as the lab does."""
    result: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream":
            output["text"] = "".join(output["text"])
            last = result[-1] if result else {}
            if (
                last.get("output_type") == "stream"
                and last["name"] == output["name"]
            ):
                last["text"] += output["text"]
                continue
        result.append(output)
    # stdout and stderr are two pipes: which of them is read first varies.
    if {o["output_type"] for o in result} == {"stream"}:
        result.sort(key=lambda output: str(output["name"]))
    return result


async def _execute(path: Path, gate: asyncio.Semaphore) -> dict[str, Any]:
    async with gate:
        book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call] # it has no types
        client = NotebookClient(
            book,
            timeout=60,
            # The peer gives up after a minute; a stalled machine needs more.
            startup_timeout=240,
            resources={"metadata": {"path": str(path.parent)}},
        )
        with contextlib.suppress(CellExecutionError):
            await client.async_execute()
        text = nbformat.writes(book)  # type: ignore[no-untyped-call] # it has no types
        content: dict[str, Any] = json.loads(text)
        return content


async def _execute_all(folder: Path) -> dict[str, dict[str, Any]]:
    gate = asyncio.Semaphore(2)
    paths = sorted(folder.glob("*.ipynb"))
    books = await asyncio.gather(*(_execute(path, gate) for path in paths))
    return {path.stem: book for path, book in zip(paths, books, strict=True)}


@pytest.fixture(scope="module")
def pairs(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Both executed copies of each notebook: nbclient's, and ours."""
    from rsp_health.platform.environment import LabEnvironment
    from rsp_health.runner.history import new_run_id
    from rsp_health.runner.options import RunOptions
    from rsp_health.runner.plan import make_plan
    from rsp_health.runner.running import run_here

    scratch = tmp_path_factory.mktemp("reference")
    for folder in (scratch / "theirs", scratch / "ours"):
        folder.mkdir()
        for name, data in NOTEBOOKS.items():
            (folder / f"{name}.ipynb").write_bytes(data)
    theirs = asyncio.run(_execute_all(scratch / "theirs"))
    document: RunDocument = run_here(
        make_plan([scratch / "ours"]),
        RunOptions(jobs=2),
        run_id=new_run_id(),
        data_dir=scratch / "data",
        root=scratch,
        environment=LabEnvironment.from_process(),
    )
    ours = {}
    for entry in document.notebooks:
        assert entry.executed_path is not None, entry.reason
        text = (scratch / entry.executed_path).read_text()
        ours[entry.path.removesuffix(".ipynb")] = json.loads(text)
    return {name: (theirs[name], ours[name]) for name in NOTEBOOKS}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(NOTEBOOKS))
def test_executed_copy_equals_nbclients(
    name: str, pairs: dict[str, tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    theirs, ours = pairs[name]
    assert normal(ours) == normal(theirs)


def test_there_are_enough_notebooks() -> None:
    assert len(NOTEBOOKS) >= 30
