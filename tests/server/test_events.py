"""The event schemas, and publishing from anywhere."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
import yaml

import rsp_health.server
from rsp_health.checkout.models import Operation, OperationKind, OperationState
from rsp_health.runner.record_lines import LINES
from rsp_health.server.bus import EventName, schema_id
from rsp_health.status.models import ServiceState
from tests.support.events import EventRecorder

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

    from rsp_health.server.features import Features

FOLDER = Path(rsp_health.server.__file__).parent / "events"


def schema(name: EventName) -> dict[str, Any]:
    text = (FOLDER / name / "v1.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@pytest.mark.parametrize("name", sorted(get_args(EventName)))
def test_schema_says_who_it_is(name: EventName) -> None:
    document = schema(name)
    assert document["$id"] == schema_id(name) == f"urn:rsp-health:{name}:v1"
    assert document["version"] == "1"
    assert document["additionalProperties"] is False
    for field in document["properties"].values():
        assert field["title"]
        assert field["description"]


def test_checkout_event_is_the_operation() -> None:
    fields = schema("checkout")["properties"]
    assert set(fields) == {
        info.alias or name for name, info in Operation.model_fields.items()
    }
    assert fields["kind"]["enum"] == list(get_args(OperationKind))
    assert fields["state"]["enum"] == list(get_args(OperationState))


def test_service_event_has_all_states() -> None:
    assert schema("service")["properties"]["state"]["enum"] == list(
        get_args(ServiceState)
    )


def test_run_event_has_the_lines_of_a_record() -> None:
    fields = schema("run")["properties"]
    unsaid = {"heartbeat", "services_seen"}
    assert fields["kind"]["enum"] == [k for k in LINES if k not in unsaid]
    named = {name for line in LINES.values() for name in line.model_fields}
    assert set(fields) - {"run_id"} <= named


async def test_publish_from_a_thread_in_order(
    jp_serverapp: ServerApp, features: Features
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    publish = features.operations._bus.publish

    def flood() -> None:
        for number in range(200):
            publish("run", {"run_id": str(number), "kind": "run_started"})

    await asyncio.to_thread(flood)
    await recorder.until("run", lambda e: e["run_id"] == "199")
    ids = [event["run_id"] for event in recorder.of("run")]
    assert ids == [str(number) for number in range(200)]


async def test_a_wrong_payload_is_refused_and_logged(
    jp_serverapp: ServerApp,
    features: Features,
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = EventRecorder(jp_serverapp.event_logger)
    publish = features.operations._bus.publish
    publish("service", {"id": "tap", "state": "splendid"})
    publish("service", {"id": "tap", "state": "up", "token": "s3cret"})
    publish("service", {"id": "tap", "state": "up", "previous": None})
    event = await recorder.until("service", lambda _: True)
    assert event == {"id": "tap", "state": "up", "previous": None}
    assert caplog.text.count("was refused") == 2
    assert "s3cret" not in caplog.text
