"""Reports on files with odd names, in odd places, or of odd kinds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rsp_health.cleaning.annotations import table
from rsp_health.notebooks.finder import notebooks
from rsp_health.printable import printable

from .notebooks import CLEAN, DIRTY, canonical
from .test_commands import call

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE = canonical(DIRTY)
FORMATS = ("text", "json", "github", "sarif")
#: A terminal's title and colour, a line's end, a direction, no UTF-8.
NAME = os.fsdecode(b"a\x1b]0;t\x07\x1b[31m\nb\xe2\x80\xae\xff|*.ipynb")
SHOWN = "a\\x1b]0;t\\x07\\x1b[31m\\nb\\u202e\\xff|*.ipynb"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 名", "plain é 名"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\u202e\ufeff\x85\u2028", "\\u202e\\ufeff\\x85\\u2028"),
        ("\udcff\udc80", "\\xff\\x80"),
        ("\ud800", "\\ud800"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert shown.isprintable()
    assert printable(f"{text}\n", lines=True) == (
        printable(text.replace("\n", "N"), lines=True).replace("N", "\n")
        + "\n"
    )


@pytest.mark.parametrize("command", ["check", "lint", "clean"])
@pytest.mark.parametrize("style", FORMATS)
def test_names_that_would_steer_a_terminal(
    tmp_path: Path, command: str, style: str
) -> None:
    (tmp_path / NAME).write_bytes(b"{" if command == "lint" else BEFORE)
    (tmp_path / "b.ipynb").write_bytes(b"{")
    arguments = [] if command == "clean" else ["--format", style]
    if command == "clean" and style == "json":
        arguments = ["--json"]
    summary = tmp_path / "summary.md"
    result = call(
        tmp_path, command, *arguments, ".", GITHUB_STEP_SUMMARY=str(summary)
    )
    assert result.returncode == 2
    for output in (result.stdout, result.stderr):
        said = output.decode()
        assert "Traceback" not in said
        assert all(line.isprintable() for line in said.split("\n"))
    if command == "clean":
        return
    said = result.stdout.decode()
    if style == "text":
        assert said.startswith(f"{SHOWN}:")
    elif style == "github":
        escaped = SHOWN.replace("\\n", "%0A")
        assert f"::error file={escaped},line=" in said
        [row] = [
            line for line in summary.read_text().splitlines() if "x1b" in line
        ]
        assert r"\|\*.ipynb" in row
        assert row.isprintable()
    elif style == "sarif":
        [found, _] = json.loads(said)["runs"][0]["results"]
        place = found["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == (
            "a%1B%5D0%3Bt%07%1B%5B31m%0Ab%E2%80%AE%FF%7C%2A.ipynb"
        )
    else:
        document = json.loads(said)
        [first, _] = document["files" if command == "check" else "findings"]
        assert first["path"] == NAME


@pytest.mark.parametrize("command", ["check", "lint"])
def test_a_name_is_no_command_of_a_workflow(
    tmp_path: Path, command: str
) -> None:
    for name in ("::error file=x::y", " ::stop-commands::z", "a##[group]"):
        (tmp_path / f"{name}.ipynb").write_bytes(b"{")
    result = call(tmp_path, command, "--format", "text", ".")
    lines = result.stdout.decode().splitlines()
    assert len(lines) == 3
    assert not any(line.strip().startswith("::") for line in lines)
    assert not any("##[" in line for line in lines)


@pytest.mark.parametrize("command", ["check", "lint"])
def test_a_terminal_without_the_letters(tmp_path: Path, command: str) -> None:
    (tmp_path / "名é.ipynb").write_bytes(b"{")
    result = call(tmp_path, command, PYTHONIOENCODING="latin-1")
    assert result.returncode == 2
    assert result.stdout.startswith(b"\\u540d\xe9.ipynb:")


def test_a_summary_of_thousands_stays_within_what_is_shown() -> None:
    lines = table(("a", "b"), [("x" * 90, "<b>")] * 10_000)
    assert sum(len(line) + 1 for line in lines) < 500_000
    assert lines[2].endswith(r" | \<b\> |")
    shown = len(lines) - 4
    assert lines[-1] == f"… and {10_000 - shown} more; the log has them all."


def uri(result: subprocess.CompletedProcess[bytes]) -> str:
    [found] = json.loads(result.stdout)["runs"][0]["results"]
    place: dict[str, Any] = found["locations"][0]["physicalLocation"]
    return str(place["artifactLocation"]["uri"])


@pytest.mark.parametrize("command", ["check", "lint"])
def test_names_start_from_the_workspace(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "work" / "sub"
    folder.mkdir(parents=True)
    (folder / "a b.ipynb").write_bytes(b"{")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "c.ipynb").write_bytes(b"{")
    (tmp_path / "link").symlink_to("work")
    for workspace in ("work", "link"):
        top = str(tmp_path / workspace)
        summary = tmp_path / f"{workspace}.md"
        variables: dict[str, Any] = {
            "GITHUB_WORKSPACE": top,
            "GITHUB_STEP_SUMMARY": str(summary),
        }
        sarif = call(folder, command, "--format", "sarif", **variables)
        assert uri(sarif) == "sub/a%20b.ipynb"
        told = call(folder, command, "--format", "github", **variables)
        assert told.stdout.startswith(b"::error file=sub/a b.ipynb,line=1,")
        assert "| sub/a b.ipynb" in summary.read_text()
        # People see what they can open from where they are.
        told = call(folder, command, "--format", "text", **variables)
        assert told.stdout.startswith(b"a b.ipynb:")
        other = f"{tmp_path}/other/c.ipynb"
        sarif = call(folder, command, "--format", "sarif", other, **variables)
        assert uri(sarif) == f"file://{other}"


@pytest.mark.parametrize("command", ["check", "lint"])
def test_a_summary_that_cannot_be_written(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "a.ipynb").write_bytes(canonical(CLEAN))
    missing = tmp_path / "none" / "summary.md"
    result = call(
        tmp_path,
        command,
        "--format",
        "github",
        GITHUB_STEP_SUMMARY=str(missing),
    )
    assert result.returncode == 0
    assert b"cannot be written: no such file or directory" in result.stderr


@pytest.mark.parametrize("command", ["check", "lint", "clean"])
def test_what_cannot_be_read_is_told_and_the_rest_goes_on(
    tmp_path: Path, command: str
) -> None:
    os.mkfifo(tmp_path / "fifo.ipynb")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "good.ipynb").write_bytes(canonical(CLEAN))
    (tmp_path / "broken.ipynb").write_bytes(b"{")
    (tmp_path / "folder.ipynb").mkdir()
    result = call(tmp_path, command, ".", "loop", "none", "none/x.ipynb")
    assert result.returncode == 2
    said = (result.stdout + result.stderr).decode()
    assert "fifo.ipynb" in said
    assert "not a regular file" in said
    assert "too many levels of symbolic links" in said
    assert said.count("cannot be read: no such file or directory") == 2
    assert "6 " in said.splitlines()[-1]
    if command != "clean":
        again = call(tmp_path, command, "--warn-only", "broken.ipynb")
        assert again.returncode == 2


def test_a_mobu_yaml_that_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mobu.yaml")
    for arguments in ([], ["mobu.yaml"]):
        result = call(tmp_path, "lint", *arguments)
        assert result.returncode == 2
        assert b"mobu.yaml:1: error: it cannot be read" in result.stdout


def test_a_folder_that_cannot_be_listed_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "a.ipynb").write_bytes(b"{")
    listed = os.scandir

    def scandir(path: Any) -> Any:
        # Permissions do not hold back root, who runs the tests in CI.
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert list(notebooks([tmp_path])) == [
        tmp_path / "open" / "a.ipynb",
        tmp_path / "closed",
    ]


@pytest.mark.parametrize("command", ["check", "clean", "lint"])
def test_a_file_of_many_names_is_one(tmp_path: Path, command: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.ipynb").write_bytes(BEFORE)
    (tmp_path / "folder").symlink_to(".")
    (tmp_path / "link.ipynb").symlink_to("a.ipynb")
    names = ["sub/../a.ipynb", "a.ipynb", ".", "folder", "link.ipynb"]
    for _ in names:
        result = call(tmp_path, command, *names)
        assert result.returncode == (command == "check")
        assert result.stderr.decode().startswith("1 ")
        (tmp_path / "a.ipynb").write_bytes(BEFORE)
        names = [*names[1:], names[0]]


@pytest.mark.parametrize("command", ["check", "lint"])
@pytest.mark.parametrize("style", FORMATS)
def test_an_output_that_is_full_is_told(
    tmp_path: Path, command: str, style: str
) -> None:
    (tmp_path / "a.ipynb").write_bytes(b"{")
    program = [sys.executable, "-m", "rsp_health.cli.main"]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [*program, command, "--format", style],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )
    assert result.returncode == 3
    said = "Error: The output cannot be written: no space left on device."
    assert result.stderr.splitlines()[0] == said
    assert "Traceback" not in result.stderr


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    script = 'rmdir ../gone; exec "$@"'
    program = [sys.executable, "-m", "rsp_health.cli.main", "lint"]
    result = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *program],
        cwd=tmp_path / "gone",
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 2
    assert (
        result.stderr.splitlines()[0] == "Error: The current folder is gone."
    )


CLOSED = """
import os, sys
from pathlib import Path
# All that is imported late, while it may still be read.
import rsp_health.cleaning.annotations
import rsp_health.cleaning.lint.linter
import rsp_health.cli.commands.lint
import rsp_health.cli.main
import rsp_health.platform.environment
from rsp_health.cleaning.inplace import Source
from rsp_health.notebooks.finder import notebooks
from rsp_health.cleaning.policy import PolicyFinder
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for path in notebooks([Path.cwd()]):
    PolicyFinder()(path)
    print(path.name, Source.read(path).outcome.message)
rsp_health.cli.main.main(["lint", "."])
"""


@pytest.fixture
def common() -> Iterator[Path]:
    """Return a folder that everybody may search, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in folder.iterdir():
            path.chmod(0o700)


def test_folders_that_may_be_listed_only_or_not_even_that(
    common: Path,
) -> None:
    for name, mode in (("listed", 0o444), ("closed", 0)):
        (common / name).mkdir()
        (common / name / f"{name}.ipynb").write_bytes(BEFORE)
        (common / name).chmod(mode)
    result = subprocess.run(
        [sys.executable, "-c", CLOSED],
        cwd=common,
        capture_output=True,
        check=False,
        text=True,
    )
    assert "Traceback" not in result.stderr
    assert result.returncode == 2
    assert sorted(result.stdout.splitlines()) == [
        "closed cannot be read: permission denied",
        (
            "closed:1: error: it cannot be read: permission denied "
            "[unreadable-file]"
        ),
        "listed.ipynb cannot be read: permission denied",
        (
            "listed/listed.ipynb:1: error: it cannot be read: permission "
            "denied [unreadable-file]"
        ),
    ]
