from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from rsp_health.doctor.bundle import making
from rsp_health.doctor.bundle.making import make_bundle, write_bundle
from rsp_health.doctor.bundle.material import Material
from rsp_health.doctor.models import Evidence, fault
from rsp_health.doctor.report import make_report
from rsp_health.errors import (
    BadInputError,
    ConflictError,
    EnvironmentFailureError,
)
from rsp_health.redaction import Redactor

if TYPE_CHECKING:
    from pathlib import Path

    from rsp_health.doctor.bundle.making import Bundle
    from rsp_health.doctor.bundle.models import Flavour

    from ..conftest import Lab

SECRET = "f7Gh2kLm9pQr4sTv8wXz"


def _make(
    lab: Lab, flavour: Flavour = "public", said: str = "It broke."
) -> Bundle:
    seen = Evidence(source=str(lab.home / "x.log"), value="at 192.168.7.12")
    finding = fault(said, seen, whose="platform", next_step="Wait.")
    report = make_report(
        [finding.model_copy(update={"check": "home.space", "title": "Home"})],
        "data.example.org",
    )
    context = lab.context(packages=())
    return make_bundle(Material(context=context, report=report), flavour)


@pytest.fixture
def secret(lab: Lab) -> str:
    lab.variables |= {"DB_PASSWORD": SECRET, "USER": "vrubin"}
    return SECRET


def test_the_list_is_what_is_inside(lab: Lab) -> None:
    bundle = _make(lab)

    document = bundle.told(with_texts=True)
    with zipfile.ZipFile(io.BytesIO(bundle.data)) as archive:
        inside = {n: archive.read(n).decode() for n in archive.namelist()}

    assert inside == document.texts
    assert [f.name for f in document.files] == sorted(inside)
    listed = json.loads(inside["manifest.json"])
    assert {f["name"] for f in listed["files"]} == {
        *inside.keys() - {"manifest.json"}
    }
    assert listed["omissions"] == [o.model_dump() for o in document.omissions]
    assert document.summary == inside["summary.md"]


@pytest.mark.parametrize("flavour", ["public", "staff"])
def test_a_secret_is_replaced_and_counted(
    lab: Lab, secret: str, flavour: Flavour
) -> None:
    bundle = _make(lab, flavour, said=f"It broke with {secret}.")

    assert secret.encode() not in bundle.data
    assert all(secret.encode() not in data for data in bundle.files.values())
    counts = {e.name: e.redactions for e in bundle.entries}
    assert counts["summary.md"] >= 1


def test_the_public_is_not_told_who_and_where(lab: Lab, secret: str) -> None:
    del secret
    text = "".join(d.decode() for d in _make(lab).files.values())

    assert str(lab.home) not in text
    assert "192.168.7.12" not in text
    assert "vrubin" not in text
    staff = "".join(d.decode() for d in _make(lab, "staff").files.values())
    assert "192.168.7.12" in staff


def test_values_of_variables_are_not_told(lab: Lab) -> None:
    lab.variables["A_SETTING"] = "of-no-interest"

    files = _make(lab).files

    assert "A_SETTING" in files["environment.json"].decode()
    assert all(b"of-no-interest" not in data for data in files.values())


@pytest.mark.parametrize("way", ["raises", "does nothing"])
def test_a_redactor_that_fails_lets_nothing_out(
    lab: Lab, secret: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def broken(self: Redactor, value: object) -> object:
        del self
        if way == "raises":
            raise RuntimeError(secret)
        return value

    class Broken(Redactor):
        text = broken  # type: ignore[assignment] # it is broken
        value = broken

    monkeypatch.setattr(making, "Redactor", Broken)

    bundle = _make(lab, said=f"It broke with {secret}.")

    assert "summary.md" not in bundle.files
    reasons = {o.name: o.reason for o in bundle.omissions}
    assert reasons["summary.md"] in {
        "what takes secrets out of it failed",
        "a secret of this lab is still in it",
    }
    assert secret.encode() not in b"".join(bundle.files.values())


def test_a_second_look_that_fails_lets_nothing_out(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> str:
        raise RuntimeError

    monkeypatch.setattr(making, "leak_in", fails)

    with pytest.raises(EnvironmentFailureError, match="was not made"):
        _make(lab)


def test_a_source_that_fails_is_left_out_and_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> str:
        raise OSError("with a secret in its text")

    monkeypatch.setattr("rsp_health.doctor.bundle.material._packages", fails)

    omitted = {o.name: o.reason for o in _make(lab).omissions}

    assert omitted["packages.txt"] == "it could not be read (OSError)"


def test_each_run_is_read_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[object] = []

    def read(material: object) -> list[object]:
        reads.append(material)
        return []

    monkeypatch.setattr("rsp_health.doctor.bundle.material._runs", read)

    _make(lab)

    assert len(reads) == 1


def test_it_is_for_its_user_alone(lab: Lab, tmp_path: Path) -> None:
    target = tmp_path / "new" / "b.zip"
    old = os.umask(0)
    try:
        document = write_bundle(_make(lab), target)
    finally:
        os.umask(old)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert document.path == str(target)
    assert document.size_bytes == target.stat().st_size
    assert [p.name for p in target.parent.iterdir()] == ["b.zip"]


def test_nothing_is_replaced(lab: Lab, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_text("mine")

    with pytest.raises(ConflictError):
        write_bundle(_make(lab), target)

    assert target.read_text() == "mine"
    assert {p.name for p in tmp_path.iterdir()} == {"b.zip", "home"}


def test_it_is_not_put_into_a_repository(lab: Lab, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / ".git").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(tree)

    for folder in (tree, tree / "deep", link):
        with pytest.raises(BadInputError, match="git repository"):
            write_bundle(_make(lab), folder / "b.zip")

    assert [p.name for p in tree.iterdir()] == [".git"]
