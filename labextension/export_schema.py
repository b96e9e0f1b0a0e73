"""Print the JSON schema of every model on the wire, for `generate-api.mjs`.

Answers are described as the server writes them (every field present), request
bodies as it reads them (defaults may be left out). The TypeScript types are
made from this, so that the browser and the server cannot drift apart.
"""

from __future__ import annotations

import importlib
import importlib.resources
import json
import sys
from dataclasses import asdict
from typing import Any, Literal

import yaml

from rsp_health import states
from rsp_health.wire import ErrorBody, WireModel

Mode = Literal["serialization", "validation"]

MODULES = (
    "rsp_health.checkout.models",
    "rsp_health.cleaning.models",
    "rsp_health.doctor.bundle.models",
    "rsp_health.doctor.explain.models",
    "rsp_health.doctor.log_places",
    "rsp_health.doctor.models",
    "rsp_health.runner.comparison.models",
    "rsp_health.runner.models",
    "rsp_health.runner.planning.models",
    "rsp_health.server.models",
    "rsp_health.status.models",
)


def wire_models() -> list[type[WireModel]]:
    """Return every public wire model, in a stable order."""
    models: list[type[WireModel]] = [ErrorBody]
    for name in MODULES:
        module = importlib.import_module(name)
        for public in sorted(module.__all__):
            value = getattr(module, public)
            if isinstance(value, type) and issubclass(value, WireModel):
                models.append(value)
    return models


def without_titles(node: Any) -> Any:
    """Drop the titles that would turn each field into a type of its own."""
    if isinstance(node, dict):
        return {
            key: without_titles(value)
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [without_titles(value) for value in node]
    return node


def looks(table: dict[str, states.Look]) -> dict[str, Any]:
    """Return how states are shown, from the worst to the best."""
    return {state: asdict(look) for state, look in table.items()}


def events() -> dict[str, Any]:
    """Return the schemas of the events on Jupyter's bus, by the room's name."""
    folder = importlib.resources.files("rsp_health.server") / "events"
    return {
        room.name: without_titles(
            yaml.safe_load((room / "v1.yaml").read_text("utf-8"))
        )
        for room in sorted(folder.iterdir(), key=lambda room: room.name)
    }


def document() -> dict[str, Any]:
    """Return the wire models in ``$defs``, the states and the events."""
    definitions: dict[str, Any] = {}
    for model in wire_models():
        mode: Mode = (
            "validation"
            if model.__name__.endswith("Request")
            else "serialization"
        )
        schema = model.model_json_schema(mode=mode)
        definitions.update(schema.pop("$defs", {}))
        definitions[model.__name__] = schema
    return {
        "$defs": {
            name: without_titles(definitions[name])
            for name in sorted(definitions)
        },
        "events": events(),
        "icons": list(states.SIGNS),
        "states": {
            "SERVICE_STATES": looks(states.SERVICE_STATES),
            "RUN_STATES": looks(states.RUN_STATES),
            "FINDING_STATES": looks(states.FINDING_STATES),
            "VERDICT_STATES": looks(states.VERDICT_STATES),
        },
    }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2)
