from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.runner.skip import SkipNotebook, require, skip
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rsp_health.runner.models import RunDocument


def test_skip_says_why() -> None:
    with pytest.raises(SkipNotebook, match="no dataset dp1 here"):
        skip("no dataset dp1 here")


def test_require_holds_or_skips() -> None:
    require([1], "never said")
    with pytest.raises(SkipNotebook, match="no dataset dp1 here"):
        require([], "no dataset dp1 here")


@pytest.mark.parametrize(
    "code",
    [
        "from rsp_health.runner.skip import skip\nskip('no dp1 here')",
        (
            "from rsp_health.runner.skip import require\n"
            "require('dp1' in [], 'no dp1 here')"
        ),
        (
            "class SkipNotebook(Exception): pass\n"
            "raise SkipNotebook('no dp1 here')"
        ),
        "import unittest\nraise unittest.SkipTest('no dp1 here')",
    ],
)
def test_notebook_that_asks_is_skipped(
    code: str, tmp_path: Path, run: Callable[..., RunDocument]
) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook("1", code, "2"))
    document = run(path)
    found = document.notebooks[0]
    assert (found.state, found.reason) == ("skipped", "no dp1 here")
    assert [cell.state for cell in found.cells] == [
        "passed",
        "skipped",
        "not_run",
    ]
    assert (document.state, document.reason) == (
        "skipped",
        "Nothing was run to its end: 1 notebook was skipped.",
    )


def test_asking_imports_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import rsp_health.runner.skip\n"
        "print(sorted(m for m in set(sys.modules) - before\n"
        "    if not m.startswith('rsp_health') and m != '__future__'\n"
        "    and m != 'typing'))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": "."},
    )
    loaded = done.stdout
    assert "pydantic" not in loaded, done.stderr
    assert "jupyter" not in loaded
    assert "asyncio" not in loaded
    assert done.returncode == 0, done.stderr
