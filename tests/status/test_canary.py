"""The lab's token is seen by the platform, and by nobody else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from rsp_health.sandbox.scenarios import SCENARIOS

if TYPE_CHECKING:
    from rsp_health.status.service import StatusService

    from .conftest import Lab


@pytest.mark.parametrize("scenario", sorted(set(SCENARIOS) - {"slow"}))
def test_the_token_is_in_no_document_event_log_or_file(
    lab: Lab, scenario: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = lab.variables["NUBLADO_TOKEN"]
    lab.set_scenario(scenario)

    async def use(service: StatusService) -> list[str]:
        status = await service.settle()
        wanted = [s.id for s in status.services if s.spends_quota]
        return [
            (await service.refresh(wanted or None)).model_dump_json(),
            (await service.snapshot()).model_dump_json(),
            (await service.quota()).model_dump_json(),
            (await service.broadcasts()).model_dump_json(),
        ]

    with caplog.at_level(logging.DEBUG):
        told = lab.use(use)

    secret = token.rpartition(".")[2]
    files = [p for p in lab.home.rglob("*") if p.is_file()]
    kept = b"".join(p.read_bytes() for p in files)
    assert len(secret) > 10
    assert secret not in "".join(told)
    assert secret not in repr(lab.events)
    assert secret not in caplog.text
    assert secret.encode() not in kept
    assert secret not in repr(lab.environment)
