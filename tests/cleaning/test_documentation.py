"""The page for users says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from rsp_health.cleaning.lint.findings import RULES
from rsp_health.cleaning.policy import DEFAULT_POLICY, load_policy
from rsp_health.cleaning.setup.repository import plan

PAGE = Path(__file__).parents[2] / "docs" / "users" / "cleaning.md"
TEXT = PAGE.read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_settings_shown_are_valid(tmp_path: Path) -> None:
    [settings] = blocks("toml")
    (tmp_path / ".rsp-health.toml").write_text(settings)
    policy = load_policy(tmp_path)
    assert policy.drop_cell_metadata == (
        *DEFAULT_POLICY.drop_cell_metadata,
        "vscode",
    )


def test_every_field_that_goes_is_named() -> None:
    for name in DEFAULT_POLICY.drop_cell_metadata:
        assert f"`{name}`" in TEXT


def test_every_rule_is_listed_and_exists() -> None:
    table = TEXT.partition("## What lint finds")[2]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert sorted(re.findall(r"`([a-z-]+)`", " ".join(rows))) == sorted(RULES)


def test_hooks_and_workflow_are_those_of_init_repo() -> None:
    hooks, workflow = map(yaml.safe_load, blocks("yaml"))
    written = {
        change.path: yaml.safe_load(change.after)
        for change in plan(Path("/nonexistent"), rev="0.1.0")
        if change.path.endswith("yaml")
    }
    assert written[".pre-commit-config.yaml"] == hooks
    assert written[".github/workflows/notebooks.yaml"] == workflow
