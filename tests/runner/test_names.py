"""Notebooks whose names are not UTF-8: one entry each, everywhere."""

from __future__ import annotations

import json
import os
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.planning.repeat import notebooks_of_last_run
from rsp_health.runner.record.history import History
from rsp_health.runner.reports import render
from rsp_health.runner.reports.github_report import commands, summary
from rsp_health.runner.service import RunnerService
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument

TEXTS = [r"a\x5cxff.ipynb", r"a\xfe.ipynb", r"a\xff.ipynb"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three notebooks, the one of the byte 0xFF fails."""
    folder = tmp_path / "nb"
    folder.mkdir()
    for name in (b"a\xff.ipynb", b"a\xfe.ipynb", rb"a\xff.ipynb"):
        path = folder / os.fsdecode(name)
        path.write_bytes(notebook("1/0" if name == b"a\xff.ipynb" else "1"))
    return folder


def test_names_that_differ_in_odd_bytes_are_one_entry_each(
    run: Callable[..., RunDocument], folder: Path, data: Path
) -> None:
    document = run(folder)
    states = {x.path: x.state for x in document.notebooks}
    assert states == dict(
        zip(TEXTS, ["passed", "passed", "failed"], strict=True)
    )
    assert document.totals.model_dump() == {
        "passed": 2,
        "failed": 1,
        "skipped": 0,
        "other": 0,
    }
    told = json.loads(render(document, "json")[1])
    assert [x["path"] for x in told["notebooks"]] == TEXTS
    # Every program reads the record.
    record = History(data).folder(document.run_id).record.read_bytes()
    assert b"\\ud" not in record
    root = ET.fromstring(render(document, "junit")[1])  # noqa: S314 - our own
    assert [root.attrib[x] for x in ("tests", "failures")] == ["3", "1"]
    assert [suite.attrib["name"] for suite in root] == TEXTS
    html = render(document, "html")[1].decode()
    assert all(f">{text}<" in html for text in TEXTS)
    assert all(
        text.replace("\\", "\\\\") in summary(document) for text in TEXTS
    )
    [command] = commands(document, None)
    assert TEXTS[2] in command
    # Each has an executed copy of its own.
    assert len({x.executed_path for x in document.notebooks}) == 3
    service = RunnerService(
        root=data, data_dir=data, environment=LabEnvironment()
    )
    copies = {
        service.copy(document.run_id, text, "read").path for text in TEXTS
    }
    assert len(copies) == 3
    # What failed is run again, and not its neighbour.
    last = notebooks_of_last_run(History(data), failed=True)
    assert [os.fsencode(path.name) for path in last.notebooks] == [
        b"a\xff.ipynb"
    ]


def test_names_of_control_characters_stay_apart_in_reports(
    run: Callable[..., RunDocument], tmp_path: Path
) -> None:
    folder = tmp_path / "nb"
    folder.mkdir()
    for name in ("a\1.ipynb", "a\2.ipynb"):
        (folder / name).write_bytes(notebook())
    document = run(folder)
    root = ET.fromstring(render(document, "junit")[1])  # noqa: S314 - our own
    names = [suite.attrib["name"] for suite in root]
    assert names == [r"a\x01.ipynb", r"a\x02.ipynb"]


def test_they_are_listed_and_planned(
    folder: Path,
    data: Path,
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    service = RunnerService(
        root=folder.parent, data_dir=data, environment=LabEnvironment()
    )
    listed = service.notebooks(folder, repository="x", applications=None)
    listed.model_dump_json()
    assert [x.path for x in listed.notebooks] == TEXTS
    done = command("run", folder, "--plan")
    assert done.returncode == 0, done.stderr
    assert all(text in done.stdout for text in TEXTS)
