"""Which notebooks the filter cleans, beside what others say of them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Protocol

import pytest

from rsp_health.cleaning.filter import setup as filter_setup
from rsp_health.cleaning.filter import tree as tree_filter
from rsp_health.errors import ConflictError, RSPHealthError

from ..notebooks import CLEAN, DIRTY, canonical
from ..repositories import Repository, use_no_settings

if TYPE_CHECKING:
    from pathlib import Path

BEFORE, AFTER = canonical(DIRTY), canonical(CLEAN)


@pytest.fixture(autouse=True)
def _own_git_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_settings(monkeypatch)


class Install(Protocol):
    """Either way to install the filter."""

    def __call__(self, directory: Path, /) -> object:
        """Install the filter into a work tree."""


WAYS: list[Install] = [filter_setup.install, tree_filter.install]


@pytest.fixture(params=WAYS)
def install(request: pytest.FixtureRequest) -> Install:
    """Install the filter as the command does, and as a checkout does."""
    chosen: Install = request.param
    return chosen


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def attributes(repository: Repository) -> Path:
    path = repository.path / ".git/info/attributes"
    path.parent.mkdir(exist_ok=True)
    return path


def cleaned(repository: Repository, *names: str) -> list[str]:
    """Commit dirty notebooks; return those whose outputs git never saw."""
    for name in names:
        repository.write(name, BEFORE)
    repository.git("add", "--all")
    return [name for name in names if repository.blob(name) == AFTER]


def test_what_others_exempt_in_the_same_file_stays_exempt(
    repository: Repository, install: Install
) -> None:
    attributes(repository).write_text("golden/*.ipynb -filter\n")
    install(repository.path)
    install(repository.path)
    names = ["a.ipynb", "golden/a.ipynb"]
    assert cleaned(repository, *names) == ["a.ipynb"]
    tree_filter.remove(repository.path)
    assert attributes(repository).read_text() == "golden/*.ipynb -filter\n"


def test_what_is_said_after_our_line_stays_after_it(
    repository: Repository, install: Install
) -> None:
    install(repository.path)
    with attributes(repository).open("a") as stream:
        stream.write("mine/*.ipynb -filter\n")
    install(repository.path)
    assert attributes(repository).read_text() == (
        "*.[iI][pP][yY][nN][bB] filter=rsp-health\nmine/*.ipynb -filter\n"
    )
    names = ["a.ipynb", "mine/a.ipynb"]
    assert cleaned(repository, *names) == ["a.ipynb"]


def test_a_filter_bound_after_ours_is_told_and_replaced(
    repository: Repository,
) -> None:
    filter_setup.install(repository.path)
    with attributes(repository).open("a") as stream:
        stream.write("*.ipynb filter=nbstripout\n")
    with pytest.raises(ConflictError):
        filter_setup.install(repository.path)
    state = filter_setup.install(repository.path, replace=True)
    assert (state.installed, state.bound) == (True, {})
    assert cleaned(repository, "a.ipynb") == ["a.ipynb"]


def test_an_exemption_through_a_macro_holds(
    repository: Repository, install: Install
) -> None:
    repository.write(
        ".gitattributes",
        b"[attr]raw -filter -diff\n[attr]golden raw\ngolden/* golden\n",
    )
    repository.write("sub/.gitattributes", b"/kept.ipynb raw\n")
    install(repository.path)
    names = ["a.ipynb", "golden/a.ipynb", "sub/kept.ipynb", "sub/b.ipynb"]
    assert cleaned(repository, *names) == ["a.ipynb", "sub/b.ipynb"]


@pytest.mark.parametrize(
    "again",
    [
        "golden/new.ipynb !filter",
        "golden/new* !filter",
        "golden/new.ipynb filter=rsp-health",
        'golden/** !filter\n"golden/old a.ipynb" -filter',
    ],
)
def test_an_exemption_of_an_exemption_is_cleaned(
    repository: Repository, install: Install, again: str
) -> None:
    repository.write(
        ".gitattributes", f"golden/*.ipynb -filter\n{again}\n".encode()
    )
    repository.write("golden/old a.ipynb", BEFORE)
    install(repository.path)
    names = ["golden/old a.ipynb", "golden/new.ipynb", "golden/newer.csv"]
    (repository.path / "golden/newer.csv").write_text("a,b\n")
    assert cleaned(repository, *names[:2]) == ["golden/new.ipynb"]
    assert repository.blob("golden/newer.csv") == b"a,b\n"


def test_what_cannot_be_said_in_one_line_changes_nothing(
    repository: Repository, install: Install
) -> None:
    # No pattern of git's says "of these the notebooks".
    text = "golden/* -filter\ngolden/[a-m]*[0-9]?????? !filter\n"
    repository.write(".gitattributes", text.encode())
    repository.write("golden/a1.ipynb", BEFORE)
    config = (repository.path / ".git/config").read_bytes()
    with pytest.raises(RSPHealthError) as caught:
        install(repository.path)
    assert caught.value.code == "attributes_unclear"
    assert "golden/a1.ipynb would not be cleaned" in caught.value.message
    assert not attributes(repository).exists()
    assert (repository.path / ".git/config").read_bytes() == config


def test_an_untracked_notebook_with_another_filter_is_found(
    repository: Repository, install: Install
) -> None:
    repository.write(".gitattributes", b"lfs/*.ipynb filter=lfs\n")
    repository.write("lfs/a.ipynb", BEFORE)
    with pytest.raises(ConflictError, match=r"lfs/a[.]ipynb"):
        install(repository.path)


def test_a_filter_that_has_no_notebook_left_is_whole(
    repository: Repository,
) -> None:
    repository.write(".gitattributes", b"*.ipynb -filter\n")
    state = filter_setup.install(repository.path)
    assert (state.installed, state.problem) == (True, "")


def test_an_attributes_file_of_the_settings_counts(
    repository: Repository, tmp_path: Path
) -> None:
    mine = tmp_path / "attributes"
    mine.write_text("golden/*.ipynb -filter\n")
    repository.git("config", "core.attributesFile", os.fspath(mine))
    repository.write("golden/a.ipynb", BEFORE)
    with pytest.raises(ConflictError, match=r"golden/a[.]ipynb would be"):
        filter_setup.install(repository.path)


def test_a_linked_worktree_is_looked_at_itself(
    repository: Repository, tmp_path: Path
) -> None:
    repository.write("a.ipynb", AFTER)
    repository.git("add", ".")
    repository.git("commit", "-qm", "one")
    repository.git("worktree", "add", "-q", os.fspath(tmp_path / "linked"))
    assert filter_setup.install(tmp_path / "linked").installed
    (tmp_path / "linked/a.ipynb").write_bytes(BEFORE)
    subprocess.run(
        ["git", "add", "."], cwd=tmp_path / "linked", check=True, timeout=60
    )
    assert (
        subprocess.run(
            ["git", "diff", "--cached", "--quiet"],
            cwd=tmp_path / "linked",
            check=False,
            timeout=60,
        ).returncode
        == 0
    )


def test_a_configuration_that_cannot_be_written_is_told_in_git_s_words(
    repository: Repository,
) -> None:
    (repository.path / ".git" / "config.lock").touch()
    with pytest.raises(RSPHealthError) as caught:
        filter_setup.install(repository.path)
    assert "could not lock config file" in caught.value.message
    assert "another git" in caught.value.hint


ODD_NAMES = [
    "a b.ipynb",
    "é.ipynb",
    "[1]*?.ipynb",
    "\\back\\.ipynb",
    '"quoted".ipynb',
    "line\nbreak.ipynb",
    "tab\t.ipynb",
    "#.ipynb",
    "!.ipynb",
    " .ipynb",
    os.fsdecode(b"\xff.ipynb"),
    "sub/A.IPYNB",
]


def test_notebooks_that_came_with_outputs_are_left_alone(
    repository: Repository,
) -> None:
    for name in ODD_NAMES:
        repository.write(name, BEFORE)
    repository.write("clean.ipynb", AFTER)
    found = tree_filter.install(repository.path, is_fresh=True)
    assert found == sorted(ODD_NAMES)
    # What is installed again, by whom ever, is not forgotten.
    for again in (tree_filter.install, filter_setup.install):
        again(repository.path)
        state = filter_setup.status(repository.path)
        assert sorted(state.left_alone) == sorted(ODD_NAMES)
    others = ["clean.ipynb", "1.ipynb", "other/a b.ipynb", "new.ipynb"]
    assert cleaned(repository, *others, *ODD_NAMES) == others
    tree_filter.remove(repository.path)
    assert attributes(repository).read_text() == ""


def test_lines_of_an_earlier_version_are_renewed(
    repository: Repository,
) -> None:
    filter_setup.install(repository.path)
    attributes(repository).write_text("a -text\n*.ipynb filter=rsp-health\n")
    assert tree_filter.is_bound(repository.path)
    assert tree_filter.is_stale(repository.path)
    tree_filter.install(repository.path)
    assert not tree_filter.is_stale(repository.path)
    assert cleaned(repository, "A.IPYNB") == ["A.IPYNB"]
    tree_filter.remove(repository.path)
    assert attributes(repository).read_text() == "a -text\n"
