from __future__ import annotations

import site
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rsp_health.platform import own_program as program

if TYPE_CHECKING:
    import pytest


def test_it_does_without_the_users_packages_where_that_is_asked() -> None:
    assert program.own_program("a.b", "c") == [
        *(sys.executable, "-P", "-m", "a.b", "c")
    ]
    assert program.own_program("a.b", "c", own_packages=False) == [
        *(sys.executable, "-P", "-s", "-m", "a.b", "c")
    ]


def test_it_takes_them_where_it_is_one_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base = Path(program.__file__).parents[2]
    monkeypatch.setattr(site, "getuserbase", lambda: str(base))

    words = program.own_program("a.b", own_packages=False)

    assert "-s" not in words
