"""Builds the wheel: all of it, or only what the pre-commit hooks need.

pre-commit and prek install a hook by ``pip install .`` in a clone of this
repository. The whole wheel would need Node for the front end and pull in
jupyter-server; a hook that strips outputs needs neither. So the hooks ask
(`.pre-commit-hooks.yaml`, ``additional_dependencies``) for another wheel of
the same name with

    --config-settings=rsp-health=hooks

whose metadata is `.hooks/pyproject.toml` and whose version ends in ``+hooks``.
Every other build goes straight to hatchling.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling import build as hatchling
from hatchling.build import (
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]

_Settings = dict[str, Any] | None
_HERE = Path(__file__).parent


def get_requires_for_build_wheel(
    config_settings: _Settings = None,
) -> list[str]:
    """Return what this build needs beside ``build-system.requires``."""
    if _for_hooks(config_settings):
        return []
    return hatchling.get_requires_for_build_wheel(config_settings)


def build_wheel(
    wheel_directory: str,
    config_settings: _Settings = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel that was asked for; return its file name."""
    if not _for_hooks(config_settings):
        return hatchling.build_wheel(
            wheel_directory, config_settings, metadata_directory
        )
    target = str(Path(wheel_directory).absolute())
    with _small_tree():
        return hatchling.build_wheel(target, {})


# hatchling leaves these out for pip, which then reads the wheel itself.
if hasattr(hatchling, "prepare_metadata_for_build_editable"):
    prepare_metadata_for_build_editable = (
        hatchling.prepare_metadata_for_build_editable
    )

if hasattr(hatchling, "prepare_metadata_for_build_wheel"):

    def prepare_metadata_for_build_wheel(
        metadata_directory: str, config_settings: _Settings = None
    ) -> str:
        """Write the metadata of the wheel that was asked for."""
        prepare = hatchling.prepare_metadata_for_build_wheel
        if not _for_hooks(config_settings):
            return prepare(metadata_directory, config_settings)
        target = str(Path(metadata_directory).absolute())
        with _small_tree():
            return prepare(target, {})


def _for_hooks(settings: _Settings) -> bool:
    wanted = (settings or {}).get("rsp-health")
    # A frontend hands over a list where an option is given twice.
    return wanted in ("hooks", ["hooks"])


@contextlib.contextmanager
def _small_tree() -> Iterator[None]:
    """Work in a copy that holds the package and the hooks' metadata."""
    root = _HERE.parent
    version = json.loads((root / "package.json").read_text("utf-8"))["version"]
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="rsp-health-hooks-") as name:
        tree = Path(name)
        shutil.copytree(
            root / "rsp_health",
            tree / "rsp_health",
            ignore=shutil.ignore_patterns("_labextension", "__pycache__"),
        )
        metadata = (_HERE / "pyproject.toml").read_text("utf-8")
        (tree / "pyproject.toml").write_text(
            metadata.replace("0.0.0+hooks", f"{version}+hooks"), "utf-8"
        )
        (tree / "rsp_health" / "_version.py").write_text(
            f'__version__ = "{version}"\n', "utf-8"
        )
        shutil.copy(root / "LICENSE", tree)
        os.chdir(tree)
        try:
            yield
        finally:
            os.chdir(before)
