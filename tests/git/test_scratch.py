from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rsp_health.git.scratch import make_view_folder, remove_left_views

if TYPE_CHECKING:
    from pathlib import Path


def test_only_what_was_left_long_ago_is_removed(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    left, used = make_view_folder(scratch), make_view_folder(scratch)
    other = scratch / "mine"
    other.mkdir()
    (left / "index").write_bytes(b"x")
    for path in (left, other):
        os.utime(path, (0, 0))

    remove_left_views(scratch)
    remove_left_views(tmp_path / "nowhere")

    assert sorted(scratch.iterdir()) == sorted([used, other])
