"""What ``init-repo`` adds, and what it leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys
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
from rsp_health.cleaning.setup.repository import apply, notes, plan
from rsp_health.errors import BadInputError, ConflictError

from ..test_commands import call

CONFIG = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/notebooks.yaml"
HERE = Path(__file__).parents[3]


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
        # What only names our hooks has none.
        "# id: rsp-health-clean\nrepos: []\n",
        "repos:\n- repo: local\n  hooks:\n  - id: a  # id: rsp-health-lint\n",
        "repos:\n- repo: local\n  hooks:\n  - {id: a, name: 'id: rsp-health-'}\n",
        "---\nrepos:\n- repo: meta\n  hooks: [{id: identity}]\n...\n",
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
    "before",
    [
        "[]\n",
        "repos: 1\n",
        "a: [\n",
        "repos: [{repo: local}]\n",
        "? [a]\n: 1\n",
        "repos: " + "[" * 3000,
        "repos: !foo []\n",
        "x: &x []\nrepos: *x\n",
    ],
)
def test_what_is_no_configuration_is_told(tmp_path: Path, before: str) -> None:
    (tmp_path / CONFIG).write_text(before)
    with pytest.raises(BadInputError) as caught:
        plan(tmp_path, rev="1")
    assert caught.value.code == "bad_file"
    assert (tmp_path / CONFIG).read_text() == before


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("[tool.rsp-health.clean]\n", True),
        ("[tool.rsp-health.lint]\napplications = ['a']\n", True),
        ("[tool]\nrsp-health = {clean = {}}\n", True),
        ("[tool.'rsp-health'.clean]\n", True),
        ("tool.rsp-health.clean.keep-output-max-bytes = 1\n", True),
        ("# [tool.rsp-health.clean]\n", False),
        ("[project]\ndependencies = ['rsp-health']\n", False),
    ],
)
def test_settings_in_pyproject_are_enough(
    tmp_path: Path, text: str, enough: bool
) -> None:
    # A file of our own would overrule them.
    (tmp_path / "pyproject.toml").write_text(text)
    paths = [c.path for c in plan(tmp_path, rev="1", workflow=False)]
    assert paths == ([CONFIG] if enough else [CONFIG, ".rsp-health.toml"])
    assert notes(tmp_path) == []


def test_settings_without_effect_are_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.rsp-health.clean]\n[tool.rsp-health.lint]\n"
    )
    (tmp_path / ".rsp-health.toml").write_text("[clean]\n")
    assert notes(tmp_path) == [
        (
            "[tool.rsp-health.clean] in pyproject.toml has no effect: [clean] "
            "in .rsp-health.toml wins."
        )
    ]
    (tmp_path / ".git").mkdir()
    result = call(tmp_path, "init-repo", "--dry-run")
    assert b"Note: [tool.rsp-health.clean] in pyproject" in result.stderr


def test_wrong_settings_are_told_first(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nrsp-health = 3\n")
    with pytest.raises(BadInputError, match="not a table"):
        plan(tmp_path, rev="1")


def test_line_ends_stay(tmp_path: Path) -> None:
    before = b"# top\r\nrepos:\r\n- repo: local\r\n  hooks: []\r\nci: {}\r\n"
    (tmp_path / CONFIG).write_bytes(before)
    changes = plan(tmp_path, rev="1")
    apply(tmp_path, changes)
    after = (tmp_path / CONFIG).read_bytes()
    assert after.count(b"\n") == after.count(b"\r\n") == 10
    for line in before.splitlines(keepends=True):
        assert line in after
    assert changes[0].diff.count("\n-") == 0
    (tmp_path / CONFIG).write_bytes(b"repos: []\r\n")
    apply(tmp_path, plan(tmp_path, rev="1"))
    after = (tmp_path / CONFIG).read_bytes()
    assert after.count(b"\n") == after.count(b"\r\n") == 6


def test_a_difference_at_the_end_of_a_file(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text("repos: []")
    [change] = [c for c in plan(tmp_path, rev="1") if c.path == CONFIG]
    assert "-repos: []\n\\ No newline at end of file\n+repos:\n" in change.diff


def test_another_workflow_that_calls_us_is_enough(tmp_path: Path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "ci.yml").write_text("# run: rsp-health check .\n")
    assert WORKFLOW in [c.path for c in plan(tmp_path, rev="1")]
    (folder / "ci.yml").write_text("  - run: rsp-health check . # \xe9\n")
    assert WORKFLOW not in [c.path for c in plan(tmp_path, rev="1")]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        (CONFIG, "nothing"),
        (CONFIG, "../outside/file"),
        (".rsp-health.toml", "nothing"),
        (".github", "nothing"),
        (".github", "../outside"),
        (".github", CONFIG),
        (WORKFLOW, "../../nothing"),
    ],
)
def test_links_are_not_written_through_unseen(
    tmp_path: Path, name: str, target: str
) -> None:
    root = tmp_path / "root"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("repos: []\n")
    (root / name).parent.mkdir(parents=True)
    (root / name).symlink_to(target)
    if target == CONFIG:
        (root / CONFIG).write_text("repos: []\n")
    with pytest.raises(BadInputError) as caught:
        plan(root, rev="1")
    assert caught.value.code == "bad_file"
    assert (tmp_path / "outside" / "file").read_text() == "repos: []\n"
    assert (root / name).is_symlink()


def test_a_link_within_the_repository_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("repos: []\n")
    (tmp_path / CONFIG).symlink_to("real.yaml")
    apply(tmp_path, plan(tmp_path, rev="1"))
    assert (tmp_path / CONFIG).is_symlink()
    assert "rsp-health-clean" in (tmp_path / "real.yaml").read_text()


@pytest.mark.parametrize("name", [CONFIG, ".rsp-health.toml", WORKFLOW])
def test_what_changed_meanwhile_is_not_overwritten(
    tmp_path: Path, name: str
) -> None:
    changes = plan(tmp_path, rev="1")
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("# mine\n")
    with pytest.raises(ConflictError) as caught:
        apply(tmp_path, changes)
    assert caught.value.code == "changed"
    assert (tmp_path / name).read_text() == "# mine\n"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / name]


def test_what_changes_while_it_asks_is_shown_again(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    command = [sys.executable, "-m", "rsp_health.cli.main", "init-repo"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stderr
        asked = b""
        while b"Write this to" not in asked:
            asked += process.stderr.read(1)
        (tmp_path / CONFIG).write_text("repos: []  # mine\n")
        out, err = process.communicate(b"y\n", timeout=60)
    assert process.returncode == 1
    assert b"changed while you were asked" in err
    assert b"-repos: []  # mine\n" in out
    assert (tmp_path / CONFIG).read_text() == "repos: []  # mine\n"
    assert not (tmp_path / ".rsp-health.toml").exists()


def test_nobody_answers(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    result = call(tmp_path, "init-repo")
    assert result.returncode == 1
    assert b"nobody answered" in result.stderr
    assert not (tmp_path / CONFIG).exists()


def test_the_repository_is_the_one_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "here" / ".git").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    for name in ("none", "../other", "../here/none"):
        result = call(tmp_path / "here", "init-repo", "--repo", name, "--yes")
        assert result.returncode == 2, name
        assert b"is not in the work tree" in result.stderr
    assert [path.name for path in (tmp_path / "here").iterdir()] == [".git"]


def test_json_says_written_of_what_is_written(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    result = call(tmp_path, "init-repo", "--json")
    assert json.loads(result.stdout)["written"] is False
    result = call(tmp_path, "init-repo", "--json", "--yes")
    assert json.loads(result.stdout)["written"] is True
    assert (tmp_path / CONFIG).exists()
    result = call(tmp_path, "init-repo", "--json", "--yes")
    document = json.loads(result.stdout)
    assert (document["written"], document["changes"]) == (False, [])


def test_a_difference_steers_no_terminal(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / CONFIG).write_text("repos: []  # \ufeff \u202e\tx\n")
    result = call(tmp_path, "init-repo", "--dry-run")
    assert "# \\ufeff \\u202e\tx" in result.stdout.decode()


@pytest.mark.parametrize("rev", ["", "a b", "1\n  x: y", "'", "#"])
def test_a_tag_is_a_word(tmp_path: Path, rev: str) -> None:
    with pytest.raises(BadInputError):
        plan(tmp_path, rev=rev)


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
