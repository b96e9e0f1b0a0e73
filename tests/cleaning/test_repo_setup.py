"""What ``init-repo`` adds, and what it leaves alone."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from rsp_health.cleaning.policy import (
    DEFAULT_POLICY,
    load_applications,
    load_policy,
)
from rsp_health.cleaning.repo_setup import apply, plan
from rsp_health.errors import BadInputError

CONFIG = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/notebooks.yaml"
HERE = Path(__file__).parents[2]


def hooks(root: Path) -> Any:
    return yaml.safe_load((root / CONFIG).read_text())["repos"]


def test_an_empty_repository_gets_all_and_then_nothing(
    tmp_path: Path,
) -> None:
    changes = plan(tmp_path, rev="1.2.3")
    assert [change.path for change in changes] == [
        CONFIG,
        ".rsp-health.toml",
        WORKFLOW,
    ]
    assert list(tmp_path.iterdir()) == []
    for change in changes:
        assert change.diff.startswith(f"--- /dev/null\n+++ b/{change.path}\n")
    apply(tmp_path, changes)
    [repo] = hooks(tmp_path)
    assert repo["rev"] == "1.2.3"
    ids = [hook["id"] for hook in repo["hooks"]]
    manifest = yaml.safe_load((HERE / ".pre-commit-hooks.yaml").read_text())
    assert set(ids) <= {hook["id"] for hook in manifest}
    # The settings it writes are valid, and are the defaults.
    assert load_policy(tmp_path) == DEFAULT_POLICY
    assert load_applications(tmp_path) is None
    workflow = yaml.safe_load((tmp_path / WORKFLOW).read_text())
    assert list(workflow["jobs"]) == ["notebooks"]
    assert "@1.2.3" in (tmp_path / WORKFLOW).read_text()
    assert plan(tmp_path, rev="1.2.3") == []


@pytest.mark.parametrize(
    "before",
    [
        "",
        "\n",
        "repos: []\n",
        "repos: []",
        "# top\nrepos:\n- repo: local\n  hooks: []\n\n# end\nfail_fast: true\n",
        "repos:\n  - repo: local\n    hooks:\n      - id: a\n        # last\n",
        "repos:\n    - repo: local\n      hooks: []",
        "default_stages: [x]\nrepos:\n  - {repo: local, hooks: []}\nci: {}\n",
    ],
)
def test_existing_hooks_stay_and_ours_are_added(
    tmp_path: Path, before: str
) -> None:
    (tmp_path / CONFIG).write_text(before)
    [change] = [c for c in plan(tmp_path, rev="1") if c.path == CONFIG]
    for line in before.splitlines():
        if line.strip() and line != "repos: []":
            assert f"\n{line}\n" in f"\n{change.after}"
    apply(tmp_path, [change])
    old = yaml.safe_load(before) or {"repos": []}
    new = yaml.safe_load(change.after)
    assert new["repos"][:-1] == old["repos"]
    assert new["repos"][-1]["hooks"][0]["id"] == "rsp-health-clean"
    assert {**new, "repos": 0} == {**old, "repos": 0}
    assert CONFIG not in [c.path for c in plan(tmp_path, rev="1")]


@pytest.mark.parametrize(
    "before", ["[]\n", "repos: 1\n", "a: [\n", "repos: [{repo: local}]\n"]
)
def test_what_is_no_configuration_is_told(tmp_path: Path, before: str) -> None:
    (tmp_path / CONFIG).write_text(before)
    with pytest.raises(BadInputError) as caught:
        plan(tmp_path, rev="1")
    assert caught.value.code == "bad_file"
    assert (tmp_path / CONFIG).read_text() == before


def test_settings_in_pyproject_are_enough(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.rsp-health.clean]\n")
    paths = [c.path for c in plan(tmp_path, rev="1", workflow=False)]
    assert paths == [CONFIG]


def test_the_settings_mention_every_default() -> None:
    [change] = [
        c for c in plan(Path("/nonexistent"), rev="1") if "toml" in c.path
    ]
    shown = "\n".join(
        line.removeprefix("# ")
        for line in change.after.splitlines()
        if " = " in line or line.startswith("[")
    )
    settings = tomllib.loads(shown)["clean"]
    assert settings["keep-output-tags"] == list(
        DEFAULT_POLICY.keep_output_tags
    )
    assert (
        settings["keep-output-max-bytes"]
        == DEFAULT_POLICY.keep_output_max_bytes
    )
