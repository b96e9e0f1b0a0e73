"""The git filter in real repositories, with real git."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

import rsp_health
from rsp_health.cleaning.filter import setup as filter_setup
from rsp_health.cleaning.gitfilter import FilterProcess, ProtocolError
from rsp_health.errors import (
    BadInputError,
    ConflictError,
    EnvironmentFailureError,
)

from ..notebooks import CLEAN, DIRTY, canonical, code_cell, document
from ..repositories import Repository, use_no_settings

BEFORE, AFTER = canonical(DIRTY), canonical(CLEAN)
SECRET = b"secret"


@pytest.fixture(autouse=True)
def _own_git_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    use_no_settings(monkeypatch)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def test_outputs_stay_here_and_never_reach_the_blob(
    repository: Repository,
) -> None:
    state = filter_setup.install(repository.path)
    assert (state.installed, state.works, state.problem) == (True, True, "")
    path = repository.write("a é.ipynb", BEFORE)
    repository.git("add", ".")
    assert repository.blob("a é.ipynb") == AFTER
    assert path.read_bytes() == BEFORE
    repository.git("commit", "-qm", "one")
    assert repository.status() == ""
    assert path.read_bytes() == BEFORE
    # Only outputs changed: nothing to commit. (Git calls a file of another
    # size modified without looking into it, until it is added.)
    path.write_bytes(BEFORE.replace(b"secret", b"other output"))
    repository.git("add", ".")
    assert repository.status() == ""
    path.write_bytes(BEFORE.replace(b"1 + 1", b"2 + 2"))
    assert repository.status() == ' M "a \\303\\251.ipynb"\n'


def test_the_policy_of_the_repository_holds(repository: Repository) -> None:
    filter_setup.install(repository.path)
    repository.write(
        ".rsp-health.toml", b"[clean]\nkeep-output-tags = ['a']\n"
    )
    repository.write("sub/n.ipynb", BEFORE)
    repository.git("-C", "sub", "add", ".")
    assert SECRET in repository.blob("sub/n.ipynb")


@pytest.mark.parametrize("bad", [b"{", b"[]", b'{"nbformat": 5}'])
def test_a_broken_notebook_stages_nothing(
    repository: Repository, bad: bytes
) -> None:
    filter_setup.install(repository.path)
    repository.write("good.ipynb", BEFORE)
    repository.write("worse.ipynb", bad)
    result = repository.try_git("add", ".")
    assert result.returncode != 0
    assert b"worse.ipynb: " in result.stderr
    assert repository.staged() == []


def test_an_empty_file_is_no_notebook_yet(repository: Repository) -> None:
    filter_setup.install(repository.path)
    repository.write("new.ipynb", b"")
    repository.write("line.ipynb", b"\n")
    repository.git("add", ".")
    assert repository.blob("new.ipynb") == b""
    assert repository.blob("line.ipynb") == b"\n"


def test_a_notebook_is_one_in_letters_of_any_case(
    repository: Repository,
) -> None:
    names = ["A.IPYNB", "sub/b.Ipynb"]
    for name in names:
        repository.write(name, BEFORE)
    filter_setup.install(repository.path)
    repository.git("add", ".")
    assert [repository.blob(name) for name in names] == [AFTER, AFTER]


def test_what_is_committed_already_stays_until_it_changes(
    repository: Repository,
) -> None:
    path = repository.write("sub/a é.ipynb", BEFORE)
    broken = repository.write("broken.ipynb", b"{")
    repository.git("add", ".")
    repository.git("commit", "-qm", "with outputs")
    filter_setup.install(repository.path)
    for touched in (path, broken):
        os.utime(touched, (1, 1))
    assert repository.status() == ""
    repository.git("add", "--renormalize", ".")
    assert repository.status() == ""
    # The same content elsewhere is new there.
    repository.write("b.ipynb", BEFORE)
    repository.git("add", "b.ipynb")
    assert repository.blob("b.ipynb") == AFTER
    path.write_bytes(BEFORE.replace(b"1 + 1", b"2 + 2"))
    repository.git("add", "sub")
    assert SECRET not in repository.blob("sub/a é.ipynb")


def test_what_is_staged_and_not_committed_is_cleaned(
    repository: Repository,
) -> None:
    repository.write("a.ipynb", BEFORE)
    repository.git("add", ".")
    filter_setup.install(repository.path)
    repository.git("add", "--renormalize", ".")
    assert repository.blob("a.ipynb") == AFTER


def test_all_is_cleaned_when_git_is_told_so(repository: Repository) -> None:
    path = repository.write("a.ipynb", BEFORE)
    repository.git("add", ".")
    repository.git("commit", "-qm", "with outputs")
    filter_setup.install(repository.path)
    setting = "filter.rsp-health.all=true"
    repository.git("-c", setting, "add", "--renormalize", ".")
    assert repository.blob("a.ipynb") == AFTER
    assert path.read_bytes() == BEFORE


def test_a_notebook_whose_lines_git_converts(repository: Repository) -> None:
    repository.write(".gitattributes", b"*.ipynb text eol=crlf\n")
    path = repository.write("a.ipynb", BEFORE)
    repository.git("add", ".")
    repository.git("commit", "-qm", "with outputs")
    path.unlink()
    repository.git("checkout", "--", ".")
    assert b"\r\n" in path.read_bytes()
    filter_setup.install(repository.path)
    os.utime(path, (1, 1))
    assert repository.status() == ""


def test_a_refusal_says_how_to_look_at_the_file(
    repository: Repository,
) -> None:
    filter_setup.install(repository.path)
    repository.write("a.ipynb", AFTER)
    repository.git("add", ".")
    repository.git("commit", "-qm", "one")
    repository.write("a.ipynb", b"<<<<<<< HEAD\n")
    refused = repository.try_git("diff")
    assert refused.returncode
    (told,) = re.findall(rb"same: git (-c \S+) diff", refused.stderr)
    assert "<<<<<<< HEAD" in repository.git(*told.decode().split(), "diff")


def test_wrong_settings_stage_nothing(repository: Repository) -> None:
    filter_setup.install(repository.path)
    repository.write(".rsp-health.toml", b"[clean]\nkeep = 1\n")
    repository.write("a.ipynb", BEFORE)
    result = repository.try_git("add", "a.ipynb")
    assert result.returncode != 0
    assert b"unknown key 'keep'" in result.stderr
    assert repository.staged() == []


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    """Return an environment that has rsp-health, and can lose it."""
    folder = tmp_path / "tool"
    venv.create(folder, with_pip=False, symlinks=True)
    [packages] = folder.glob("lib/python*/site-packages")
    here = Path(rsp_health.__file__).parents[1]
    others = [path for path in sys.path if "site-packages" in path]
    (packages / "all.pth").write_text("\n".join([str(here), *others]) + "\n")
    shutil.copy(Path(sys.executable).parent / "nb-clean", folder / "bin")
    return folder


@pytest.mark.parametrize("lost", ["everything", "nb-clean", "rsp-health"])
def test_with_the_tool_removed_git_add_fails_and_stages_nothing(
    repository: Repository, tool: Path, lost: str
) -> None:
    command = [tool / "bin/python", "-m", "rsp_health.cli.main"]
    subprocess.run(
        [*map(str, command), "filter", "install", "--repo", repository.path],
        check=True,
        capture_output=True,
    )
    path = repository.write("a.ipynb", BEFORE)
    repository.git("add", "a.ipynb")
    assert repository.blob("a.ipynb") == AFTER
    repository.git("reset", "-q")
    match lost:
        case "everything":
            shutil.rmtree(tool)
        case "nb-clean":
            # The package's record would lead to the one of the tests.
            (tool / "bin/nb-clean").write_text("#!/bin/sh\nexit 1\n")
        case _:
            assert lost == "rsp-health"
            [link] = tool.glob("lib/python*/site-packages/all.pth")
            link.unlink()
    result = repository.try_git("add", "a.ipynb")
    assert result.returncode != 0
    assert repository.staged() == []
    assert path.read_bytes() == BEFORE
    assert repository.try_git("commit", "-qam", "x").returncode != 0
    # Nothing leaks by the plumbing either.
    result = repository.try_git(
        "hash-object", "-w", "--path=a.ipynb", str(path)
    )
    assert result.returncode != 0


@pytest.mark.slow
def test_200_notebooks_through_commit_rebase_stash_and_checkout(
    repository: Repository,
) -> None:
    filter_setup.install(repository.path)

    def notebook(number: int, text: str = "x") -> bytes:
        cell = code_cell(
            {"name": "stdout", "output_type": "stream", "text": ["secret\n"]},
            count=number,
        )
        return canonical(document({**cell, "source": [f"{text}{number}"]}))

    names = [f"n{number:03}.ipynb" for number in range(200)]
    for number, name in enumerate(names):
        repository.write(name, notebook(number))
    repository.git("add", ".")
    repository.git("commit", "-qm", "all")
    assert repository.status() == ""

    def outputs_here() -> int:
        return sum(
            SECRET in path.read_bytes()
            for path in repository.path.glob("*.ipynb")
        )

    assert outputs_here() == 200
    # A branch that changes some sources, and one that changes others.
    repository.git("checkout", "-qb", "topic")
    for number in range(50):
        repository.write(names[number], notebook(number, "topic"))
    repository.git("commit", "-qam", "topic")
    assert repository.status() == ""
    repository.git("checkout", "-q", "main")
    assert repository.status() == ""
    # What git replaced came from the repository; the rest kept its outputs.
    assert outputs_here() == 150
    for number in range(150, 200):
        repository.write(names[number], notebook(number, "main"))
    repository.git("commit", "-qam", "main")
    repository.git("checkout", "-q", "topic")
    repository.git("rebase", "-q", "main")
    assert repository.status() == ""
    # Stash a source change over notebooks full of outputs.
    for number, name in enumerate(names):
        text = "topic" if number < 50 else "main" if number >= 150 else "x"
        repository.write(name, notebook(number, text))
    repository.git("add", ".")
    assert repository.status() == ""
    assert outputs_here() == 200
    repository.write(names[100], notebook(100, "work"))
    repository.git("stash", "-q")
    assert repository.status() == ""
    assert outputs_here() == 199
    repository.git("stash", "pop", "-q")
    assert repository.status() == f" M {names[100]}\n"
    assert b"work100" in (repository.path / names[100]).read_bytes()
    repository.git("checkout", "-q", "--", ".")
    assert repository.status() == ""
    # No object of any branch holds an output.
    objects = repository.git("rev-list", "--all", "--objects").split("\n")
    blobs = [line.split()[0] for line in objects if ".ipynb" in line]
    assert len(blobs) >= 300
    batch = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=repository.path,
        input="\n".join(blobs).encode(),
        capture_output=True,
        check=True,
    ).stdout
    assert batch
    assert SECRET not in batch


@pytest.mark.parametrize("name", ["nbstripout", "nb-clean"])
def test_another_filter_is_told_and_replaced_only_when_told_to(
    repository: Repository, name: str
) -> None:
    theirs = f"*.ipynb filter={name}\n*.ipynb diff=ipynb\n"
    attributes = repository.path / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(theirs)
    repository.git("config", f"filter.{name}.clean", "cat")
    repository.write("a.ipynb", BEFORE)
    state = filter_setup.status(repository.path)
    assert list(state.bound) == [name]
    with pytest.raises(ConflictError) as caught:
        filter_setup.install(repository.path)
    assert caught.value.code == "filter_bound"
    assert name in caught.value.message
    assert "--replace" in caught.value.hint
    assert attributes.read_text() == theirs
    assert not filter_setup.status(repository.path).installed
    state = filter_setup.install(repository.path, replace=True)
    assert (state.installed, state.bound, state.problem) == (True, {}, "")
    repository.git("add", ".")
    assert repository.blob("a.ipynb") == AFTER
    # Their settings were never touched, and are in force again.
    state = filter_setup.remove(repository.path)
    assert attributes.read_text() == theirs
    assert list(state.bound) == [name]
    assert repository.git("config", f"filter.{name}.clean") == "cat\n"


def test_a_filter_bound_to_one_tracked_notebook_is_found(
    repository: Repository,
) -> None:
    repository.write(".gitattributes", b"deep/*.ipynb filter=nbstripout\n")
    repository.write("deep/a b.ipynb", AFTER)
    repository.git("add", ".")
    with pytest.raises(ConflictError, match=r"deep/a b[.]ipynb"):
        filter_setup.install(repository.path)


def test_installing_and_removing_twice_changes_nothing(
    repository: Repository,
) -> None:
    for _ in range(2):
        assert filter_setup.install(repository.path).installed
    attributes = repository.path / ".git" / "info" / "attributes"
    assert attributes.read_text().count("rsp-health") == 1
    for _ in range(2):
        state = filter_setup.remove(repository.path)
        assert not state.installed
        assert state.problem == "The filter is not installed."
    config = (repository.path / ".git" / "config").read_text()
    assert "rsp-health" not in attributes.read_text() + config


def test_a_filter_is_removed_though_nb_clean_is_gone(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    filter_setup.install(repository.path)

    def gone() -> Path:
        raise EnvironmentFailureError("nb-clean is not installed.", hint="Do.")

    monkeypatch.setattr("rsp_health.cleaning.splice.engine.find_program", gone)
    state = filter_setup.status(repository.path)
    assert (state.works, state.problem) == (
        False,
        "nb-clean is not installed.",
    )
    assert not filter_setup.remove(repository.path).installed
    with pytest.raises(EnvironmentFailureError):
        filter_setup.install(repository.path)


def test_half_an_installation_is_told(repository: Repository) -> None:
    filter_setup.install(repository.path)
    repository.git("config", "filter.rsp-health.required", "false")
    state = filter_setup.status(repository.path)
    assert not state.installed
    assert state.problem == "The filter is installed only in part."


def test_a_status_never_runs_what_a_repository_says(
    repository: Repository,
) -> None:
    filter_setup.install(repository.path)
    mark = repository.path / "mark"
    repository.git("config", "filter.rsp-health.process", f"touch {mark}")
    repository.git("config", "core.fsmonitor", f"touch {mark}")
    state = filter_setup.status(repository.path)
    assert (state.works, mark.exists()) == (False, False)
    assert "another installation" in state.problem
    # Installing again makes it ours again.
    repository.git("config", "--unset", "core.fsmonitor")
    assert filter_setup.install(repository.path).works


def test_outside_a_repository(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(BadInputError):
            filter_setup.install(folder)


def test_a_module_of_the_repository_is_not_imported(
    repository: Repository,
) -> None:
    # git runs the filter in the work tree, and anybody may have made that.
    repository.write("rsp_health/__init__.py", b"raise SystemExit(7)\n")
    repository.write("json.py", b"raise SystemExit(7)\n")
    filter_setup.install(repository.path)
    repository.write("a.ipynb", BEFORE)
    repository.git("add", "a.ipynb")
    assert repository.blob("a.ipynb") == AFTER


# The protocol itself.


def packet(data: bytes) -> bytes:
    return b"%04x" % (len(data) + 4) + data


HELLO = packet(b"git-filter-client\n") + packet(b"version=2\n") + b"0000"
OFFER = packet(b"capability=clean\n") + packet(b"capability=delay\n") + b"0000"


def talk(tmp_path: Path, said: bytes) -> bytes:
    target = io.BytesIO()
    FilterProcess(source=io.BytesIO(said), target=target, root=tmp_path).run()
    return target.getvalue()


def test_only_what_both_can_do_is_agreed(tmp_path: Path) -> None:
    answer = talk(tmp_path, HELLO + OFFER)
    assert answer == (
        packet(b"git-filter-server\n")
        + packet(b"version=2\n")
        + b"0000"
        + packet(b"capability=clean\n")
        + b"0000"
    )


def test_content_larger_than_a_packet(tmp_path: Path) -> None:
    cell: dict[str, Any] = {**code_cell(), "source": "é" * 200_000}
    data = canonical(document(cell))
    head = packet(b"command=clean\n") + packet(b"pathname=a.ipynb\n") + b"0000"
    body = b"".join(
        packet(data[start : start + 65516])
        for start in range(0, len(data), 65516)
    )
    answer = talk(tmp_path, HELLO + OFFER + head + body + b"0000")
    answer = answer.partition(packet(b"status=success\n") + b"0000")[2]
    assert answer.endswith(b"00000000")
    found, position = b"", 0
    while (size := int(answer[position : position + 4], 16)) > 0:
        assert size <= 65520
        found += answer[position + 4 : position + size]
        position += size
    assert found == data


def test_what_comes_out_of_the_repository_is_passed_on(
    tmp_path: Path,
) -> None:
    head = packet(b"command=smudge\n") + packet(b"pathname=a\n") + b"0000"
    body = packet(b"not a notebook") + b"0000"
    answer = talk(tmp_path, HELLO + OFFER + head + body)
    assert answer.endswith(
        packet(b"status=success\n")
        + b"0000"
        + packet(b"not a notebook")
        + b"00000000"
    )


def test_a_request_for_something_else_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = packet(b"command=clean\n") + packet(b"pathname=x\n") + b"0000"
    answer = talk(tmp_path, HELLO + OFFER + head + packet(b"?") + b"0000")
    assert answer.endswith(packet(b"status=error\n") + b"0000")
    said = capsys.readouterr().err
    assert said.startswith("rsp-health: x: not a notebook (no JSON object)\n")


@pytest.mark.parametrize(
    "said",
    [
        b"hello",
        b"0000",
        packet(b"git-filter-client\n") + packet(b"version=1\n") + b"0000",
        HELLO + OFFER + b"00",
        HELLO + OFFER + b"00ffshort",
        HELLO + OFFER + b"0003",
    ],
)
def test_what_is_not_the_protocol_ends_the_process(
    tmp_path: Path, said: bytes
) -> None:
    with pytest.raises(ProtocolError):
        talk(tmp_path, said)


def test_a_notebook_cut_off_in_the_pipe_is_no_notebook(
    tmp_path: Path,
) -> None:
    head = packet(b"command=clean\n") + b"0000" + packet(b"{}")
    with pytest.raises(EOFError):
        talk(tmp_path, HELLO + OFFER + head)


def test_the_process_imports_little() -> None:
    code = (
        "import sys, json; import rsp_health.cleaning.gitfilter; "
        "print(json.dumps(sorted(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(result.stdout)}
    heavy = {"pydantic", "click", "rich", "traitlets", "jupyter_core", "yaml"}
    assert not loaded & heavy
