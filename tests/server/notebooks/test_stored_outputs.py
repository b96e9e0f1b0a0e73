"""Saves of notebooks whose outputs another extension keeps.

The real jupyter-server-documents is beside us in ``make test-packaging``; this
is its manager of outputs, as far as a save goes.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.server.notebooks.stored_outputs import save_as_shown

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_server.serverapp import ServerApp

FILE = "00000000-0000-4000-8000-000000000000"
LOG = logging.getLogger(__name__)


def stream(text: str) -> dict[str, Any]:
    """An output."""
    return {"output_type": "stream", "name": "stdout", "text": text}


def address(cell: str, index: int, file: str = FILE) -> dict[str, Any]:
    """What the document has in an output's place."""
    url = f"/api/outputs/{file}/{cell}/{index}.output"
    return {"output_type": "stream", "text": "", "metadata": {"url": url}}


def code(cell: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    """A code cell as the document has it."""
    return {"cell_type": "code", "id": cell, "outputs": list(outputs)}


class Manager:
    """Keeps outputs by file, cell and index; a save refills all cells."""

    def __init__(
        self, outputs_path: Path, **cells: list[dict[str, Any]]
    ) -> None:
        self.outputs_path = self._root = outputs_path
        for cell, outputs in cells.items():
            for index, output in enumerate(outputs):
                path = self.path(cell, index)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(output))

    def path(self, cell_id: str, index: int, file_id: str = FILE) -> Path:
        """Return the file of one output."""
        return self._root / file_id / cell_id / f"{index}.output"

    def get_output(self, file_id: str, cell_id: str, index: int) -> Any:
        """Return one output."""
        return json.loads(self.path(cell_id, index, file_id).read_text())

    def get_outputs(self, file_id: str, cell_id: str) -> list[str]:
        """Return all outputs of a cell."""
        folder = self._root / file_id / cell_id
        paths = sorted(folder.glob("*.output"), key=lambda p: int(p.stem))
        return [path.read_text() for path in paths]

    def process_saving_notebook(
        self, nb: dict[str, Any], file_id: str
    ) -> dict[str, Any]:
        """Fill a notebook with what is stored."""
        for cell in nb["cells"]:
            if cell["cell_type"] == "code":
                texts = self.get_outputs(file_id=file_id, cell_id=cell["id"])
                cell["outputs"] = [json.loads(text) for text in texts]
        return nb


class ExcludingManager(Manager):
    """One that never writes outputs, by its operator's choice."""

    def process_saving_notebook(
        self, nb: dict[str, Any], file_id: str
    ) -> dict[str, Any]:
        """Empty a notebook."""
        del file_id
        for cell in nb["cells"]:
            cell["outputs"] = []
        return nb


def saved(
    manager: Manager, *cells: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """What a save of these cells writes, by cell."""
    if "get_outputs" not in vars(manager):
        assert save_as_shown(manager, LOG)
    nb = manager.process_saving_notebook({"cells": list(cells)}, FILE)
    return {cell["id"]: cell["outputs"] for cell in nb["cells"]}


ONE, TWO, OWN = stream("one"), stream("two"), stream("own")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param([], [], id="stripped"),
        pytest.param([address("a", 0), address("a", 1)], [ONE, TWO], id="all"),
        pytest.param([address("a", 1)], [TWO], id="the newer one"),
        pytest.param([OWN], [OWN], id="a whole output"),
        pytest.param([OWN, OWN], [OWN, OWN], id="as many whole outputs"),
        pytest.param([OWN, address("a", 1)], [OWN, TWO], id="both"),
        pytest.param([address("a", 1)] * 2, [TWO, TWO], id="one twice"),
        pytest.param(
            [address("a", 1), address("a", 0)], [TWO, ONE], id="the other way"
        ),
        pytest.param(
            [address("..", 0, "..")], [address("..", 0, "..")], id="outside"
        ),
        pytest.param([address("a", 7)], [], id="an address of nothing"),
        pytest.param([address("b", 0)], [stream("b")], id="another's"),
        pytest.param(
            [address("b", 0), address("a", 0)],
            [stream("b"), ONE],
            id="another's beside",
        ),
        pytest.param(
            [{**OWN, "metadata": {"url": 5}}],
            [{**OWN, "metadata": {"url": 5}}],
            id="a url that is none",
        ),
    ],
)
def test_a_file_holds_what_the_document_shows(
    tmp_path: Path,
    shown: list[dict[str, Any]],
    expected: list[dict[str, Any]],
) -> None:
    """Nothing that the document does not show, and all that it shows."""
    (tmp_path / "0.output").write_text(json.dumps(OWN))
    outputs_path = tmp_path / "runtime/outputs"
    outputs_path.mkdir(parents=True)
    manager = Manager(outputs_path, a=[ONE, TWO], b=[stream("b")])
    assert saved(manager, code("a", *shown)) == {"a": expected}


