"""``init-repo`` where nbstripout is set up already."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from rsp_health.cleaning.core import Cleaner
from rsp_health.cleaning.policy import Policy, load_policy
from rsp_health.cleaning.setup.repository import apply, notes, plan
from rsp_health.errors import BadInputError, EnvironmentFailureError

from ..habits import make_states
from ..record_nbstripout import RECORDED
from ..test_commands import call

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = ".pre-commit-config.yaml"
ALONE = """\
# Notebooks
repos:
  - repo: https://github.com/kynan/nbstripout
    rev: 0.6.1
    hooks:
      - id: nbstripout  # outputs
  # The last one.
  - repo: meta
    hooks:
      - id: identity
"""
ONLY = """\
repos:
- repo: https://github.com/kynan/nbstripout
  rev: 0.9.1
  hooks:
  - id: nbstripout
    exclude: ^golden/.*\\.ipynb$
    args: [--keep-id]
"""
LOCAL = """\
repos:
- repo: local
  hooks:
  - id: strip
    name: strip
    language: system
    entry: python -m nbstripout
  - id: other
    name: other
    language: system
    entry: "true"
"""


def ours(text: str) -> list[list[str]]:
    """Return the ids of each repo's hooks."""
    repos = yaml.safe_load(text)["repos"]
    return [[hook["id"] for hook in repo["hooks"]] for repo in repos]


def change(root: Path, name: str = CONFIG, **options: object) -> str:
    """Return what a file becomes."""
    found = plan(root, rev="1", **options)  # type: ignore[arg-type]
    return next(c.after for c in found if c.path == name)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ALONE, [["rsp-health-clean", "rsp-health-lint"], ["identity"]]),
        (ONLY, [["rsp-health-clean", "rsp-health-lint"]]),
        (LOCAL, [["other"], ["rsp-health-clean", "rsp-health-lint"]]),
        (
            ALONE + LOCAL.removeprefix("repos:\n").replace("\n", "\n  ")[:-2],
            None,
        ),
    ],
)
def test_its_hook_is_replaced_in_the_same_difference(
    tmp_path: Path, before: str, after: list[list[str]] | None
) -> None:
    if after is None:
        before = before.replace("\n- repo: local", "\n  - repo: local")
        after = [
            ["rsp-health-clean", "rsp-health-lint"],
            ["identity"],
            ["other"],
        ]
    (tmp_path / CONFIG).write_text(before)
    text = change(tmp_path)
    assert ours(text) == after
    for line in before.splitlines():
        if "#" in line and "nbstripout" not in line:
            assert line in text
    assert any("is replaced" in note for note in notes(tmp_path))
    apply(tmp_path, plan(tmp_path, rev="1"))
    assert plan(tmp_path, rev="1") == []
    assert notes(tmp_path) == []


