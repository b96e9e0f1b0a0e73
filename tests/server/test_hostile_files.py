"""Hostile files, each asked for by every command and route that reads it.

All of them, with limits of time and memory: ``make faults ONLY=hostile``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.hostile.__main__ import Driver, try_case
from tests.faults.hostile.places import CASES, Home
from tests.support.servers import ServerProcess

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

#: One of each way to hang, to raise and to be believed.
QUICK = [
    ("mobu.yaml", "merges"),
    (".rsp-health.toml", "pipe"),
    ("record", "line deep"),
    ("ledger", "passed"),
]


@pytest.mark.timeout(300)
async def test_each_is_answered_in_words(tmp_path: Path) -> None:
    assert set(QUICK) <= set(CASES)
    home = Home(scratch=tmp_path)
    home.make()
    server = ServerProcess(
        tmp_path, config=home.config, module="tests.faults.hostile.serve"
    )
    driver = Driver(home)
    try:
        await server.start()
        made = await driver.call(["checkout", "create", "h"])
        assert made["code"] == 0, made
        for case in QUICK:
            found = await try_case(home, server, driver, case)
            assert found.problems == []
        assert "Traceback" not in server.log
    finally:
        driver.close()
        server.kill()
