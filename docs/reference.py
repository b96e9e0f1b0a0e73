"""Write the reference pages from the code that they describe.

Commands come from click, routes from the table of handlers, schemas from the
models, settings from the traits, events from their YAML files, and the Python
API from the docstrings. ``tests/test_docs.py`` checks that nothing is left out.
"""

from __future__ import annotations

import importlib
import importlib.resources
import inspect
import json
import pkgutil
import re
import shutil
from typing import TYPE_CHECKING, Any

import yaml

import rsp_health
from rsp_health.cli.main import COMMANDS
from rsp_health.server.handlers import ROUTES
from rsp_health.settings import HealthTraits
from rsp_health.wire import WireModel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["public_modules", "wire_models", "write"]

_VERBS = ("get", "post", "put", "patch", "delete")
#: Notebooks of the stand-in platform are content, not code.
_LEFT_OUT = re.compile(r"rsp_health\.(sandbox\.content|_version)")


def public_modules() -> list[str]:
    """Return the name of every module that documents something."""
    names = [
        found.name
        for found in pkgutil.walk_packages(
            rsp_health.__path__, prefix="rsp_health."
        )
        if not _LEFT_OUT.match(found.name)
    ]
    return sorted(
        name for name in names if not name.rpartition(".")[2].startswith("__")
    )


def wire_models() -> Iterator[type[WireModel]]:
    """Yield every model that stands on the wire, by module and name."""
    seen = set()
    for name in public_modules():
        if not name.endswith("models"):
            continue
        module = importlib.import_module(name)
        for public in sorted(getattr(module, "__all__", ())):
            value = getattr(module, public)
            if (
                isinstance(value, type)
                and issubclass(value, WireModel)
                and value not in seen
            ):
                seen.add(value)
                yield value


def write(folder: Path) -> None:
    """Write all pages of the reference into a folder, anew.

    Parameters
    ----------
    folder
        Made if it is not there; what stands in it goes.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "python").mkdir(parents=True)
    pages = {
        "commands.md": _commands(),
        "http.md": _http(),
        "schemas.md": _schemas(),
        "events.md": _events(),
        "settings.md": _settings(),
        "python/index.md": _python_index(),
    }
    pages |= {f"python/{name}.md": _module(name) for name in public_modules()}
    names = [name.removesuffix(".md") for name in pages if "/" not in name]
    pages["index.md"] = "# Reference\n\nMade from the code.\n" + _toc(
        [*names, "python/index"]
    )
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def _toc(names: list[str], depth: int = 1) -> str:
    listed = "\n".join(names)
    return f"\n```{{toctree}}\n:maxdepth: {depth}\n\n{listed}\n```\n"


def _rst(text: str) -> str:
    return f"\n```{{eval-rst}}\n{text}\n```\n"


def _commands() -> str:
    text = "# Command line: `rsp-health`\n" + _rst(
        ".. click:: rsp_health.cli.main:cli\n"
        "   :prog: rsp-health\n"
        "   :nested: none"
    )
    for name in sorted(COMMANDS):
        text += _rst(
            ".. click:: " + _target(name) + f"\n   :prog: rsp-health {name}\n"
            "   :nested: full"
        )
    return text


def _target(command: str) -> str:
    """Return where a command is defined, as ``module:name``."""
    return f"rsp_health.cli.commands.{COMMANDS[command]}:command"


def _http() -> str:
    text = (
        "# HTTP routes\n\nBelow the server's base address. Every route needs a login. An error is "
        '`{"error", "message", "hint"}`; see [schemas](schemas.md).\n\n'
        "| route | verbs | what it does |\n|---|---|---|\n"
    )
    for pattern, handler in ROUTES:
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern)
        verbs = [
            verb.upper()
            for verb in _VERBS
            if any(verb in vars(kind) for kind in handler.__mro__[:-1])
            and getattr(handler, verb).__module__.startswith("rsp_health")
        ]
        said = (inspect.getdoc(handler) or "").split("\n\n")[0]
        text += (
            f"| `{path.replace('(?:/.*)?', '/…')}` | {' '.join(verbs)} "
            f"| {' '.join(said.split())} |\n"
        )
    return text


def _schemas() -> str:
    text = (
        "# JSON schemas\n\nWhat `--json` and the HTTP routes carry. Fields are added, never "
        "renamed.\n"
    )
    for model in wire_models():
        mode = (
            "validation"
            if model.__name__.endswith("Request")
            else "serialization"
        )
        schema = model.model_json_schema(mode=mode)  # type: ignore[arg-type] # one of the two
        said = (inspect.getdoc(model) or "").split("\n\n")[0]
        text += f"\n## {model.__name__}\n\n{' '.join(said.split())}\n\n"
        text += "| field | type | may be left out |\n|---|---|---|\n"
        needed = schema.get("required", [])
        for name, field in schema.get("properties", {}).items():
            optional = "" if name in needed else "yes"
            text += f"| `{name}` | {_type(field)} | {optional} |\n"
    return text


def _type(field: dict[str, Any]) -> str:
    """Return a field's type in a few words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"`{name}`"
    if "anyOf" in field:
        return " or ".join(_type(part) for part in field["anyOf"])
    if "enum" in field or "const" in field:
        values = field.get("enum", [field.get("const")])
        return ", ".join(f"`{json.dumps(value)}`" for value in values)
    kind = field.get("type", "anything")
    if kind == "array":
        return f"list of {_type(field.get('items', {}))}"
    if kind == "object" and isinstance(
        inner := field.get("additionalProperties"), dict
    ):
        return f"object of {_type(inner)}"
    unit = field.get("format")
    return f"{kind} ({unit})" if unit else str(kind)


def _events() -> str:
    folder = importlib.resources.files("rsp_health.server") / "events"
    text = "# Events\n\nOn Jupyter's event bus. An event is a hint; the truth is a GET.\n"
    for kind in sorted(folder.iterdir(), key=lambda item: item.name):
        for file in sorted(kind.iterdir(), key=lambda item: item.name):
            schema = yaml.safe_load(file.read_text(encoding="utf-8"))
            text += f"\n## `{schema['$id']}`\n\n{schema.get('description', '')}\n\n"
            text += "| field | type | what it says |\n|---|---|---|\n"
            for name, field in schema.get("properties", {}).items():
                said = " ".join(str(field.get("description", "")).split())
                text += f"| `{name}` | {_type(field)} | {said} |\n"
    return text


def _settings() -> str:
    text = (
        "# Operators' settings\n\nTraits of `HealthApp`, in any Jupyter configuration file: "
        "`c.HealthApp.<name> = …`.\n"
    )
    for name, trait in sorted(HealthTraits.class_traits(config=True).items()):
        default = trait.default_value
        shown = json.dumps(default) if _plain(default) else "see below"
        said = inspect.cleandoc(trait.help).replace("``", "`")
        text += f"\n## `{name}`\n\n{type(trait).__name__}, default `{shown}`.\n\n{said}\n"
    return text


def _plain(value: Any) -> bool:
    try:
        return len(json.dumps(value)) < 80
    except TypeError:
        return False


def _python_index() -> str:
    return "# Python API\n\nModule by module.\n" + _toc(public_modules())


def _module(name: str) -> str:
    module = importlib.import_module(name)
    options = ""
    if getattr(module, "__all__", None):
        options = "\n   :members:\n   :show-inheritance:"
    return f"# `{name}`\n" + _rst(f".. automodule:: {name}{options}")
