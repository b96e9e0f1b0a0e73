"""Which packages a kernel's Python has, and which have changed."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

from ...errors import RSPHealthError, UnreadableFileError
from ...files import read_json
from ..kernels.spec import find_kernelspec
from .models import VersionChange

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..record.run_folder import RunFolder

__all__ = ["changes", "keep_packages", "kept_packages", "packages_of"]

#: Run by the kernel's Python, in isolated mode as far as packages allow.
_ASK = (
    "import json, sys\n"
    "from importlib.metadata import distributions\n"
    "found = [('Python', sys.version.split()[0])]\n"
    "found += [(d.metadata['Name'], d.version) for d in distributions()]\n"
    "print('\\n' + json.dumps([one for one in found if all(one)]))\n"
)
_PATIENCE_S = 120
_MOST_BYTES = 4 << 20
_SEPARATORS = re.compile(r"[-_.]+")

type Packages = dict[str, str]


def packages_of(
    kernels: set[str], variables: Mapping[str, str], folder: Path
) -> Packages | None:
    """Ask the Pythons of these kernels which packages they have.

    `None` if one of them runs no Python that can be asked.

    Parameters
    ----------
    kernels
        Names of kernelspecs.
    variables
        The environment of the kernels.
    folder
        Where they are asked.
    """
    versions: dict[str, set[str]] = {}
    for name in sorted(kernels):
        try:
            spec = find_kernelspec(name)
        except RSPHealthError:
            return None
        command = _command(list(spec.command("")))
        asked = command and _ask(command, {**variables, **spec.env}, folder)
        if not asked:
            return None
        for package, version in asked.items():
            versions.setdefault(package, set()).add(version)
    # Kernels may have different ones: all are told.
    return {name: " and ".join(sorted(x)) for name, x in versions.items()}


def _command(argv: list[str]) -> list[str] | None:
    """Return what runs our question as the kernelspec runs ipykernel.

    A script before it, which prepares an environment as on the RSP, is run
    as well.
    """
    for at, word in enumerate(argv[:-1]):
        if word == "-m" and argv[at + 1].startswith("ipykernel"):
            return [*argv[:at], "-c", _ASK]
    return None


def _ask(
    command: list[str], variables: Mapping[str, str], folder: Path
) -> Packages | None:
    try:
        done = subprocess.run(
            command,
            env=dict(variables),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=True,
        )
        # A launcher may say something of its own first.
        pairs = json.loads(done.stdout[-_MOST_BYTES:].splitlines()[-1])
        # The first one on the path is the one that is imported.
        return _packages(dict(reversed(pairs)))
    except (
        OSError,
        subprocess.SubprocessError,
        ValueError,
        TypeError,
        IndexError,
    ):
        return None


def _packages(found: object) -> Packages | None:
    if not isinstance(found, dict):
        return None
    return {
        _SEPARATORS.sub("-", str(name)).lower(): str(version)
        for name, version in found.items()
    }


def keep_packages(folder: RunFolder, packages: Packages) -> None:
    """Keep them with a run; without them, only versions are not compared.

    Raises
    ------
    OSError
        Raised if they cannot be written.
    """
    text = json.dumps(packages, indent=1, sort_keys=True)
    (folder.path / "packages.json").write_text(text, encoding="utf-8")


def kept_packages(folder: RunFolder) -> Packages | None:
    """Return what was kept with a run, if it was."""
    try:
        return _packages(
            read_json(folder.path / "packages.json", limit=_MOST_BYTES)
        )
    except UnreadableFileError:
        return None


def changes(before: Packages, after: Packages) -> list[VersionChange]:
    """Return which packages are others now."""
    return [
        VersionChange(
            package=name, before=before.get(name), after=after.get(name)
        )
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
