"""Bundles that are made of secrets: ``python -m tests.faults.bundles [N]``.

Twelve kinds of secret in six encodings are told by every file of N bundles
(50). An oracle that shares nothing with the product looks for parts of them in
each file as it stands in the archive. A file that was left out told nothing;
it is counted apart: files that are always left out would protect, too.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.bundles.lab import ENCODINGS, FILES, bundle_of, inside
from tests.faults.secrets.kinds import new_kinds
from tests.faults.secrets.oracle import leaks

if TYPE_CHECKING:
    from rsp_health.doctor.bundle.models import Flavour

__all__ = ["main"]

_BUNDLES = 50
_SEED = 14


def main(argv: list[str]) -> int:
    """Make the bundles, and return 0 if nothing leaked."""
    number = int(argv[0]) if argv else _BUNDLES
    choice = random.Random(_SEED)  # noqa: S311 - the same in every run
    begin = time.monotonic()
    found: list[str] = []
    count: Counter[str] = Counter()
    for index in range(number):
        kinds = new_kinds()
        encodings = list(ENCODINGS)
        choice.shuffle(encodings)
        flavour: Flavour = "public" if index % 2 else "staff"
        with tempfile.TemporaryDirectory() as home:
            document, data = bundle_of(Path(home), kinds, encodings, flavour)
        texts = inside(data)
        found += leaks(kinds, texts)
        listed = {entry.name for entry in document.files}
        if listed != set(texts):
            found.append(f"bundle {index}: the list is not what is inside")
        count["files"] += len(texts)
        count["left out"] += len(set(FILES) - set(texts))
        count["told"] += len(kinds) * len(encodings) * len(FILES)
        if not index:
            for omission in document.omissions:
                print(f"  left out: {omission.name}: {omission.reason}")
    for leak in sorted(set(found))[:40]:
        print(f"  LEAK {leak}")
    print(
        f"bundles: {number}, secrets told: {count['told']}, files: "
        f"{count['files']}, left out: {count['left out']}, leaks: "
        f"{len(found)}, {time.monotonic() - begin:.0f} s"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
