"""What ``clean``, ``check`` and ``lint`` share: names of files, and reports."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..context import CliContext

__all__ = [
    "add_to_step_summary",
    "chosen_style",
    "explicit_paths",
    "reported_from",
    "shown",
]


def explicit_paths(context: CliContext, paths: Iterable[Path]) -> list[Path]:
    """Return the paths that were named, within ``--root`` if that was given.

    A hook or a CI job works where the repository is; only who asks for a
    root is held to it.
    """
    named = list(paths)
    if context.root_option is not None:
        from ...files import resolve_inside

        for path in named:
            resolve_inside(context.root, path.absolute())
    return named


def chosen_style(context: CliContext, style: str | None) -> str:
    """Return how to tell: as asked, else as fits where we are."""
    if context.as_json:
        return "json"
    if style is not None:
        return style
    in_workflow = context.environment.get("GITHUB_ACTIONS") == "true"
    return "github" if in_workflow else "text"


def reported_from(context: CliContext, style: str) -> Path | None:
    """Return the folder that names in a report start from.

    GitHub knows a file by its path in the repository, wherever in it a step
    runs. `None` is the current folder.
    """
    workspace = context.environment.get("GITHUB_WORKSPACE")
    if style not in ("github", "sarif") or not workspace:
        return None
    return Path(workspace)


def shown(path: str | Path, base: Path | None = None) -> str:
    """Return a path as a person would say it here.

    Parameters
    ----------
    path
        An absolute path.
    base
        Where names start from; `None` is the current folder.
    """
    path = Path(path)
    base = base or Path.cwd()
    if path.is_relative_to(base):
        return os.path.relpath(path, base)
    # One of the two may have been reached through a link.
    real = Path(os.path.realpath(path.parent), path.name)
    if real.is_relative_to(top := os.path.realpath(base)):
        return os.path.relpath(real, top)
    return str(path)


def add_to_step_summary(context: CliContext, style: str, text: str) -> None:
    """Add Markdown to the summary of the workflow's step, if there is one."""
    target = context.environment.get("GITHUB_STEP_SUMMARY")
    if not target or style != "github":
        return
    try:
        with Path(target).open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as exc:
        # The judgement stands without it.
        why = os.strerror(exc.errno or 0).lower()
        click.echo(
            f"The step summary {printable(target)} cannot be written: {why}",
            err=True,
        )
