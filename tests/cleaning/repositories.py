"""Real repositories for the tests of the git filter."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

__all__ = ["Repository", "use_no_settings"]


def use_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of this machine's user away from git."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ann@example.com")


class Repository:
    """A work tree and git in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def try_git(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            capture_output=True,
            check=False,
            timeout=100,
        )

    def git(self, *arguments: str) -> str:
        result = self.try_git(*arguments)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode()

    def write(self, name: str, data: bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def blob(self, name: str) -> bytes:
        return self.try_git("cat-file", "blob", f":{name}").stdout

    def staged(self) -> list[str]:
        return self.git("diff", "--cached", "--name-only").split()

    def status(self) -> str:
        return self.git("status", "--porcelain")
