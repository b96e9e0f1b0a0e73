"""The operator's settings, and the page that documents them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from traitlets.config import Config

from rsp_health.cli.main import cli
from rsp_health.settings import HealthSettings, HealthTraits

if TYPE_CHECKING:
    from rsp_health.server.features import Features

PAGE = Path(__file__).parents[2] / "docs" / "operators" / "configuration.md"


def examples() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


def test_page_names_every_trait_and_no_other() -> None:
    headings = re.findall(
        r"^### `(\w+)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    own = HealthTraits.class_own_traits(config=True)
    assert sorted(headings) == sorted(own)
    assert all(trait.help.strip() for trait in own.values())


@pytest.mark.parametrize("name", sorted(HealthTraits.class_own_traits()))
def test_every_trait_has_an_example_that_loads(name: str) -> None:
    values = {}
    for example in examples():
        for node in ast.parse(example).body:
            if isinstance(node, ast.Assign):
                target = ast.unparse(node.targets[0])
                if target == f"c.HealthApp.{name}":
                    values[target] = ast.literal_eval(node.value)
    assert values, "no example"
    for value in values.values():
        config = Config({"HealthSettings": {name: value}})
        assert getattr(HealthSettings(config=config), name) == value


def test_the_terminal_lists_every_trait() -> None:
    result = CliRunner().invoke(cli, ["--help-config"])
    assert result.exit_code == 0
    for name in HealthTraits.class_own_traits(config=True):
        assert f"--HealthApp.{name}=" in result.output


@pytest.mark.parametrize("health_config", [{"cell_timeout": 12.5}])
async def test_the_extension_reads_the_configuration(
    features: Features,
) -> None:
    assert features.settings.cell_timeout == 12.5
