from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rsp_health.cli.context import CliContext
from rsp_health.platform.environment import LabEnvironment
from rsp_health.services import ServiceBuilder
from rsp_health.settings import HealthSettings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliContext:
    monkeypatch.setenv("HOME", str(tmp_path))
    context = CliContext(lab=LabEnvironment(variables={}))
    context.settings = HealthSettings(catalogue="~/site.toml")
    return context


@pytest.mark.parametrize("door", ["terminal", "server"])
def test_the_sites_catalogue_may_be_named_from_the_home(
    context: CliContext, tmp_path: Path, door: str
) -> None:
    (tmp_path / "site.toml").write_text("not TOML")
    builder = ServiceBuilder(
        settings=context.settings,
        environment=context.environment,
        data_dir=tmp_path,
    )
    status = (
        context.status
        if door == "terminal"
        else builder.status(builder.discovery())
    )
    # A file that is not there would be told in other words.
    assert "site.toml" in status.problem
    assert str(tmp_path) in status.problem


def test_what_the_terminal_does_not_need_is_not_looked_for(
    context: CliContext, tmp_path: Path
) -> None:
    context.root_option = tmp_path / "gone"
    assert context.status is context.status
