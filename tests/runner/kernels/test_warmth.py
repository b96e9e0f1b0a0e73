"""What a notebook leaves is the same warm and cold.

The quick part of ``python -m tests.faults.warmth``, which has four times as
many.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from rsp_health.runner.kernels.factory import KernelFactory
from rsp_health.runner.kernels.spec import find_kernelspec
from tests.faults.warmth.__main__ import compare, differences
from tests.faults.warmth.books import BOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_QUICK = (
    "atexit-shown",
    "callback-name",
    "del-cycle",
    "gzip-text-generator",
    "shelve-cycle",
    "sqlite-name",
    "stack-generator",
    "temporary-file-shown",
    "thread-name",
    "zip-entry-name",
)


@pytest.mark.slow
def test_what_is_not_closed_is_left_as_by_an_ordinary_kernel(
    tmp_path: Path,
) -> None:
    books = {name: BOOKS[name] for name in _QUICK}
    left, wrong = differences(tmp_path, books)
    assert wrong == []
    # And they do leave something.
    assert all(len(left[name]) == 2 for name in _QUICK[:4])


def test_a_difference_would_be_noticed() -> None:
    found = {"a": ["passed", "x 1 bytes 00"]}
    assert compare(found, {"a": ["passed", "x 2 bytes 01"]}) != []
    assert compare(found, {}) != []


@pytest.fixture(scope="module")
def factory() -> Iterator[KernelFactory]:
    """Kernels whose Python tells how it takes itself apart."""
    variables = {**os.environ, "PYTHONVERBOSE": "1"}
    factory = KernelFactory(environment=variables)
    yield factory
    factory.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "at_once"),
    [
        ("import sys, os, json, time\nx = [json.dumps({'a': 1})]", True),
        ("class Point:\n    x = 1\np = Point()\nprint([p], flush=True)", True),
        ("f = open('x'); f.read()", True),
        ("f = open('x', 'a')", False),
        ("import gc\nf = open('x', 'a')\ngc.freeze()", False),
        ("import sqlite3\nc = sqlite3.connect(':memory:')", False),
        ("import threading as t\nt.Thread(target=print).start()", True),
        (
            (
                "import threading as t\ne = t.Event()\n"
                "t.Thread(target=e.wait, daemon=True).start()"
            ),
            False,
        ),
        ("import wave", False),
        ("class Odd:\n    __module__ = None\no = Odd()", False),
    ],
)
def test_only_where_nothing_is_left_open_the_process_ends_at_once(
    factory: KernelFactory, tmp_path: Path, code: str, at_once: bool
) -> None:
    (tmp_path / "x").touch()
    reader, writer = os.pipe()
    kernel = factory.start(find_kernelspec("python3"), folder=tmp_path)
    kernel.wait_until_ready(timeout_s=60, wake=reader)
    kernel._execute_silently(code, time.monotonic() + 60, reader)
    assert kernel.end(grace_s=60)
    os.close(reader)
    os.close(writer)
    assert kernel.exit is not None
    assert ("clear sys.audit hooks" not in kernel.exit.log) is at_once
