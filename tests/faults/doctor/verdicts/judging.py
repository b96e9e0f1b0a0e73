"""Injects each kind with some seeds, beside its twin, and counts."""

from __future__ import annotations

import random
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.doctor.verdicts.case import Case, Told
from tests.faults.doctor.verdicts.pythons import LIBRARIES, libraries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.doctor.verdicts.case import Kind

__all__ = ["Tally", "outcome", "tell", "verdicts"]


@dataclass
class Tally:
    """How often what was told is right."""

    faults: int = 0
    right: int = 0
    likely: int = 0
    wrong_cause: int = 0
    wrong_owner: int = 0
    abstained: int = 0
    twins: int = 0
    false: int = 0
    texts: list[str] = field(default_factory=list)

    def __add__(self, other: Tally) -> Tally:
        total = Tally()
        for name in vars(total):
            setattr(total, name, getattr(self, name) + getattr(other, name))
        return total

    @property
    def is_good(self) -> bool:
        """Whether precision and recall are what is asked for."""
        right = self.right + self.likely
        told = right + self.wrong_cause + self.wrong_owner
        return (
            not self.false
            and right >= 0.95 * told
            and right >= 0.9 * self.faults
        )

    def __str__(self) -> str:
        told = self.right + self.likely + self.wrong_cause + self.wrong_owner
        named = self.right + self.likely + self.wrong_owner
        both = self.right + self.likely
        return (
            f"{self.faults} faults: {self.right} stated, {self.likely} named "
            f"as possible, {self.wrong_cause} wrong causes, "
            f"{self.wrong_owner} wrong owners, {self.abstained} abstained; "
            f"cause: precision {_share(named, told)}, recall "
            f"{_share(named, self.faults)}; with whose: "
            f"{_share(both, told)}, {_share(both, self.faults)}; "
            f"{self.twins} healthy twins, {self.false} told a fault"
        )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def tell(kind: Kind, seed: int, *, broken: bool) -> Told:
    """Make a case, and return what is told of it."""
    # A home below a temporary folder is a fault of its own.
    with tempfile.TemporaryDirectory(
        dir=Path.home(), prefix=".verdicts-", ignore_cleanup_errors=True
    ) as scratch:
        case = Case(
            folder=Path(scratch, "lab"),
            chance=random.Random(f"{kind.name} {seed}"),  # noqa: S311
            broken=broken,
        )
        try:
            kind.prepare(case)
            return case.told()
        except RuntimeError as exc:
            return Told("stated", f"IT COULD NOT BE ASKED: {exc}")
        finally:
            case.end()


def outcome(kind: Kind, told: Told) -> str:
    """Return the name of the count that it belongs to."""
    if told.certainty == "nothing":
        return "right" if kind.may_abstain else "abstained"
    if told.certainty == "stated" and kind.refuses(told.sentence):
        return "wrong_cause"
    if not re.search(kind.says, told.sentence, re.IGNORECASE):
        return "wrong_cause"
    if told.whose not in kind.whose:
        return "wrong_owner"
    return "right" if told.certainty == "stated" else "likely"


def verdicts(kinds: Sequence[Kind], seeds: int) -> Tally:
    """Inject all, and tell what is not right as it comes."""
    total = Tally()
    for kind in kinds:
        if kind.needs_libraries and libraries() is None:
            print(f"  - {kind.name}: not run, {LIBRARIES} names no Python")
            continue
        tally = Tally()
        seen = set()
        for seed in range(seeds):
            told = tell(kind, seed, broken=True)
            name = outcome(kind, told)
            tally.faults += 1
            setattr(tally, name, getattr(tally, name) + 1)
            seen.add(f"{name}: {_line(told)}")
            twin = tell(kind, seed, broken=False)
            tally.twins += 1
            if twin.certainty != "nothing" and twin.is_fault:
                tally.false += 1
                seen.add(f"TWIN: {_line(twin)}")
        good = tally.right + tally.likely == tally.faults and not tally.false
        sign = "✓" if good else "✕"
        print(
            f"  {sign} {kind.name}: {tally.right + tally.likely}"
            f"/{tally.faults}",
            flush=True,
        )
        for text in sorted(seen):
            print(f"      {text}", flush=True)
        total += tally
    return total


def _line(told: Told) -> str:
    return (
        f"{told.certainty} {told.name} [{told.whose}] "
        f"{told.sentence[:160]!r} ({told.failures} failures, "
        f"{told.explanations} causes)"
    )
