"""The warm parent starts first: what else a run loads is loaded meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rsp_health.runner.options import RunOptions
from rsp_health.runner.planning.call import RunCall
from tests.faults.runner.cases import notebook

if TYPE_CHECKING:
    from pathlib import Path

#: Calls the command, and tells what was loaded when the parent was started.
_WATCHED = """
import sys
from rsp_health.runner.kernels.factory import KernelFactory
prepare = KernelFactory.prepare
def watched(self, spec):
    told = "after the models" if "pydantic" in sys.modules else "at once"
    print(f"parent of {spec.name} started {told}", file=sys.stderr)
    prepare(self, spec)
KernelFactory.prepare = watched
from rsp_health.cli.main import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("by", ["terminal", "server"])
def test_the_warm_parent_starts_before_the_models_load(
    tmp_path: Path, by: str
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook("1 + 1"))
    words = ["run", "--data-dir", str(tmp_path / "data")]
    sent = b""
    reader, writer = os.pipe()
    if by == "terminal":
        words.append(str(path))
    else:
        words += ["--ready-fd", str(writer)]
        call = RunCall(paths=(path,), options=RunOptions())
        sent = call.to_json()
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, *words],
        cwd=tmp_path,
        input=sent,
        capture_output=True,
        check=False,
        pass_fds=[writer],
    )
    os.close(reader)
    os.close(writer)
    told = done.stderr.decode()
    assert done.returncode == 0, told
    assert told.count("parent of") == 1
    assert "parent of python3 started at once" in told
