"""Runs in processes of their own, as users get them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.runner.options import RunOptions
from rsp_health.runner.planning.call import RunCall
from rsp_health.runner.planning.plan import make_plan
from rsp_health.runner.run_here import run_here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument
    from rsp_health.runner.record_lines import RecordLine


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder."""
    return tmp_path / "data"


@pytest.fixture
def run(data: Path) -> Callable[..., RunDocument]:
    """Return a function that runs notebooks in this process."""

    def run(
        *paths: Path,
        listener: Callable[[RecordLine], None] | None = None,
        variables: dict[str, str] | None = None,
        plan: dict[str, Any] | None = None,
        **options: Any,
    ) -> RunDocument:
        environment = LabEnvironment(
            variables={**os.environ, **(variables or {})}
        )
        return run_here(
            make_plan(list(paths), **(plan or {})),
            RunCall(paths=paths, options=RunOptions(**options)),
            data_dir=data,
            root=data,
            environment=environment,
            listener=listener,
        )

    return run


@pytest.fixture
def executed(data: Path) -> Callable[[RunDocument, str], dict[str, Any]]:
    """Return a function that reads an executed copy."""

    def executed(document: RunDocument, path: str) -> dict[str, Any]:
        for notebook in document.notebooks:
            if notebook.path == path:
                assert notebook.executed_path is not None
                text = (data / notebook.executed_path).read_text()
                content: dict[str, Any] = json.loads(text)
                return content
        raise LookupError(path)

    return executed


@pytest.fixture
def command(data: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that calls ``rsp-health`` in a scratch home."""

    def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
        home = data.parent / "home"
        home.mkdir(exist_ok=True)
        # A pipe, as wide as it likes, wherever the tests are started.
        environment = dict(os.environ, HOME=str(home))
        environment.pop("COLUMNS", None)
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "rsp_health.cli.main",
                *map(str, words),
                "--data-dir",
                str(data),
                "--root",
                str(data.parent),
            ],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    return command
