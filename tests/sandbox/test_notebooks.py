"""The shipped notebooks: clean, well formed, and honest in each scenario."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from rsp_health.sandbox import repository
from rsp_health.sandbox.app import SandboxServer
from rsp_health.sandbox.services.discovery import APPLICATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = repository._CONTENT
NOTEBOOKS = sorted(CONTENT.rglob("*.ipynb"))
CHECKS = sorted(CONTENT.glob("*/*.ipynb"))
ON_PURPOSE = "squareone_broken.ipynb"
NOT_DEPLOYED = "ppdbtap.ipynb"

#: What fails beyond the one that always does, when `ppdbtap` is left out.
FAILING = {
    "healthy": set(),
    "tap-down": {"tap.ipynb"},
    "tap-says-no": {"tap.ipynb"},
    "throttled": {"tap.ipynb", "sia.ipynb", "vo-cutouts.ipynb"},
    "blocked": {"vo-cutouts.ipynb"},
    "expired-token": {
        "gafaelfawr.ipynb",
        "nublado_figures.ipynb",
        "portal.ipynb",
        "sia.ipynb",
        "tap.ipynb",
        "vo-cutouts.ipynb",
    },
    "maintenance": {"tap.ipynb", "sia.ipynb"},
    "discovery-down": {"repertoire.ipynb", "hips.ipynb"},
    "semaphore-down": {"semaphore.ipynb"},
    "sia-says-no": {"sia.ipynb"},
    "everything-down": {p.name for p in CHECKS},
}


def _names(paths: list[Path]) -> list[str]:
    return [str(p.relative_to(CONTENT)) for p in paths]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=_names(NOTEBOOKS))
def test_notebook_is_well_formed_and_stripped(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert notebook.cells[0].cell_type == "markdown"
    assert all(c.outputs == [] and c.execution_count is None for c in code)
    assert text == json.dumps(json.loads(text), indent=1) + "\n"
    if (notebook.nbformat, notebook.nbformat_minor) == (4, 5):
        ids = [c.id for c in notebook.cells]
        assert len(set(ids)) == len(ids)
        assert all(i == i.lower() and len(i) < 20 for i in ids)


def test_there_is_one_of_each_kind() -> None:
    required = {
        p.name: json.loads(p.read_text())["metadata"]
        .get("mobu", {})
        .get("required_applications")
        for p in CHECKS
    }
    deployed = {
        name: set(apps or ()) <= set(APPLICATIONS)
        for name, apps in required.items()
    }
    assert {n for n, ok in deployed.items() if not ok} == {NOT_DEPLOYED}
    assert required["tap.ipynb"] == ["tap"]
    assert required["gafaelfawr.ipynb"] is None
    minors = {json.loads(p.read_text())["nbformat_minor"] for p in CHECKS}
    assert minors == {4, 5}


def test_rules_keep_experiments_out() -> None:
    text = (CONTENT / "system-test" / "mobu.yaml").read_text()
    assert yaml.safe_load(text) == {
        "collection_rules": [
            {"type": "exclude_union_of", "patterns": ["experiments/**"]}
        ]
    }
    assert list((CONTENT / "system-test" / "experiments").glob("*.ipynb"))


@pytest.fixture(scope="module")
def lab(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[SandboxServer, Path, dict[str, str]]]:
    home = tmp_path_factory.mktemp("home")
    with SandboxServer() as server:
        variables = {
            **server.lab_environment(home),
            "IPYTHONDIR": str(home / ".ipython"),
            "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
            "JUPYTER_DATA_DIR": str(home / ".local"),
            "JUPYTER_RUNTIME_DIR": str(home / ".runtime"),
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": str(home / ".matplotlib"),
            "PATH": os.environ["PATH"],
        }
        yield server, home, variables


@pytest.mark.parametrize("name", ["tap.ipynb", "nublado_figures.ipynb"])
def test_notebook_runs_in_a_kernel(
    lab: tuple[SandboxServer, Path, dict[str, str]], name: str
) -> None:
    server, home, variables = lab
    server.set_scenario("healthy")
    notebook = _execute(CONTENT / "system-test" / name, home, variables)
    outputs = [o for c in notebook.cells for o in c.get("outputs", ())]
    assert outputs
    if name == "nublado_figures.ipynb":
        kinds = [set(o.get("data", ())) for o in outputs]
        length = sum(len(o.get("text", "")) for o in outputs)
        assert sum("image/png" in kind for kind in kinds) == 2
        assert length > 50_000


def test_failure_on_purpose_is_clear(
    lab: tuple[SandboxServer, Path, dict[str, str]],
) -> None:
    server, home, variables = lab
    server.set_scenario("healthy")
    with pytest.raises(CellExecutionError) as caught:
        _execute(CONTENT / "system-test" / ON_PURPOSE, home, variables)
    assert caught.value.ename == "AssertionError"
    assert "it fails on purpose" in caught.value.evalue


def _execute(
    path: Path, home: Path, variables: dict[str, str]
) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=60, resources={"metadata": {"path": str(home)}}
    )
    kernel = {k: v for k, v in variables.items() if k != "MPLBACKEND"}
    client.execute(env=kernel)
    return notebook


@pytest.fixture(scope="module")
def failures(
    lab: tuple[SandboxServer, Path, dict[str, str]],
) -> dict[str, dict[str, str]]:
    """Run all notebooks in all scenarios, in one process.

    A kernel for each would cost a second each.
    """
    server, home, variables = lab
    paths = [str(p) for p in CHECKS if p.name != NOT_DEPLOYED]
    work = {
        "control": f"{server.url}/sandbox/scenario",
        "paths": paths,
        "scenarios": list(FAILING),
    }
    done = subprocess.run(
        [sys.executable, "-c", _RUN_ALL, json.dumps(work)],
        cwd=home,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=110,
    )
    errors: dict[str, dict[str, str]] = json.loads(
        done.stdout.splitlines()[-1]
    )
    return errors


@pytest.mark.slow
@pytest.mark.parametrize("scenario", FAILING)
def test_scenario_fails_the_right_notebooks(
    failures: dict[str, dict[str, str]], scenario: str
) -> None:
    errors = failures[scenario]
    expected = (FAILING[scenario] | {ON_PURPOSE}) - {NOT_DEPLOYED}
    assert set(errors) == expected
    assert set(errors.values()) <= {"AssertionError", "HTTPStatusError"}


_RUN_ALL = """
import json, pathlib, sys, warnings
import httpx
# A figure shown without a display says so; that is not what is tested.
warnings.simplefilter("ignore")
work = json.loads(sys.argv[1])
notebooks = {
    path: ["".join(cell["source"]) for cell in document["cells"]
           if cell["cell_type"] == "code"]
    for path in work["paths"]
    for document in [json.loads(pathlib.Path(path).read_text())]
}
errors = {}
for scenario in work["scenarios"]:
    put = httpx.put(work["control"], json={"scenario": scenario})
    put.raise_for_status()
    found = errors[scenario] = {}
    for path, cells in notebooks.items():
        names = {}
        try:
            for source in cells:
                exec(source, names)
        except Exception as error:
            found[pathlib.Path(path).name] = type(error).__name__
print()
print(json.dumps(errors))
"""
