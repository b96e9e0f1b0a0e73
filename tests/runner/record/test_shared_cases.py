"""What the front end's reducer is held to is what Python's makes of a run."""

from __future__ import annotations

import json

from tests.runner.record.shared_cases import FILE, recorded


def test_the_recorded_cases_are_current() -> None:
    assert json.loads(FILE.read_text()) == recorded(), (
        "Run `python -m tests.runner.record.shared_cases`."
    )
