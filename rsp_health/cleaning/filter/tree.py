"""The git filter of a checkout: set up without asking the tree's own git.

A checkout may have been changed by anybody since it was made, and its
configuration can name commands. So nothing here lets git read it as a
repository: settings are written with ``git config --file``, and attributes
are looked up through an empty git directory.
"""

from __future__ import annotations

import os
import stat
from functools import partial
from typing import TYPE_CHECKING

from ...errors import EnvironmentFailureError
from ...files import to_user_error
from ...git.once import run_git
from ...notebooks.finder import is_notebook
from ...platform.environment import LabEnvironment
from . import setup
from .attribute_lookup import (
    NEW_NOTEBOOKS,
    bind_and_check,
    filters,
    refuse_others,
)
from .binding import (
    FILTER,
    is_current,
    read_attributes,
    read_lines,
    unbind,
    write_attributes,
)
from .binding import (
    is_bound as lines_bind,
)
from .kept_notebooks import with_outputs

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

__all__ = ["begin_trial", "install", "is_bound", "is_stale", "remove"]

_KEY = f"filter.{FILTER}"
_SETTINGS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CEILING_DIRECTORIES": "/",
    "HOME": os.devnull,
    "LC_ALL": "C.UTF-8",
}
_MAX_NOTEBOOKS = 100_000


def begin_trial() -> Future[str]:
    """Begin to try the filter's program; `install` awaits the result."""
    return setup.begin_trial()


def install(
    tree: Path, *, is_fresh: bool = False, trial: Future[str] | None = None
) -> list[str]:
    """Install the filter into a work tree whose top this is.

    Parameters
    ----------
    tree
        The work tree.
    is_fresh
        Whether all in it is as upstream has it. Notebooks that have outputs
        then are left alone from now on.
    trial
        From `begin_trial`; without it the program is tried now.

    Returns
    -------
    list of str
        Notebooks that are left alone because of that.

    Raises
    ------
    rsp_health.errors.ConflictError
        Raised with code ``filter_bound`` if notebooks have another filter,
        with code ``attributes_unclear`` if the repository's attributes are
        beyond us. Nothing is changed then.
    rsp_health.errors.EnvironmentFailureError
        Raised if the filter does not run, or the tree is none that we can
        write to.
    """
    config, attributes = _files(tree)
    git = partial(_git, folder=tree)
    lines, paths = read_attributes(attributes), _notebooks(tree)
    found = filters(git, tree, lines, paths)
    refuse_others(found, tree)
    program = trial.result() if trial else setup.working_command()
    kept = None
    if is_fresh:
        filtered = [path for path in paths if found.get(path) != "unset"]
        kept = with_outputs(tree, filtered)
    lines = bind_and_check(git, tree, lines, paths, kept=kept)
    # First what it does, then where it is bound: a crash in between leaves
    # a section that nothing uses.
    _git("config", "--file", str(config), f"{_KEY}.process", program)
    _git("config", "--file", str(config), f"{_KEY}.required", "true")
    write_attributes(attributes, lines)
    return kept or []


def remove(tree: Path) -> None:
    """Remove the filter; fine if it is not there."""
    config, attributes = _files(tree)
    lines = read_attributes(attributes)
    if unbind(lines) != lines:
        write_attributes(attributes, unbind(lines))
    if _setting(config, "process"):
        _git("config", "--file", str(config), "--remove-section", _KEY)


def is_bound(tree: Path) -> bool:
    """Whether the top of a work tree has our filter; runs no git."""
    try:
        return lines_bind(read_lines(tree / ".git/info/attributes"))
    except OSError:
        return False


def is_stale(tree: Path) -> bool:
    """Whether a work tree's filter is not this installation's."""
    config, attributes = _files(tree)
    return _setting(config, "process") != setup.command() or not is_current(
        read_attributes(attributes)
    )


def _files(tree: Path) -> tuple[Path, Path]:
    """Return the files that we write, if they are the tree's own."""
    git_dir = tree / ".git"
    config, info = git_dir / "config", git_dir / "info"
    attributes = info / "attributes"
    wanted = [(git_dir, stat.S_ISDIR), (config, stat.S_ISREG)]
    wanted += [(info, stat.S_ISDIR)] if os.path.lexists(info) else []
    wanted += (
        [(attributes, stat.S_ISREG)] if os.path.lexists(attributes) else []
    )
    for path, is_kind in wanted:
        try:
            if is_kind(path.lstat().st_mode):
                continue
        except OSError as exc:
            raise to_user_error(exc, f"look at {path}") from exc
        raise EnvironmentFailureError(
            f"{path} is not what git makes there.",
            hint="It is left alone. Look at it, or check out again.",
            code="odd_git_folder",
        )
    return config, attributes


def _notebooks(tree: Path) -> list[str]:
    """Return the notebooks below the tree, and one to come."""
    paths = [*NEW_NOTEBOOKS]
    for parent, folders, names in tree.walk():
        folders[:] = [name for name in folders if name != ".git"]
        paths += [
            os.path.relpath(parent / name, tree)
            for name in names
            if is_notebook(name)
        ]
        if len(paths) > _MAX_NOTEBOOKS:
            break
    return paths


def _setting(config: Path, name: str) -> str:
    return _git("config", "--file", str(config), f"{_KEY}.{name}").strip()


def _git(*arguments: str, folder: Path | None = None, stdin: str = "") -> str:
    """Run git with nothing of the user's; empty if it says no (code 1)."""
    result = run_git(
        list(arguments),
        folder=folder or "/",
        stdin=stdin,
        environment={
            "PATH": LabEnvironment.from_process().get("PATH") or os.defpath,
            **_SETTINGS,
        },
    )
    if result.returncode not in (0, 1):
        said = result.stderr.decode(errors="replace").strip()
        raise EnvironmentFailureError(
            f"git {arguments[0]} failed: {said[:300]}",
            hint="Check the checkout's .git folder, or check out again.",
            code="git_failed",
        )
    return os.fsdecode(result.stdout)
