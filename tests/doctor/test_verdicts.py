"""The doctor's verdicts on a lab that is broken, and on its healthy twin.

The whole campaign: ``python -m tests.faults.doctor verdicts``.
"""

from __future__ import annotations

from tests.faults.doctor.verdicts.alone import ALONE
from tests.faults.doctor.verdicts.groups import GROUPS
from tests.faults.doctor.verdicts.judging import outcome, tell
from tests.faults.doctor.verdicts.labs import LABS


def test_the_campaign_has_kinds_enough() -> None:
    kinds = [kind for group in GROUPS.values() for kind in group]

    assert len({kind.name for kind in kinds}) == len(kinds) >= 40
    assert 3 * len(ALONE) >= len(kinds)


def test_one_of_its_kinds_and_its_twin() -> None:
    (kind,) = (k for k in LABS if k.name == "git lock that was left")

    told = tell(kind, 0, broken=True)
    twin = tell(kind, 0, broken=False)

    assert outcome(kind, told) == "right", told
    assert not (twin.certainty == "stated" and twin.is_fault), twin
