"""A call of ``rsp-health run`` reaches its process as it was made."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rsp_health.effects import Allowance
from rsp_health.errors import BadInputError
from rsp_health.runner.options import Limits, RunOptions
from rsp_health.runner.planning.call import RunCall

FULL = RunCall(
    paths=(Path("/home/a b/é.ipynb"), Path(os.fsdecode(b"/home/\xff\\xfe"))),
    folder=Path("/home"),
    everything=True,
    applications=frozenset({"tap", "nublado"}),
    ask_discovery=False,
    changed_since="origin/main",
    options=RunOptions(
        allowance=Allowance(effects="hardware", load="heavy"),
        mode="mobu",
        jobs=3,
        kernel="lsst",
        retries=2,
        confirm_slower=True,
        warm=False,
        limits=Limits(cell_timeout_s=None, notebook_timeout_s=2.5),
        backend="dask",
        scheduler="tcp://localhost:8786",
    ),
    output=Path("/home/executed"),
    scratch=True,
    run_id="20261122T080000Z-abc123",
    server_pid=17,
)


@pytest.mark.parametrize("call", [RunCall(paths=()), FULL])
def test_what_is_read_is_what_was_written(call: RunCall) -> None:
    assert RunCall.from_json(call.to_json()) == call


def test_what_a_newer_server_says_beyond_is_left_out() -> None:
    found = json.loads(FULL.to_json())
    found["colour"] = "blue"
    found["options"]["colour"] = "blue"
    found["options"]["limits"]["colour"] = "blue"
    assert RunCall.from_json(json.dumps(found).encode()) == FULL


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"paths": [], "options": []}',
        b'{"paths": 3}',
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError) as caught:
        RunCall.from_json(data)
    assert "--ready-fd" in str(caught.value.hint)


def test_an_id_that_leads_elsewhere_is_refused() -> None:
    found = json.loads(FULL.to_json()) | {"run_id": "../x"}
    with pytest.raises(BadInputError, match="cannot be a run's id"):
        RunCall.from_json(json.dumps(found).encode())
