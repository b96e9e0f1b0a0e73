"""Stripping outputs over HTTP, with the real cleaning feature."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    type Call = Callable[..., Awaitable[tuple[int, Any]]]

DIRTY = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": 3,
            "id": "a",
            "metadata": {},
            "outputs": [
                {"name": "stdout", "output_type": "stream", "text": ["x"]}
            ],
            "source": ["print('x')"],
        }
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def dirty(jp_root_dir: Path) -> Path:
    path = jp_root_dir / "sub" / "dirty é.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(DIRTY, indent=1) + "\n")
    return path


async def test_dry_run_then_clean(call: Call, dirty: Path) -> None:
    before = dirty.read_bytes()
    body = {"paths": ["sub/dirty é.ipynb"], "dry_run": True}
    status, report = await call("POST", "clean", body)
    assert status == 200
    assert [(f["path"], f["state"]) for f in report["files"]] == [
        ("sub/dirty é.ipynb", "dirty")
    ]
    assert dirty.read_bytes() == before

    body["dry_run"] = False
    status, report = await call("POST", "clean", body)
    assert [f["state"] for f in report["files"]] == ["cleaned"]
    (cell,) = json.loads(dirty.read_text())["cells"]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)

    status, report = await call("POST", "clean", body)
    assert [f["state"] for f in report["files"]] == ["clean"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"paths": ["../outside.ipynb"]}, (422, "outside_root")),
        ({"paths": ["/etc/passwd"]}, (422, "outside_root")),
        ({"paths": ["a\0b"]}, (422, "outside_root")),
        ({"paths": []}, (422, "invalid_request")),
        ({}, (422, "invalid_request")),
        ({"paths": ["x"] * 1001}, (422, "invalid_request")),
        ({"paths": ["x" * 70_000]}, (413, "body_too_large")),
    ],
)
async def test_refusals(
    call: Call, body: Any, expected: tuple[int, str]
) -> None:
    status, answer = await call("POST", "clean", body)
    assert (status, answer["error"]) == expected


async def test_no_such_notebook(call: Call) -> None:
    status, _ = await call("POST", "clean", {"paths": ["nowhere.ipynb"]})
    assert status == 404


async def test_what_was_cleaned_is_put_back(call: Call, dirty: Path) -> None:
    before = dirty.read_bytes()
    _, seen = await call("POST", "clean", {"paths": ["sub"], "dry_run": True})
    body = {"paths": ["sub"], "fingerprint": seen["fingerprint"]}
    _, report = await call("POST", "clean", body)
    assert dirty.read_bytes() != before
    undo = {"undo": report["undo"]}
    status, answer = await call("POST", "clean/undo", undo)
    assert status == 200
    assert answer["files"] == [
        {"path": "sub/dirty é.ipynb", "state": "restored", "message": ""}
    ]
    assert dirty.read_bytes() == before
    status, answer = await call("POST", "clean/undo", undo)
    assert (status, answer["error"]) == (404, "no_such_undo")


async def test_what_changed_meanwhile_is_not_cleaned(
    call: Call, dirty: Path
) -> None:
    _, seen = await call("POST", "clean", {"paths": ["sub"], "dry_run": True})
    changed = json.dumps(DIRTY).encode()
    dirty.write_bytes(changed)
    body = {"paths": ["sub"], "fingerprint": seen["fingerprint"]}
    status, answer = await call("POST", "clean", body)
    assert (status, answer["error"]) == (409, "changed")
    assert dirty.read_bytes() == changed


async def test_the_policy_is_told_without_reading_the_notebook(
    call: Call, jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = jp_root_dir / "a é"
    (folder / ".git").mkdir(parents=True)
    (folder / "b c.ipynb").write_text("not a notebook")
    (folder / ".rsp-health.toml").write_text(
        "[clean]\nstrip-language-version = true\n"
    )

    def run(*_: object, **__: object) -> None:
        raise AssertionError("nb-clean was asked")

    monkeypatch.setattr("rsp_health.cleaning.splice.engine.NbClean._run", run)

    async def ask(path: str) -> tuple[int, Any]:
        return await call("GET", "clean/policy", params={"path": path})

    for path in ("a é/b c.ipynb", "a é"):
        status, policy = await ask(path)
        assert status == 200
        assert policy["strip_language_version"] is True
    status, policy = await ask("")
    assert (status, policy["strip_language_version"]) == (200, False)
    status, error = await ask("a é/none")
    assert (status, error["error"]) == (404, "no_such_file")
    status, error = await ask("../x")
    assert (status, error["error"]) == (422, "outside_root")
    (folder / ".rsp-health.toml").write_text("[clean]\nx = 1\n")
    status, error = await ask("a é")
    assert (status, error["error"]) == (422, "bad_settings")
