"""The doctor's faults: ``python -m tests.faults.doctor [PART…]``.

``fixes``: each is previewed, done and undone, with each call of the system
broken in turn, on a full disk, and where the names are taken: byte for byte.
``bare``: the command where next to nothing works: a useful verdict, never a
traceback, all quick checks within five seconds.
``kernels``: thirty notebooks of the science pipelines, run on plain Python: one
cause, told once, and the others below it.
``trial``: ten bundles of labs with a fault each, for somebody to read.
``stalled``: in a real server whose home and platform stop to answer: an answer
in the same time, and no stop of its event loop.
``verdicts``: kinds of fault with some seeds, each beside a healthy twin: what is
told first, and whose. ``RSP_HEALTH_LIBRARIES`` names a folder in which a Python
with pyvo and httpx stands, or is made; what needs it is not run without it. ``VERDICTS_SEEDS`` (5)
and ``VERDICTS_KINDS`` (a pattern) choose.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from tests.faults.checkout import injection
from tests.faults.doctor.bare import look, places
from tests.faults.doctor.fixes import trials
from tests.faults.doctor.other_kernel import SHAPES, explained
from tests.faults.doctor.stalled import asked_in_vain
from tests.faults.doctor.trial import bundles
from tests.faults.doctor.verdicts.groups import GROUPS
from tests.faults.doctor.verdicts.judging import Tally, verdicts

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


def _kernels() -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for title, explanations in explained(Path(scratch)):
            print(f"  {title}: {len(SHAPES)} notebooks")
            for told in explanations:
                causes = told["causes"][:1] or [{"certainty": "unknown"}]
                print(
                    f"      {len(told['failures'])}: {causes[0]['certainty']} "
                    f"{causes[0].get('sentence', told['advice'])}"
                )
            rules = [c["rule"] for e in explanations for c in e["causes"][:1]]
            first = explanations[0]
            is_one = first["causes"][0]["rule"].startswith("kernel.")
            wrong += not is_one or rules.count(first["causes"][0]["rule"]) > 1
    return wrong


def _trial() -> int:
    folder = Path(tempfile.mkdtemp(prefix="bundles-"))
    key = Path(tempfile.mkdtemp(prefix="key-"), "key.json")
    bundles([kind for kinds in GROUPS.values() for kind in kinds], folder, key)
    print(f"trial: read {folder}/*.zip; what was broken stands in {key}")
    return 0


def _verdicts() -> int:
    seeds = int(os.environ.get("VERDICTS_SEEDS", "5"))
    pattern = os.environ.get("VERDICTS_KINDS", "")
    total = Tally()
    for title, kinds in GROUPS.items():
        chosen = [kind for kind in kinds if re.search(pattern, kind.name)]
        if chosen:
            print(f"{title}: {len(chosen)} kinds, {seeds} seeds")
            tally = verdicts(chosen, seeds)
            print(f"{title}: {tally}")
            total += tally
    print(f"verdicts: {total}")
    return 0 if total.is_good else 1


def main(argv: list[str]) -> int:
    """Run the parts that are named, or all."""
    parts = {
        "fixes": _fixes,
        "bare": _bare,
        "kernels": _kernels,
        "stalled": asked_in_vain,
        "trial": _trial,
        "verdicts": _verdicts,
    }
    chosen = argv or [name for name in parts if name != "trial"]
    return 1 if sum(parts[name]() for name in chosen) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
