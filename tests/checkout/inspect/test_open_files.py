"""Who is at work in a tree, and who only looks at it: we ourselves."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from rsp_health.checkout import repository_checkout as site_module
from rsp_health.checkout.inspect import open_files as at_work
from rsp_health.checkout.inspect import tree_report
from rsp_health.checkout.inspect.open_files import besides, occupants
from rsp_health.git.runner import Git
from tests.faults.checkout.homes import FILE, git, notebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rsp_health.checkout.service import CheckoutService

ID = "system-test"

HOLDER = """
import mmap, os, sys
{hold}
print("ready", flush=True)
sys.stdin.readline()
{then}
"""


@contextmanager
def process(
    folder: Path, hold: str, then: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """Run a program that holds something, until it gets a line."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER.format(hold=hold, then=then)],
        cwd="/",
        env={"PLACE": os.fspath(folder), "PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def test_only_a_program_of_ours_may_look(tmp_path: Path) -> None:
    """Not whoever was given the name of the folder of all checkouts."""
    folder = tmp_path / "rsp-health"
    folder.mkdir()
    with subprocess.Popen(
        ["tail", f"{tmp_path}/rsp-health/../rsp-health", "-f", "/dev/null"],
        cwd=folder,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            assert occupants(folder) == [f"tail ({child.pid})"]
        finally:
            child.kill()


LOOK = """
import sys
from pathlib import Path
from rsp_health.checkout.inspect.open_files import occupants
print(occupants(Path(sys.argv[1])))
"""


@pytest.mark.parametrize(
    "hold",
    [
        'os.chdir(os.environ["PLACE"])',
        'held = os.open(os.environ["PLACE"], os.O_RDONLY)',
        'held = open(os.environ["PLACE"] + "/a.txt")',
        'held = open(os.environ["PLACE"] + "/a.txt", "a")',
        (
            'with open(os.environ["PLACE"] + "/a.txt", "r+b") as stream:\n'
            "    held = mmap.mmap(stream.fileno(), 0)"
        ),
    ],
    ids=["folder", "folder open", "read", "append", "mapped"],
)
def test_everything_that_holds_a_tree(tmp_path: Path, hold: str) -> None:
    folder = tmp_path / "line\nbreak é"
    folder.mkdir()
    (folder / "a.txt").write_text("text")
    with process(folder, hold) as child:
        (found,) = occupants(folder)
        assert found.endswith(f"({child.pid})")
        assert occupants(tmp_path / "other") == []
    assert occupants(folder) == []


def test_what_we_write_is_work_and_what_we_read_is_not(
    tmp_path: Path,
) -> None:
    """The lab's server saves a tab: that is this very process."""
    path = tmp_path / "a.txt"
    path.write_text("text")
    with path.open():
        assert occupants(tmp_path) == []
    with path.open("r+b") as stream:
        assert len(occupants(tmp_path)) == 1
        mapped = mmap.mmap(stream.fileno(), 0)
    assert len(occupants(tmp_path)) == 1
    mapped.close()
    assert occupants(tmp_path) == []


def test_our_own_git_is_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inspection counts new commits while it looks who is at work."""
    runner = Git(allowed_protocols=[])
    runner.run(["version"], doing="look")  # what is imported late
    tree = tmp_path / "tree"
    tree.mkdir()
    ready, go_on = tmp_path / "ready", tmp_path / "go on"
    os.mkfifo(ready)
    os.mkfifo(go_on)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "git").write_text(
        f"#!/bin/sh\ncd '{tree}'\n"
        # A child of it, too, as git has many.
        f"(exec 9> '{tree}/x'; echo > '{ready}'; read line < '{go_on}')\n"
    )
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    thread = threading.Thread(
        target=runner.run, args=(["x"],), kwargs={"doing": "look"}
    )
    thread.start()
    ready.read_text()
    found = occupants(tree)
    other = subprocess.run(
        [
            sys.executable,
            "-c",
            LOOK,
            os.fspath(tree),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    go_on.write_text("\n")
    thread.join()
    assert found == []
    # Nor does a command in a terminal take the server's git for somebody.
    assert other.stdout == "[]\n"


SAVER = f"""
held = open(os.environ["PLACE"] + "/{FILE}", "r+")
"""
SAVE = """
held.truncate(0)
held.write("saved late")
held.close()
print("saved", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_a_writer_that_was_there_before_the_exchange(
    service: CheckoutService,
    tree: Path,
    upstream: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    """It writes and closes between two of our looks: the old tree stays."""
    (upstream / "nb4.ipynb").write_text(notebook("newer"))
    git(upstream, "commit", "-q", "-a", "-m", "newer")
    looks = 0
    look, who = tree_report.look, at_work.occupants

    with process(tree, SAVER, SAVE) as child:

        def save() -> None:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write("\n")
            child.stdin.flush()
            assert child.stdout.readline() == "saved\n"

        def looking(folder: Path, **options: bool) -> object:
            thorough = options.get("thorough")
            if thorough and moment == "before":
                save()
            report = look(folder, **options)  # type: ignore[arg-type]
            if thorough and moment == "between":
                save()
            return report

        def asking(folder: Path) -> list[str]:
            nonlocal looks
            if folder.name.startswith("system-test.backup-"):
                looks += 1
                found = who(folder)
                if looks == 2 and moment == "after":
                    save()
                return found
            # What stood there at first seemed to be nobody's.
            return []

        monkeypatch.setattr(site_module, "look", looking)
        monkeypatch.setattr(site_module, "occupants", asking)
        done = service.checkout(ID, fingerprint=None)
    assert done.backup is not None
    kept = tree.with_name(f"{tree.name}.backup-{done.backup}")
    assert (kept / FILE).read_text() == "saved late"


def test_a_save_that_no_look_for_processes_sees(
    service: CheckoutService,
    tree: Path,
    upstream: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its file changed after it was read; then its time tells."""
    (upstream / "nb4.ipynb").write_text(notebook("newer"))
    git(upstream, "commit", "-q", "-a", "-m", "newer")
    look = tree_report.look

    def looking(folder: Path, **options: bool) -> object:
        report = look(folder, **options)  # type: ignore[arg-type]
        if options.get("thorough"):
            (folder / FILE).write_text("saved late")
        return report

    monkeypatch.setattr(site_module, "look", looking)
    done = service.checkout(ID, fingerprint=None)
    assert done.backup is not None
    kept = tree.with_name(f"{tree.name}.backup-{done.backup}")
    assert (kept / FILE).read_text() == "saved late"


def test_who_is_told_otherwise_is_left_out_by_his_number() -> None:
    told = ["python (12)", "python (112)", "vim (2)"]

    assert besides(told, [12, 2]) == ["python (112)"]
    assert besides(told, []) == told