def test_what_its_hook_leaves_out_ours_leave_out(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text(ONLY)
    [repo] = yaml.safe_load(change(tmp_path))["repos"]
    excluded = [hook["exclude"] for hook in repo["hooks"]]
    assert excluded == [r"^golden/.*\.ipynb$"] * 2


def test_it_is_taken_out_beside_ours(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text("repos: []\n")
    apply(tmp_path, plan(tmp_path, rev="1"))
    with (tmp_path / CONFIG).open("a") as stream:
        stream.write(ALONE.partition("repos:\n")[2])
    assert ours(change(tmp_path)) == [
        ["rsp-health-clean", "rsp-health-lint"],
        ["identity"],
    ]


def test_it_may_stay_and_then_it_cleans(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text(ALONE)
    text = change(tmp_path, nbstripout="keep")
    assert ours(text) == [["nbstripout"], ["identity"], ["rsp-health-lint"]]
    [note] = notes(tmp_path, nbstripout="keep")
    assert "--keep-id" in note
    (tmp_path / CONFIG).write_text(ONLY)
    assert notes(tmp_path, nbstripout="keep") == []


def test_its_arguments_become_settings(tmp_path: Path) -> None:
    keys = (
        "metadata.language_info.version metadata.toc cell.metadata.vscode "
        "metadata.kernelspec cell.metadata.a.b"
    )
    args = json.dumps([f"--extra-keys={keys}", "--keep-output"])
    (tmp_path / CONFIG).write_text(
        ALONE.replace("  # outputs", f"\n        args: {args}")
    )
    told = " ".join(notes(tmp_path))
    assert "--extra-keys=metadata.kernelspec" in told
    assert "--extra-keys=cell.metadata.a.b, --keep-output" in told
    assert "toc" not in told
    apply(tmp_path, plan(tmp_path, rev="1"))
    default = Policy()
    assert load_policy(tmp_path) == Policy(
        strip_language_version=True,
        drop_cell_metadata=(*default.drop_cell_metadata, "vscode"),
        drop_notebook_metadata=(*default.drop_notebook_metadata, "toc"),
    )


def test_settings_that_are_there_stay_and_it_is_told(tmp_path: Path) -> None:
    (tmp_path / ".rsp-health.toml").write_text("[clean]\n")
    (tmp_path / CONFIG).write_text(
        ALONE.replace(
            "  # outputs",
            "\n        args: [--extra-keys, metadata.language_info.version]",
        )
    )
    assert "strip-language-version = true" in " ".join(notes(tmp_path))


def test_its_filter_goes_out_of_gitattributes(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitattributes").write_text(
        "# filter=nbstripout\n*.dat -text\n*.ipynb filter=nbstripout\n"
        "*.zpln  -text filter=nbstripout diff=ipynb\n*.ipynb diff=ipynb\n"
    )
    told = " ".join(notes(tmp_path))
    assert "is replaced" in told
    assert "rsp-health filter install --replace" in told
    assert change(tmp_path, ".gitattributes") == (
        "# filter=nbstripout\n*.dat -text\n"
        "*.zpln  -text diff=ipynb\n*.ipynb diff=ipynb\n"
    )
    names = [c.path for c in plan(tmp_path, rev="1", nbstripout="keep")]
    assert ".gitattributes" not in names


def test_a_filter_of_the_users_git_alone_is_told(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    info = tmp_path / ".git/info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text("*.ipynb filter=nbstripout\n")
    workflows = tmp_path / ".github/workflows"
    workflows.mkdir(parents=True)
    (workflows / "ci.yaml").write_text("run: nbstripout --verify *.ipynb\n")
    first, second = notes(tmp_path)
    assert "rsp-health filter install --replace" in first
    assert ".github/workflows/ci.yaml calls nbstripout" in second


@pytest.mark.parametrize(
    "before",
    [
        "repos: [{repo: a, hooks: [{id: nbstripout}]}]\n",
        "repos:\n- repo: a\n  hooks: [{id: nbstripout}, {id: b}]\n",
    ],
)
def test_what_cannot_be_edited_is_left_to_its_author(
    tmp_path: Path, before: str
) -> None:
    (tmp_path / CONFIG).write_text(before)
    with pytest.raises(BadInputError, match="cannot be edited"):
        plan(tmp_path, rev="1")


def test_without_a_question_it_wants_an_answer(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / CONFIG).write_text(ALONE)
    done = call(tmp_path, "init-repo", "--yes")
    assert done.returncode == 2
    assert b"--nbstripout replace" in done.stderr
    assert (tmp_path / CONFIG).read_text() == ALONE
    done = call(tmp_path, "init-repo", "--yes", "--nbstripout", "keep")
    assert done.returncode == 0
    assert "rsp-health-lint" in (tmp_path / CONFIG).read_text()


def test_a_full_disk_leaves_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / CONFIG).write_text(ALONE)
    changes = plan(tmp_path, rev="1")
    flush, calls = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == len(changes):
            raise OSError(errno.ENOSPC, "full")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFailureError) as caught:
        apply(tmp_path, changes)
    assert caught.value.code == "disk_full"
    assert caught.value.hint.startswith("Nothing was written.")
    assert [path.name for path in tmp_path.iterdir()] == [CONFIG]
    assert (tmp_path / CONFIG).read_text() == ALONE


def test_a_check_says_what_its_hook_would() -> None:
    recorded = json.loads(RECORDED.read_text())
    ours = [
        name
        for name, text in make_states().items()
        if Cleaner().clean_bytes(text.encode()).data != text.encode()
    ]
    assert ours == recorded["0.6.1"]  # the version of the real repositories
    # Later ones leave a notebook's signature, of which no reader asks.
    assert [name for name in ours if name != "signed"] == recorded["0.9.1"]
