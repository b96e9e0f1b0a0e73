"""What the package itself offers, and to whom."""

from __future__ import annotations

import subprocess
import sys

import pytest

import rsp_health


def test_notebooks_can_ask_to_be_skipped() -> None:
    from rsp_health import require, skip

    with pytest.raises(rsp_health.SkipNotebook, match="no dp1 here"):
        skip("no dp1 here")
    require(True, "never told")  # noqa: FBT003 - as a notebook writes it


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(AttributeError, match="no attribute 'unheard'"):
        _ = rsp_health.unheard


def test_asking_imports_nothing_heavy() -> None:
    code = (
        "import sys; from rsp_health import skip;"
        "print(sorted({'pydantic', 'httpx', 'jupyter_server', 'traitlets'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
