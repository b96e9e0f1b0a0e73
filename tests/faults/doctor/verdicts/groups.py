"""All kinds of fault, by how they were written."""

from __future__ import annotations

from tests.faults.doctor.verdicts.alone import ALONE
from tests.faults.doctor.verdicts.labs import LABS
from tests.faults.doctor.verdicts.notebooks import NOTEBOOKS
from tests.faults.doctor.verdicts.work import WORK

__all__ = ["GROUPS"]

GROUPS = {
    "written before the rules": ALONE,
    "labs": LABS,
    "notebooks": NOTEBOOKS,
    "work": WORK,
}
"""Kinds by the title that their figures have."""
