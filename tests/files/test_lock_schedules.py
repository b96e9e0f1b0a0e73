"""No order of steps lets two living processes hold one lock."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rsp_health.files import FileLock, locks
from tests.faults.checkout.schedules import Schedule, Scratch


@given(
    deaths=st.lists(
        st.one_of(st.none(), st.integers(1, 12)), min_size=2, max_size=4
    ),
    order=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    begin_dead=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_a_living_owner_is_never_robbed(
    deaths: list[int | None], order: list[int], begin_dead: bool
) -> None:
    with Scratch() as scratch:
        folder = scratch.new()
        schedule = Schedule(
            folder, deaths=deaths, order=order, begin_dead=begin_dead
        )
        outcomes = schedule.run()
        assert schedule.stolen == 0
        assert set(outcomes) <= {"done", "refused", "died"}
        # Whoever died, the next one gets it.
        dead = schedule.dead
        original = locks._is_dead
        locks._is_dead = lambda path, owner: (  # noqa: ARG005 - as it is called
            owner is not None and owner.token in dead
        )
        try:
            with FileLock(folder / "lock") as lock:
                assert lock.is_held()
        finally:
            locks._is_dead = original


def test_the_schedules_can_fail() -> None:
    """Without the breaker's own lock, some order robs a living owner."""

    def naive(path: object, owner: object) -> bool:
        path.unlink(missing_ok=True)  # type: ignore[attr-defined]
        return True

    original = locks._break
    locks._break = naive
    stolen = 0
    try:
        with Scratch() as scratch:
            for seed in range(200):
                order = [(seed >> shift) & 1 for shift in range(8)]
                schedule = Schedule(
                    scratch.new(),
                    deaths=[None, None],
                    order=order,
                    begin_dead=True,
                )
                schedule.run()
                stolen += schedule.stolen
    finally:
        locks._break = original
    assert stolen > 0
