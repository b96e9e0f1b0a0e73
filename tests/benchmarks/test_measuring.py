from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.measuring import measure

if TYPE_CHECKING:
    from collections.abc import Callable


def _part(figure: str, *, holds: bool = True) -> Callable[[], bool]:
    def part() -> bool:
        print(figure)
        return holds

    return part


def _broken() -> bool:
    raise FileNotFoundError("no Chromium")


@pytest.mark.parametrize(
    ("middle", "status", "last"),
    [
        (_part("0.2 s"), 0, "3 ms"),
        (_part("9.9 s", holds=False), 1, "missed or not measured: middle"),
        (_broken, 1, "missed or not measured: middle"),
    ],
    ids=["held", "missed", "broken"],
)
def test_a_part_does_not_hide_the_figures_of_the_others(
    capsys: pytest.CaptureFixture[str],
    middle: Callable[[], bool],
    status: int,
    last: str,
) -> None:
    parts = {"first": _part("1 ms"), "middle": middle, "last": _part("3 ms")}

    ended = measure(parts)

    out = capsys.readouterr().out
    assert ended == status
    assert {"1 ms", "3 ms"} <= set(out.splitlines())
    assert out.splitlines()[-1] == last
    assert ("no Chromium" in out) == (middle is _broken)
