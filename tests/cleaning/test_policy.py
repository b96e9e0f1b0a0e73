"""Where the policy comes from, and what it says when it is wrong."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from rsp_health.cleaning.models import CleanPolicy
from rsp_health.cleaning.policy import (
    DEFAULT_POLICY,
    Policy,
    PolicyFinder,
    load_policy,
    repository_root,
)
from rsp_health.errors import BadInputError

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, name: str, text: str) -> Path:
    (root / name).write_text(text)
    return root


def test_model_and_policy_are_the_same_fields_and_defaults() -> None:
    model = CleanPolicy()
    names = [field.name for field in fields(Policy)]
    assert list(CleanPolicy.model_fields) == names
    for name in names:
        default = getattr(DEFAULT_POLICY, name)
        value = list(default) if isinstance(default, tuple) else default
        assert getattr(model, name) == value


def test_without_settings_the_default_holds(tmp_path: Path) -> None:
    assert load_policy(tmp_path) == DEFAULT_POLICY
    write(tmp_path, "pyproject.toml", "[tool.other]\nclean = 1\n")
    assert load_policy(tmp_path) == DEFAULT_POLICY
    write(tmp_path, "pyproject.toml", "[tool.rsp-health]\n")
    assert load_policy(tmp_path) == DEFAULT_POLICY


def test_every_setting(tmp_path: Path) -> None:
    write(
        tmp_path,
        "pyproject.toml",
        """
        [tool.rsp-health.clean]
        keep-output-tags = ["a"]
        keep-output-max-bytes = 10
        drop-cell-metadata = ["b"]
        drop_notebook_metadata = ["c"]
        extend-drop-notebook-metadata = ["d"]
        strip-language-version = true
        """,
    )
    assert load_policy(tmp_path) == Policy(
        keep_output_tags=("a",),
        keep_output_max_bytes=10,
        drop_cell_metadata=("b",),
        drop_notebook_metadata=("c", "d"),
        strip_language_version=True,
    )


def test_extending_keeps_the_defaults(tmp_path: Path) -> None:
    write(
        tmp_path,
        ".rsp-health.toml",
        '[clean]\nextend-keep-output-tags = ["figure"]\n',
    )
    assert load_policy(tmp_path).keep_output_tags == ("keep_output", "figure")


def test_the_file_of_its_own_wins(tmp_path: Path) -> None:
    write(
        tmp_path,
        "pyproject.toml",
        "[tool.rsp-health.clean]\nkeep-output-max-bytes = 1\n",
    )
    write(tmp_path, ".rsp-health.toml", "[clean]\nkeep-output-max-bytes=2\n")
    assert load_policy(tmp_path).keep_output_max_bytes == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tool = 3  # rsp-health\n", "'tool' is not a table"),
        ("tool = ['rsp-health']\n", "'tool' is not a table"),
        ("[tool]\nrsp-health = 3\n", "'rsp-health' is not a table"),
        ("[[tool.rsp-health]]\n", "'rsp-health' is not a table"),
        ("[tool.rsp-health]\nclean = []\n", "'clean' is not a table"),
        (f"rsp-health = {'[' * 9000}", "is nested too deeply"),
    ],
)
def test_a_pyproject_of_an_odd_form_is_told(
    tmp_path: Path, text: str, words: str
) -> None:
    write(tmp_path, "pyproject.toml", text)
    with pytest.raises(BadInputError) as caught:
        load_policy(tmp_path)
    assert caught.value.code == "bad_settings"
    assert str(tmp_path / "pyproject.toml") in caught.value.message
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[clean]\nkeep = 1\n", "unknown key 'keep'"),
        ("[clean]\nkeep-output-tags = 'a'\n", "not a list of strings"),
        ("[clean]\nkeep-output-tags = [1]\n", "not a list of strings"),
        ("[clean]\nkeep-output-max-bytes = -1\n", "not a number of bytes"),
        ("[clean]\nkeep-output-max-bytes = true\n", "not a number of bytes"),
        ("[clean]\nkeep-output-max-bytes = 1.5\n", "not a number of bytes"),
        ("[clean]\nstrip-language-version = 1\n", "not true or false"),
        ("[clean]\ndrop-cell-metadata = ['mobu']\n", "always kept"),
        (
            "[clean]\nextend-drop-notebook-metadata = ['kernelspec']\n",
            "always kept",
        ),
        ("[cleaning]\n", "unknown table or key 'cleaning'"),
        ("clean = 1\n", "not a table"),
        ("[clean\n", "it is not TOML"),
        ("\ud800", "it is not UTF-8"),
    ],
)
def test_wrong_settings_are_told_with_file_and_key(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / ".rsp-health.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(BadInputError) as caught:
        load_policy(tmp_path)
    assert words in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.code == "bad_settings"
    assert caught.value.hint


def test_settings_belong_to_the_nearest_repository(tmp_path: Path) -> None:
    outer, inner = tmp_path, tmp_path / "sub" / "inner"
    inner.mkdir(parents=True)
    (outer / ".git").mkdir()
    (inner / ".git").write_text("gitdir: elsewhere\n")
    write(outer, ".rsp-health.toml", "[clean]\nkeep-output-max-bytes = 1\n")
    write(inner, ".rsp-health.toml", "[clean]\nkeep-output-max-bytes = 2\n")
    find = PolicyFinder()
    assert find(inner / "a.ipynb").keep_output_max_bytes == 2
    assert find(outer / "sub" / "a.ipynb").keep_output_max_bytes == 1
    assert repository_root(inner) == inner


def test_outside_any_repository_the_default_holds(tmp_path: Path) -> None:
    write(tmp_path, ".rsp-health.toml", "[clean]\nkeep-output-max-bytes = 1\n")
    if repository_root(tmp_path) is not None:
        pytest.skip("the scratch folder is inside a repository")
    assert PolicyFinder()(tmp_path / "a.ipynb") == DEFAULT_POLICY


def test_settings_have_one_bound_for_both_files(tmp_path: Path) -> None:
    """A save waits for them."""
    (tmp_path / ".rsp-health.toml").write_text("[lint]\n" + "#\n" * 9_000)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.rsp-health.clean]\n" + "#\n" * 9_000
    )
    with pytest.raises(BadInputError, match=r"pyproject.toml .* larger than"):
        load_policy(tmp_path)
