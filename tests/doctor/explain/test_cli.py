"""``rsp-health doctor --run`` and what the server asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20261120T213341Z-3f9c"
FIRST: dict[str, Any] = {
    "kind": "run_started",
    "at": "2026-11-20T21:33:41Z",
    "run_id": RUN,
    "environment": {"kernel": "python3"},
    "notebooks": [
        {"path": f"{name}.ipynb", "selected": True, "cells": [{"index": 1}]}
        for name in ("a", "b", "c")
    ],
}


def failed(name: str, text: str) -> list[dict[str, Any]]:
    """The lines of a notebook that failed in its cell."""
    ename, _, evalue = text.partition(": ")
    error = {"ename": ename, "evalue": evalue, "traceback": text}
    return [
        {
            "kind": "cell_finished",
            "at": "2026-11-20T21:33:45Z",
            "notebook": f"{name}.ipynb",
            "cell_index": 1,
            "state": "failed",
            "error": error,
        },
        {
            "kind": "notebook_finished",
            "at": "2026-11-20T21:33:46Z",
            "notebook": f"{name}.ipynb",
            "state": "failed",
            "reason": f"Cell 1: {text}",
        },
    ]


def place(home: Path, *lines: dict[str, Any], tail: bytes = b"") -> None:
    folder = home / ".rsp-health" / "runs" / RUN
    folder.mkdir(parents=True)
    end = {
        "kind": "run_finished",
        "at": "2026-11-20T21:34:00Z",
        "state": "failed",
    }
    data = [json.dumps(li).encode() + b"\n" for li in (FIRST, *lines, end)]
    (folder / "record.jsonl").write_bytes(b"".join(data) + tail)


def call(
    home: Path, *words: str, said: object = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "rsp_health.cli.start", "doctor"),
            *("--check-timeout", "60", *words),
        ],
        env={"PATH": os.defpath, "HOME": str(home)},
        cwd=home,
        input=said if isinstance(said, str) else json.dumps(said),
        capture_output=True,
        text=True,
        check=False,
    )


LSST = "ModuleNotFoundError: No module named 'lsst.rsp'"


def test_one_cause_of_a_run_is_told_once(tmp_path: Path) -> None:
    place(
        tmp_path,
        *failed("a", LSST),
        *failed("b", LSST.replace("rsp", "geom")),
        *failed("c", "KeyError: 'ra'"),
    )

    done = call(tmp_path, "--run", "last")

    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("✕ a.ipynb, cell 1: ModuleNotFoundError: ")
    assert lines[1] == "  the same in: b.ipynb"
    assert lines[2] == "  Of these: 2 new."
    assert lines[3].endswith("(lsst). [your environment]")
    assert lines[-1].startswith(
        "2 of 3 failures are one: The notebook was run with "
    )


def test_one_notebook_of_it_as_json(tmp_path: Path) -> None:
    place(tmp_path, *failed("a", LSST), *failed("c", "KeyError: 'ra'"))

    done = call(tmp_path, "--run", RUN, "--notebook", "c.ipynb", "--json")

    report = json.loads(done.stdout)
    assert report["schema"] == "rsp-health.explanation/1"
    (explanation,) = report["explanations"]
    assert explanation["failures"][0]["notebook"] == "c.ipynb"
    assert explanation["causes"][0]["certainty"] == "possible"


def test_where_nothing_failed_all_is_well(tmp_path: Path) -> None:
    place(tmp_path)

    done = call(tmp_path, "--run", "last")

    assert (done.returncode, done.stdout) == (0, "Nothing failed.\n")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--run", "nonsense"), "no_such_run"),
        (("--run", "last", "--notebook", "z.ipynb"), "no_such_notebook"),
    ],
)
def test_what_does_not_exist_is_told(
    tmp_path: Path, words: tuple[str, ...], error: str
) -> None:
    place(tmp_path)

    done = call(tmp_path, *words, "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == error


def test_without_any_run_that_is_told(tmp_path: Path) -> None:
    done = call(tmp_path, "--run", "last", "--json")

    assert json.loads(done.stdout)["error"] == "no_such_run"


def test_a_record_of_another_version_is_explained(tmp_path: Path) -> None:
    odd = {"kind": "services_seen", "services": {"troubled": [{"x": 1}, 2]}}
    new = {"kind": "something_new", "services": [[]]}
    place(tmp_path, odd, new, *failed("a", LSST), tail=b'{"kind": "cut')

    done = call(tmp_path, "--run", "last", "--json")

    assert json.loads(done.stdout)["sentence"].startswith(
        "The notebook was run with"
    )


def test_an_error_of_any_cell_is_explained(tmp_path: Path) -> None:
    error = {
        "ename": "ModuleNotFoundError",
        "evalue": "No module named 'lsst'",
        "traceback": "\x1b[31mModuleNotFoundError\x1b[0m: No module named "
        "'lsst'",
        "kernel": "python3",
        "notebook": "../../etc/x.ipynb",
        "age_s": 3,
    }
    asked = {"request": {"error": error}, "services": []}

    done = call(tmp_path, "--explain-stdin", "--json", said=asked)

    report = json.loads(done.stdout)
    assert report["explanations"][0]["causes"][0]["rule"] == "kernel.not_lsst"


@pytest.mark.parametrize("said", ["", "{", "[]", '{"request": {}}'])
def test_a_request_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    done = call(tmp_path, "--explain-stdin", "--json", said=said)

    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "words",
    [("--run", "last"), ("bundle", "--preview")],
    ids=["run", "bundle"],
)
def test_the_disk_of_the_file_that_failed_is_looked_at(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    error = f"[Errno 28] No space left on device: '{folder}/no/t.parquet'"
    place(tmp_path, *failed("a", f"OSError: {error}"))

    done = call(tmp_path, *words, "--json")

    assert "~/results is on your home, which has " in done.stdout
    assert "The disk of ~/results/no/t.parquet was full" in done.stdout
