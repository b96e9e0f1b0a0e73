from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from rsp_health.platform.environment import LabEnvironment
from rsp_health.server.jobs.doctor import DoctorRunner

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
async def test_it_looks_while_the_threads_of_the_server_hang(
    tmp_path: Path,
) -> None:
    # As all do that look into a home whose file server is gone.
    held = threading.Event()
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as few, ThreadPoolExecutor(1) as own:
        loop.set_default_executor(few)
        hangs = loop.run_in_executor(None, held.wait)
        doctor = DoctorRunner(
            environment=LabEnvironment(
                variables={"HOME": str(tmp_path)}, mounts=()
            ),
            data_dir=tmp_path / "data",
            root=tmp_path,
            threads=own,
        )
        try:
            async with asyncio.timeout(60):
                report = await doctor.look(("kernel.setups",))
        finally:
            held.set()
            await hangs

    assert [f.check for f in report.findings] == ["kernel.setups"]
