"""A lab as a value: variables, a home, and what checks find in it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from rsp_health.doctor.context import Context
from rsp_health.doctor.models import Finding
from rsp_health.doctor.one_check import find
from rsp_health.platform.environment import LabEnvironment

__all__ = ["Lab"]

ROOT = Path(__file__).parents[2]


@dataclass
class Lab:
    """A lab that tests break, and checks look at."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    mounts: tuple[Path, ...] = ()

    def context(self, **changes: Any) -> Context:
        """Return what checks look at."""
        variables = {"HOME": str(self.home), **self.variables}
        options: dict[str, Any] = {
            "environment": LabEnvironment(
                variables=variables, mounts=self.mounts
            ),
            "find_data_dir": lambda: self.home / ".rsp-health",
            "account_home": self.home,
        }
        return Context(**(options | changes))

    def look(self, check: str, **changes: Any) -> Finding:
        """Run a check in this process."""
        return find(check, self.context(**changes))

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file below the home."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        return path

    def isolated(
        self,
        check: str,
        script: str,
        *arguments: str,
        notebook: str = "",
        places: tuple[str, ...] = (),
    ) -> Finding:
        """Run a check after a script, in a mount namespace of their own.

        ``$HOME`` of the script is the lab's home.
        """
        done = subprocess.run(
            [
                *namespace(),
                *("sh", "-ec", script + '; exec "$@"', "sh"),
                *arguments,
                *(sys.executable, "-m", "tests.doctor.look_at"),
                *(check, str(self.home), notebook, *places),
            ],
            cwd=ROOT,
            env={**os.environ, **self.variables, "HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return Finding.model_validate_json(done.stdout)


def namespace() -> list[str]:
    """Return what makes a mount namespace; skip where there is no way."""
    words = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-Urm"]
    try:
        done = subprocess.run(
            [*words, "true"], check=False, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare")
    if done.returncode != 0:
        pytest.skip("no mount namespaces here")
    return words


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    home = tmp_path / "home"
    home.mkdir()
    return Lab(home)
