"""Who looks for causes, and how often."""

from __future__ import annotations

import asyncio

from rsp_health.status.watching.watch import CauseWatch


def test_who_waits_for_a_look_takes_its_result() -> None:
    asked: list[str] = []

    async def login(usual_s: float) -> float:
        assert usual_s > 0
        asked.append("login")
        await asyncio.sleep(0)
        return 7.0 * asked.count("login")

    async def news(refresh: bool) -> None:
        asked.append("fresh news" if refresh else "news")

    async def lab() -> None:
        asked.append("lab")

    async def look() -> None:
        watch = CauseWatch(
            login=login,
            news=news,
            lab=lab,
            watched=lambda: True,
            interval_s=60.0,
            # Two looks may end at one time.
            clock=lambda: 5.0,
        )
        assert await asyncio.gather(*(watch.look() for _ in range(5))) == (
            [7.0] * 5
        )
        assert sorted(asked) == ["lab", "login", "news"]
        await watch.look()
        await asyncio.gather(watch.look(), watch.look(refresh=True))
        assert asked.count("login") == 4
        assert asked.count("fresh news") == 1

    asyncio.run(look())