def test_an_output_that_vanished_is_not_another_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As many are stored as are shown, but they are not the same."""
    manager = Manager(tmp_path, a=[ONE, TWO])
    manager.path("a", 1).unlink()
    assert saved(manager, code("a", address("a", 1))) == {"a": []}
    assert "1 output of the cell a" in caplog.text
    caplog.clear()
    nb = {"cells": [code("a", address("a", 1))]}
    manager.process_saving_notebook(nb, FILE)
    assert not caplog.text  # Labs save again and again.


def test_an_output_that_is_not_read_whole_stops_the_save(
    tmp_path: Path,
) -> None:
    """As it does without us: the file on disk keeps what it has."""
    manager = Manager(tmp_path, a=[ONE, TWO])
    manager.path("a", 1).write_text(json.dumps(TWO)[:9])
    assert saved(manager, code("a", address("a", 0))) == {"a": [ONE]}
    with pytest.raises(json.JSONDecodeError):
        saved(manager, code("a", OWN, address("a", 1)))


def test_a_manager_that_does_not_say_where_its_files_are(
    tmp_path: Path,
) -> None:
    """Then each output is asked for."""
    manager = Manager(tmp_path, a=[ONE, TWO])
    manager.path("a", 1).unlink()
    del manager.outputs_path
    assert saved(manager, code("a", address("a", 1))) == {"a": []}
    assert saved(manager, code("a", address("a", 0))) == {"a": [ONE]}


def test_other_questions_get_all_that_is_stored(tmp_path: Path) -> None:
    """Outside of a save nothing is left out."""
    manager = Manager(tmp_path, a=[ONE, TWO])
    assert saved(manager, code("a")) == {"a": []}
    assert manager.get_outputs(FILE, "a") == [json.dumps(ONE), json.dumps(TWO)]


def test_what_an_operator_leaves_out_stays_out(tmp_path: Path) -> None:
    """Another class may write no outputs at all."""
    manager = ExcludingManager(tmp_path, a=[ONE])
    assert saved(manager, code("a", OWN)) == {"a": []}


def test_a_save_goes_on_with_all_that_there_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A failure of ours neither keeps anybody from saving nor loses any."""

    def fail(*_: object) -> None:
        raise RuntimeError

    manager = Manager(tmp_path, a=[ONE, TWO])
    monkeypatch.setattr(manager, "get_output", fail)
    shown = [OWN, address("a", 1)]
    assert saved(manager, code("a", *shown)) == {"a": [ONE, TWO, OWN]}


@pytest.mark.parametrize("manager", [None, object()])
def test_where_there_is_no_such_manager_nothing_changes(
    manager: object,
) -> None:
    """A lab without the extension, or with one that we do not know."""
    assert not save_as_shown(manager, LOG)


async def test_a_server_that_starts_takes_part(
    jp_serverapp: ServerApp, tmp_path: Path
) -> None:
    """It is attached when all extensions are there."""
    manager = Manager(tmp_path / "outputs", a=[ONE])
    jp_serverapp.web_app.settings["outputs_manager"] = manager
    await jp_serverapp.extension_manager.start_all_extensions()
    nb = manager.process_saving_notebook({"cells": [code("a")]}, FILE)
    assert nb["cells"][0]["outputs"] == []
