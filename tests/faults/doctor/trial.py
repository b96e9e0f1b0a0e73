"""Bundles of labs with a fault each, to be read by somebody who knows nothing.

Ten kinds are drawn by chance. Of each, the folder gets a text that holds what
its bundle holds, and no more; what was broken stands in ``key.json`` beside,
for afterwards.
"""

from __future__ import annotations

import json
import random
import secrets
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.doctor.verdicts.case import Case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.doctor.verdicts.case import Kind

__all__ = ["bundles"]


def bundles(kinds: Sequence[Kind], folder: Path, count: int = 10) -> None:
    """Break labs, and write what their bundles hold.

    Parameters
    ----------
    kinds
        What may be broken.
    folder
        Where the texts go.
    count
        How many.
    """
    chance = random.Random(secrets.token_hex())  # noqa: S311 - not a secret
    drawn = chance.sample(list(kinds), count)
    key = {}
    for number, kind in enumerate(drawn, 1):
        name = f"bundle-{number:02}"
        key[name] = kind.name
        with tempfile.TemporaryDirectory(
            dir=Path.home(), prefix=".trial-", ignore_cleanup_errors=True
        ) as scratch:
            case = Case(
                folder=Path(scratch, "lab"), chance=chance, broken=True
            )
            try:
                kind.prepare(case)
                path = Path(scratch, "bundle.zip")
                case.bundle(path)
                text = _text(path)
            finally:
                case.end()
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "key.json").write_text(json.dumps(key, indent=1))


def _text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "\n".join(
            f"##### {name}\n{archive.read(name).decode('utf-8', 'replace')}"
            for name in archive.namelist()
        )
