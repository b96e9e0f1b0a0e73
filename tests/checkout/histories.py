"""A long, ordinary history, made by script: what teams' repositories hold.

Two hundred notebooks in folders by application, names with spaces and other
scripts, branches with merges, tags of both kinds, links, executables, pointers
of Git LFS, files that moved and files that went.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.faults.checkout.homes import notebook

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOKS = 200
COMMITS = 120

_APPLICATIONS = [
    "tap",
    "portal",
    "image service",
    "données publiques",
    "データ",
    "Übersicht",
    "squareone",
    "deep/er/still",
]
_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:{oid:064x}\nsize {size}\n"
)


def name_of(index: int) -> str:
    """Return the path of a notebook."""
    folder = _APPLICATIONS[index % len(_APPLICATIONS)]
    style = ("check-{}", "Check {} of all", "vérifier_{}", "{} 確認")[
        index % 4
    ]
    return f"{folder}/{style.format(index)}.ipynb"


class _Stream:
    """Writes what ``git fast-import`` reads."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._time = 1_600_000_000

    def line(self, text: str) -> None:
        self.data += text.encode() + b"\n"

    def content(self, text: str) -> None:
        data = text.encode()
        self.line(f"data {len(data)}")
        self.data += data + b"\n"

    def commit(
        self, branch: str, message: str, *, start: str = "", merge: str = ""
    ) -> None:
        self._time += 3600
        self.line(f"commit refs/heads/{branch}")
        for role in ("author", "committer"):
            self.line(f"{role} Zoë Müller <z@example.org> {self._time} +0100")
        self.content(message)
        if start:
            self.line(f"from refs/heads/{start}")
        if merge:
            self.line(f"merge refs/heads/{merge}")

    def file(self, path: str, text: str, mode: str = "100644") -> None:
        quoted = path.replace("\\", "\\\\").replace('"', '\\"')
        self.line(f'M {mode} inline "{quoted}"')
        self.content(text)


def make_history(folder: Path) -> None:
    """Make a bare repository with that history."""
    stream = _Stream()
    stream.commit("main", "Begin")
    stream.file(".gitignore", ".ipynb_checkpoints/\n*.log\n")
    stream.file(
        ".gitattributes", "*.fits filter=lfs diff=lfs merge=lfs -text\n"
    )
    stream.file("README.md", "# Checks\n")
    stream.file("bin/run all.sh", "#!/bin/sh\n", "100755")
    stream.file("latest", "README.md", "120000")
    for index in range(10):
        stream.file(
            f"data/image {index}.fits",
            _POINTER.format(oid=index, size=1000 + index),
        )
    for index in range(NOTEBOOKS):
        stream.file(name_of(index), notebook(f"print({index})"))
    for step in range(COMMITS):
        stream.commit("main", f"Mend check {step} — naïvely\n\nBecause.")
        index = step % NOTEBOOKS
        stream.file(name_of(index), notebook(f"print({index}, {step})"))
        if step % 20 == 5:
            stream.file(f"moved/{step}.ipynb", notebook("moved"))
        if step % 20 == 15:
            stream.line(f'D "moved/{step - 10}.ipynb"')
        if step % 30 == 10:
            topic = f"tickets/DM-{40000 + step}"
            stream.commit(topic, f"Try {step}", start="main")
            stream.file(f"new {step}.ipynb", notebook("new"))
            stream.commit("main", f"Merge {topic}", merge=topic)
            stream.file(f"new {step}.ipynb", notebook("new"))
        if step % 40 == 20:
            stream.line(f"reset refs/tags/w_2026_{step}")
            stream.line("from refs/heads/main")
            stream.line(f"tag v{step}")
            stream.line("from refs/heads/main")
            stream.line("tagger Zoë Müller <z@example.org> 1600000000 +0100")
            stream.content(f"Version {step}")
    stream.commit("users/zoë/größer", "Work", start="main")
    stream.file("zoë.ipynb", notebook("zoë"))
    subprocess.run(
        ["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True
    )
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=folder,
        input=bytes(stream.data),
        check=True,
    )
