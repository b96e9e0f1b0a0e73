"""The hooks in a real repository, under real pre-commit and prek.

Prints what their environment weighs and how long it takes to install, and
holds the outcome to the issue: a commit with outputs is fixed, a check
blocks, lint finds each seeded fault. Needs a package index.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cleaning.notebooks import CLEAN, DIRTY, canonical, code_cell

__all__ = ["main"]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

#: What the linter must find, each in a file of its own.
TOKEN = "gt-" + "A" * 22 + "." + "b" * 22
SEEDED = {
    "mobu-yaml-unknown-key": ("mobu.yaml", b"exclude: [a]\n"),
    "required-services": (
        "old.ipynb",
        canonical({**CLEAN, "metadata": {"mobu": {"required_services": []}}}),
    ),
    "cell-id-changed": (
        "ids.ipynb",
        canonical({**CLEAN, "cells": [code_cell(id="changed")]}),
    ),
    "secret-token": (
        "token.ipynb",
        canonical(
            {**CLEAN, "cells": [{**code_cell(), "source": f"t = '{TOKEN}'"}]}
        ),
    ),
    "secret-header": (
        "header.ipynb",
        canonical(
            {
                **CLEAN,
                "cells": [
                    {
                        **code_cell(),
                        "source": "Authorization: Bearer abcdef0123456789",
                    }
                ],
            }
        ),
    ),
}


class _User:
    """A repository with our hooks, and its owner's commands."""

    def __init__(self, scratch: Path, tool: str) -> None:
        self.folder = scratch / "repository"
        self.folder.mkdir()
        self.home = scratch / "home"
        self.home.mkdir()
        self.tool = str(BIN / tool)
        # Once: whoever commits meanwhile would make a second environment.
        self.rev = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        # The interpreters that a machine has, best first; none from the net.
        bases = [str(Path(sys.base_prefix) / "bin"), str(BIN)]
        self.environment = {
            **os.environ,
            "PATH": ":".join([*bases, "/usr/bin", "/bin"]),
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "PRE_COMMIT_HOME": str(self.home / "pre-commit"),
            "PREK_HOME": str(self.home / "prek"),
            "UV_PYTHON_DOWNLOADS": "never",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        for role in ("AUTHOR", "COMMITTER"):
            self.environment[f"GIT_{role}_NAME"] = "Ann"
            self.environment[f"GIT_{role}_EMAIL"] = "ann@example.com"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def must(self, *command: str) -> str:
        result = self.run(*command)
        if result.returncode:
            said = result.stdout + result.stderr
            raise RuntimeError(f"{' '.join(command)} failed:\n{said}")
        return result.stdout

    def hooks(self, *ids: str) -> None:
        lines = "".join(f"      - id: {id_}\n" for id_ in ids)
        (self.folder / ".pre-commit-config.yaml").write_text(
            f"repos:\n  - repo: file://{ROOT}\n    rev: {self.rev}\n"
            f"    hooks:\n{lines}"
        )
        self.must("git", "add", ".pre-commit-config.yaml")

    def weight(self) -> int:
        """Return the bytes of the hooks' environment."""
        patterns = ("pre-commit/repo*/py_env*", "prek/hooks/python-*")
        return sum(
            path.lstat().st_size
            for pattern in patterns
            for folder in self.home.glob(pattern)
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        )


def _walk(user: _User) -> tuple[float, list[str]]:
    """Live through the issue's story; return the install time and faults."""
    wrong = []
    (user.folder / "ids.ipynb").write_bytes(canonical(CLEAN))
    user.must("git", "init", "-q")
    user.must("git", "add", ".")
    user.must("git", "commit", "-qm", "one")
    # A commit with outputs is stopped, and its files are clean then.
    user.hooks("rsp-health-clean")
    user.must(user.tool, "install")
    start = time.perf_counter()
    # prek renamed the command, and still knows the old name for a while.
    if user.run(user.tool, "install-hooks").returncode:
        user.must(user.tool, "prepare-hooks")
    seconds = time.perf_counter() - start
    path = user.folder / "a.ipynb"
    path.write_bytes(canonical(DIRTY))
    user.must("git", "add", ".")
    result = user.run("git", "commit", "-qm", "two")
    if result.returncode == 0 or path.read_bytes() != canonical(CLEAN):
        wrong.append(f"clean did not fix: {result.stderr}")
    user.must("git", "add", ".")
    user.must("git", "commit", "-qm", "two")
    if "secret" in user.must("git", "show", "HEAD:a.ipynb"):
        wrong.append("an output is in the commit")
    # A check blocks, and writes nothing.
    user.hooks("rsp-health-check")
    path.write_bytes(canonical(DIRTY))
    user.must("git", "add", ".")
    result = user.run("git", "commit", "-qm", "three")
    if result.returncode == 0 or path.read_bytes() != canonical(DIRTY):
        wrong.append("check did not block")
    path.write_bytes(canonical(CLEAN))
    user.must("git", "add", ".")
    user.must("git", "commit", "-qm", "three")
    # Lint finds what was seeded, each by its own commit.
    user.hooks("rsp-health-lint")
    user.must("git", "commit", "-qm", "four")
    for rule, (name, data) in SEEDED.items():
        (user.folder / name).write_bytes(data)
        user.must("git", "add", ".")
        result = user.run("git", "commit", "-qm", rule)
        if result.returncode == 0 or f"[{rule}]" not in (
            result.stdout + result.stderr
        ):
            wrong.append(f"lint did not find {rule}")
        user.must("git", "reset", "-q", "--hard")
    return seconds, wrong


def main(argv: list[str]) -> int:
    """Print the weights and times; return 1 if an outcome is wrong."""
    del argv
    failed = False
    for tool in ("pre-commit", "prek"):
        with tempfile.TemporaryDirectory(prefix="bench-hooks-") as folder:
            user = _User(Path(folder), tool)
            try:
                seconds, wrong = _walk(user)
            except RuntimeError as exc:
                seconds, wrong = 0.0, [str(exc)]
            megabytes = user.weight() / 1e6
        print(f"{tool:10} environment {megabytes:5.1f} MB in {seconds:5.1f} s")
        for line in wrong:
            print(f"  WRONG {line}")
        failed |= bool(wrong)
    print("clean fixes, check blocks, lint finds", len(SEEDED), "faults:")
    print("  no" if failed else "  yes, under both")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
