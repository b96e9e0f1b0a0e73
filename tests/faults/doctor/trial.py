"""Bundles of labs with a fault each, to be read by somebody who knows nothing.

Ten kinds are drawn by chance. The folder gets the bundle of each, which is all
that the reader is given; what was broken stands in a file elsewhere, for
afterwards.
"""

from __future__ import annotations

import json
import random
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.doctor.verdicts.case import Case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.doctor.verdicts.case import Kind

__all__ = ["bundles"]


def bundles(
    kinds: Sequence[Kind], folder: Path, key_file: Path, count: int = 10
) -> None:
    """Break labs, and make their bundles.

    Parameters
    ----------
    kinds
        What may be broken.
    folder
        Where the bundles go.
    key_file
        Where it is written what was broken.
    count
        How many.
    """
    chance = random.Random(secrets.token_hex())  # noqa: S311 - not a secret
    drawn = chance.sample(list(kinds), count)
    key = {}
    for number, kind in enumerate(drawn, 1):
        name = f"{number:02}.zip"
        key[name] = kind.name
        with tempfile.TemporaryDirectory(
            dir=Path.home(), prefix=".trial-", ignore_cleanup_errors=True
        ) as scratch:
            case = Case(
                folder=Path(scratch, "lab"), chance=chance, broken=True
            )
            try:
                kind.prepare(case)
                case.bundle(folder / name)
            finally:
                case.end()
    key_file.write_text(json.dumps(key, indent=1), encoding="utf-8")
