"""The doctor's faults: ``python -m tests.faults.doctor [fixes|bare]``.

``fixes``: each is previewed, done and undone, with each call of the system
broken in turn, on a full disk, and where the names are taken: byte for byte.
``bare``: the command where next to nothing works: a useful verdict, never a
traceback, all quick checks within five seconds.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.faults.checkout import injection
from tests.faults.doctor.bare import look, places
from tests.faults.doctor.fixes import trials

__all__ = ["main"]

#: Seconds for all quick checks, and for the start of Python before them.
_LIMIT_S = 5.0


def _fixes() -> int:
    if injection.strace() is None:
        print("  fixes: not run, there is no strace")
        return 1
    injection.adopt_orphans()
    with tempfile.TemporaryDirectory() as scratch:
        results = list(trials(Path(scratch)))
    wrong = [text for text in results if text]
    for text in wrong[:20]:
        print(f"  WRONG {text}")
    print(f"fixes: {len(results)} trials, {len(wrong)} wrong")
    return len(wrong)


def _bare() -> int:
    wrong = 0
    with (
        tempfile.TemporaryDirectory() as scratch,
        places(Path(scratch)) as all_places,
    ):
        for place in all_places:
            complaints, took, verdict = look(place)
            if took > _LIMIT_S:
                complaints.append(f"it took {took:.1f} s")
            wrong += bool(complaints)
            sign = "✕" if complaints else "✓"
            print(f"  {sign} {place.name}: {took:.1f} s. {verdict[:110]}")
            for complaint in complaints:
                print(f"      {complaint}")
    print(f"bare: {len(all_places)} places, {wrong} wrong")
    return wrong


def main(argv: list[str]) -> int:
    """Run the parts that are named, or both."""
    parts = {"fixes": _fixes, "bare": _bare}
    return 1 if sum(parts[name]() for name in argv or parts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
