"""The service of the server: inside the root, and as models."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rsp_health.cleaning.models import CleanPolicy
from rsp_health.cleaning.service import CleaningService
from rsp_health.cleaning.undo import UndoStore
from rsp_health.errors import BadInputError, NotFoundError

from .notebooks import CLEAN, DIRTY, canonical

BEFORE, AFTER = canonical(DIRTY), canonical(CLEAN)


def test_a_report_of_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.ipynb", "sub/b.ipynb"):
        (tmp_path / name).write_bytes(BEFORE)
    (tmp_path / "sub" / "c.ipynb").write_text("{")
    service = CleaningService(root=tmp_path)
    paths = [Path("a.ipynb"), tmp_path / "sub"]
    report = service.clean(paths, dry_run=True)
    assert report.dry_run
    assert report.policy == CleanPolicy()
    assert [(file.path, file.state) for file in report.files] == [
        ("a.ipynb", "dirty"),
        ("sub/b.ipynb", "dirty"),
        ("sub/c.ipynb", "error"),
    ]
    assert (tmp_path / "a.ipynb").read_bytes() == BEFORE
    report = service.clean(paths)
    assert not report.dry_run
    assert [file.state for file in report.files] == [
        "cleaned",
        "cleaned",
        "error",
    ]
    first = report.files[0]
    assert first.removed_bytes == len(BEFORE) - len(AFTER)
    assert (first.outputs, first.execution_counts, first.metadata) == (1, 1, 1)
    assert (tmp_path / "a.ipynb").read_bytes() == AFTER


@pytest.mark.parametrize("path", ["../x.ipynb", "/etc/passwd", "a/../../x"])
def test_nothing_outside_the_root_is_read(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "x.ipynb").write_bytes(BEFORE)
    with pytest.raises(BadInputError) as caught:
        CleaningService(root=root).clean([Path(path)])
    assert caught.value.code == "outside_root"


def test_a_link_that_leaves_the_root_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    outside = tmp_path / "x.ipynb"
    outside.write_bytes(BEFORE)
    (root / "link.ipynb").symlink_to(outside)
    service = CleaningService(root=root)
    with pytest.raises(BadInputError):
        service.clean([Path("link.ipynb")])
    assert service.clean([Path()]).files == []
    assert outside.read_bytes() == BEFORE


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        CleaningService(root=tmp_path).clean([Path("gone.ipynb")])
    assert caught.value.code == "no_such_file"
    assert "gone.ipynb" in caught.value.message


def test_settings_are_read_anew(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.ipynb").write_bytes(BEFORE)
    service = CleaningService(root=tmp_path)
    assert service.policy_for(Path("a.ipynb")) == CleanPolicy()
    (tmp_path / ".rsp-health.toml").write_text(
        "[clean]\nkeep-output-max-bytes = 5\n"
    )
    assert service.policy_for(Path("a.ipynb")).keep_output_max_bytes == 5


def test_a_name_that_is_no_utf8_is_shown(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\xff.ipynb")
    path.write_bytes(BEFORE)
    undo = UndoStore(tmp_path / "undo")
    service = CleaningService(root=tmp_path, undo=undo)
    for report in (
        service.clean([Path()], dry_run=True),
        service.clean([Path()]),
    ):
        assert [file.path for file in report.files] == [r"a\xff.ipynb"]
        assert r"a\\xff.ipynb" in report.model_dump_json()
    assert path.read_bytes() == AFTER
    assert report.undo
    undone = service.undo(report.undo)
    assert r"a\\xff.ipynb" in undone.model_dump_json()
    assert path.read_bytes() == BEFORE
