"""The quick part of ``python -m tests.faults.bundles``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.bundles.lab import ENCODINGS, FILES, bundle_of, inside
from tests.faults.secrets.kinds import KINDS
from tests.faults.secrets.oracle import leaks

if TYPE_CHECKING:
    from pathlib import Path


def test_no_secret_leaves_in_any_file(tmp_path: Path) -> None:
    _, data = bundle_of(tmp_path, KINDS[:5], ["as it is", "in JSON"], "public")
    texts = inside(data)

    assert leaks(KINDS, texts) == []
    assert set(texts) == {*FILES, "manifest.json"}


def test_each_encoding_is_found(tmp_path: Path) -> None:
    _, data = bundle_of(
        tmp_path, KINDS[::4], list(ENCODINGS), "staff", only="logs.txt"
    )

    assert leaks(KINDS, inside(data)) == []
